"""Reader and checks for a request from a container to the egress proxy.

h11 parses the head, and the head that is sent on is written from the result. So nothing ambiguous
(folded lines, two lengths, bare line feeds) reaches a server.
"""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import h11

MAX_HEAD = 16 * 1024
_WEB_PORTS = {"http": 80, "https": 443}
_READING = ("GET", "HEAD")
_HOP_BY_HOP = frozenset(
    {
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer"),
        *("transfer-encoding", "upgrade", "proxy-connection", "content-length", "expect", "host"),
    }
)
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{1,253}):([0-9]{1,5})")
_UNPRINTABLE = re.compile(r"[^ -~]+")
_SHOWN = 200
_LAST_PORT = 65535


class RefusedRequestError(Exception):
    """A refused request; the answer has `status` and `reason` (one printable line)."""

    def __init__(self, status: int, reason: str) -> None:
        self.status = status
        self.reason = _UNPRINTABLE.sub("?", reason)[:_SHOWN]
        super().__init__(self.reason)


@dataclass(frozen=True, slots=True)
class Request:
    """A request: a tunnel to `host` and `port`, or a read of `path` there."""

    method: str
    host: str
    port: int
    path: str = ""
    headers: tuple[tuple[bytes, bytes], ...] = ()

    @property
    def tunnel(self) -> bool:
        """Whether the request is a CONNECT."""
        return self.method == "CONNECT"

    @property
    def authority(self) -> str:
        """`host:port`, as in CONNECT."""
        return f"{bracketed(self.host)}:{self.port}"

    def head(self, target: str, *more: tuple[str, str]) -> bytes:
        """Return the bytes to send on for a request of `target`, with `more` headers."""
        usual = not self.tunnel and self.port == _WEB_PORTS["http"]
        host = bracketed(self.host) if usual else self.authority
        own = [("Host", host), *more, ("Connection", "close")]
        encoded = [(name.encode(), value.encode()) for name, value in own]
        out = h11.Connection(h11.CLIENT)
        headers = [*encoded, *self.headers]
        sent = out.send(h11.Request(method=self.method, target=target, headers=headers))
        return sent or b""


def bracketed(host: str) -> str:
    """Return a host for an authority: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host


class RequestReader:
    """Incremental reader of one request; bytes after its head are dropped."""

    def __init__(self) -> None:
        self._connection = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)

    def feed(self, data: bytes) -> Request | None:
        """Add bytes; return the request once its head is complete, else None.

        Raises RefusedRequestError for an invalid or unsupported request.
        """
        self._connection.receive_data(data)
        try:
            event = self._connection.next_event()
        except h11.RemoteProtocolError as error:
            why = f"this is no HTTP/1.1 request: {error}"
            raise RefusedRequestError(error.error_status_hint, why) from error
        if event is h11.NEED_DATA:
            return None
        if not isinstance(event, h11.Request):
            raise RefusedRequestError(400, "this is no HTTP/1.1 request")
        return _judged(event)


def _judged(event: h11.Request) -> Request:
    method, target = event.method.decode("ascii"), event.target.decode("latin-1")
    names = [name for name, _ in event.headers]
    for name, value in event.headers:
        if name == b"transfer-encoding" or (name == b"content-length" and value != b"0"):
            raise RefusedRequestError(413, "a request with a body needs a tunnel (https)")
    if method == "CONNECT":
        host, port = _authority(target)
        return Request(method, host, port)
    if method not in _READING:
        raise RefusedRequestError(405, f"{method[:20]}: only GET, HEAD and CONNECT are served")
    if names.count(b"host") > 1:
        raise RefusedRequestError(400, "a request has one Host")
    host, port, path = _absolute(target)
    kept = tuple((name, value) for name, value in event.headers if name not in _dropped(event))
    return Request(method, host, port, path, kept)


def _dropped(event: h11.Request) -> frozenset[bytes]:
    """Return the names of hop-by-hop headers."""
    named = (value for name, value in event.headers if name == b"connection")
    words = {word.strip().lower() for value in named for word in value.split(b",")}
    return frozenset(words | {name.encode() for name in _HOP_BY_HOP})


def _authority(target: str) -> tuple[str, int]:
    found = _AUTHORITY.fullmatch(target)
    if found is None or not 0 < int(found[2]) <= _LAST_PORT:
        raise RefusedRequestError(400, f"CONNECT {target}: expected HOST:PORT")
    return found[1].strip("[]"), int(found[2])


def _absolute(target: str) -> tuple[str, int, str]:
    try:
        parts = urlsplit(target)
        port = parts.port
    except ValueError as error:
        raise RefusedRequestError(400, f"{target}: {error}") from error
    if parts.scheme.lower() != "http":
        raise RefusedRequestError(400, f"{target}: expected http://HOST/PATH, or CONNECT for https")
    if "@" in parts.netloc:
        raise RefusedRequestError(400, "an address with a user name in it is not passed on")
    written = parts.netloc if port is not None else f"{parts.netloc.rstrip(':')}:80"
    host, _ = _authority(written)
    return host, port if port is not None else _WEB_PORTS["http"], _path(parts)


def _path(parts: SplitResult) -> str:
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.path or '/'}{query}"
