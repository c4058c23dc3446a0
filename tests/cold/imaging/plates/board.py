"""A board of Dash: a figure of a plate's histogram, tables, a page of its own for the curve."""

import asyncio

import dash
import plotly.express as px
from dash import Input, Output, dash_table, dcc, html
from fastapi import Request, Response

board = dash.Dash(__name__, requests_pathname_prefix="/board/", routes_pathname_prefix="/board/", title="Plates")
board.layout = html.Div(
    [
        html.H1("Plates"),
        dcc.Dropdown(["hist", "box", "violin", "ecdf"], "hist", id="kind"),
        dcc.Graph(id="figure"),
        dash_table.DataTable([{"n": 1}, {"n": 2}], id="table", export_format="csv"),
        dcc.Markdown("**$e=mc^2$**", mathjax=True),
        dcc.Slider(0, 10, id="slider"),
    ]
)


@board.callback(Output("figure", "figure"), Input("kind", "value"))
def drawn(kind: str) -> object:
    values = {"x": [1, 2, 2, 3, 3, 3, 4]}
    if kind == "hist":
        return px.histogram(values, x="x", nbins=4)
    return getattr(px, kind)(values, x="x")


def _asked(path: str, method: str, query: str, body: bytes, content_type: str) -> tuple[int, dict[str, str], bytes]:
    with board.server.test_client() as client:
        reply = client.open("/board/" + path, method=method, query_string=query, data=body, content_type=content_type or None)
        return reply.status_code, {"content-type": reply.content_type or "text/plain"}, reply.get_data()


async def answered(path: str, request: Request) -> Response:
    body = await request.body()
    status, headers, said = await asyncio.to_thread(_asked, path, request.method, request.url.query, body, request.headers.get("content-type", ""))
    return Response(said, status, headers)
