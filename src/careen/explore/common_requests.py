"""Requests that any HTTP service may get."""

from careen.explore.trials import Try
from careen.tools.exchange import Request

_JSON = "application/json"


def common_tries() -> tuple[Try, ...]:
    """Return the requests that any HTTP service may get."""
    return (
        Try("GET /: the root", Request("GET", "/"), plain=True),
        Try("GET /careen-no-such-path: an unknown path", Request("GET", "/careen-no-such-path")),
        Try(
            "GET /careen/../etc/passwd: a path that leads out",
            Request("GET", "/careen/../../etc/passwd"),
        ),
        Try("POST /: a body for the root", Request("POST", "/", (("Content-Type", _JSON),), b"{}")),
        Try("HEAD /: the head alone", Request("HEAD", "/")),
        Try("OPTIONS *: what the server can do", Request("OPTIONS", "*")),
        Try(
            "OPTIONS /: a question of another origin",
            Request(
                "OPTIONS",
                "/",
                (("Origin", "http://localhost"), ("Access-Control-Request-Method", "POST")),
            ),
        ),
        Try(
            "GET /: packed", Request("GET", "/", (("Accept-Encoding", "gzip, br, zstd, deflate"),))
        ),
        Try(
            "GET /: in another language",
            Request("GET", "/", (("Accept-Language", "de-DE, de;q=0.5"), ("Accept", "text/html"))),
        ),
        Try("GET /: a part of it", Request("GET", "/", (("Range", "bytes=0-9"),))),
        Try(
            "GET /: a password that is wrong",
            Request(
                "GET",
                "/",
                (("Authorization", "Basic Y2FyZWVuOnNhaWw="), ("Cookie", "session=none")),
            ),
        ),
        Try("BREW /: an unknown method", Request("BREW", "/")),
        *(Try(f"GET {path}: a usual place", Request("GET", path), plain=False) for path in USUAL),
    )


USUAL = (
    "/health",
    "/healthz",
    "/metrics",
    "/docs",
    "/redoc",
    "/favicon.ico",
    "/robots.txt",
    "/static/",
    "/admin",
    "/version",
)
