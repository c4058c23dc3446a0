import logging

from pyramid.httpexceptions import HTTPNotFound
from pyramid.response import Response
from pyramid.view import exception_view_config, notfound_view_config, view_config

log = logging.getLogger(__name__)


@view_config(route_name="health", renderer="string")
def health(request):
    return "ok"


@view_config(route_name="boom")
def boom(request):
    raise RuntimeError("asked to")


@notfound_view_config(renderer="json")
def nowhere(request):
    request.response.status_int = 404
    return {"nowhere": request.path}


@exception_view_config(Exception, renderer="json")
def broken(error, request):
    log.exception("in %s", request.path)
    request.response.status_int = 500
    return {"error": type(error).__name__, "says": str(error).splitlines()[0][:160] if str(error) else ""}


@view_config(route_name="page")
def page(request):
    from pyramid.renderers import render_to_response

    try:
        return render_to_response(f"atlas:pages/{request.matchdict['name']}", {"n": 3, "names": ["b", "a"], "word": "<&>"}, request=request)
    except ValueError as error:
        raise HTTPNotFound(str(error)) from error


@view_config(route_name="facts", request_method="GET", renderer="json")
def fact(request):
    return request.facts.get(request.matchdict["name"])


@view_config(route_name="facts", request_method="PUT", renderer="json")
def keep(request):
    import transaction

    request.facts[request.matchdict["name"]] = request.json_body
    transaction.commit()
    return len(request.facts)


@view_config(route_name="form")
def form(request):
    from atlas.orders import made

    return Response(made(request), content_type="text/html", charset="utf-8")
