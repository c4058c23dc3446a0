from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates

pages = Jinja2Templates(directory="templates")


def front(request: Request) -> Response:
    return pages.TemplateResponse(request, "front.html", {"count": 3})


app = Starlette(routes=[Route("/", front)])
