"""One HTTP exchange with a deadline and a bounded body.

The server is not trusted: it may never answer, never stop, send a byte at a time, or send something
other than HTTP.
"""

import contextlib
import hashlib
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import h11

from careen.tools.content_encoding import decoded

LOCAL = "127.0.0.1"
BODY = 64 * 1024
HEAD_ONLY = 0
"""A value for `most`: return after the head without waiting for a body."""

HEAD = 64 * 1024
_CHUNK = 16 * 1024
_CONNECT = 5.0
_COOKIE = "set-cookie"
KEPT = frozenset(
    {
        *(
            "content-type",
            "content-encoding",
            "location",
            "allow",
            "www-authenticate",
            "retry-after",
            "cache-control",
            "accept-ranges",
        ),
        *(
            "access-control-allow-origin",
            "access-control-allow-headers",
            "access-control-allow-methods",
            _COOKIE,
            "upgrade",
            "vary",
            "content-disposition",
            "content-language",
            "link",
        ),
    }
)
CLOSED = "the connection was closed without an answer"
REFUSED = "the connection was refused"
LATE = "no answer in time"
NOT_HTTP = "the answer is no HTTP"
ENDLESS = "the answer did not end in time"
BROKEN = "the answer breaks off"


@dataclass(frozen=True, slots=True)
class Target:
    """The container's TCP port `port`, reached at `host_port` of 127.0.0.1, with TLS if `tls`."""

    port: int
    host_port: int
    tls: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a request, or why there was none.

    `status` is None without an answer, and `note` says why. `body` is cut off at the limit of the
    exchange; `headers` holds only those in `KEPT`.
    """

    status: int | None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    note: str = ""

    @property
    def text(self) -> str:
        """The decoded body as text, or its length and digest if it is not text."""
        return readable(decoded(self.body, self.headers.get("content-encoding", ""), BODY))


def digested(data: bytes) -> str:
    """Return the length and the SHA-256 of `data`, as text."""
    return f"{len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}"


def readable(data: bytes) -> str:
    """Return UTF-8 bytes as text; for other bytes, their length and SHA-256."""
    try:
        found = data.decode("utf-8")
    except UnicodeDecodeError as error:
        # The limit may cut off a character.
        if len(data) < BODY or error.start < len(data) - 4:
            return digested(data)
        found = data.decode("utf-8", "ignore")
    return found if "\0" not in found else digested(data)


def connect(target: Target, deadline: float) -> socket.socket:
    """Open a connection.

    Raises OSError, also when the deadline has passed.
    """
    link = socket.create_connection((LOCAL, target.host_port), timeout=_left(deadline, _CONNECT))
    if not target.tls:
        return link
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # the container's own certificate, on the loopback
    try:
        return context.wrap_socket(link)  # no SNI, as for any address
    except BaseException:
        link.close()
        raise


def _left(deadline: float, most: float = 3600.0) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return min(left, most)


def exchange(target: Target, request: Request, seconds: float, most: int = BODY) -> Reply:
    """Send a request and return its answer within `seconds`, with at most `most` bytes of the body.

    With `HEAD_ONLY` no body is read. Failures of the server are replies, not exceptions.
    """
    deadline = time.monotonic() + seconds
    try:
        with connect(target, deadline) as link:
            return _converse(link, target, request, deadline, most)
    except ConnectionRefusedError:
        return Reply(None, note=REFUSED)
    except TimeoutError:
        return Reply(None, note=LATE)
    except OSError:  # a reset, a broken pipe, a TLS alert
        return Reply(None, note=CLOSED)
    except h11.LocalProtocolError as error:
        return Reply(None, note=f"not sent: {error}")


def _converse(
    link: socket.socket, target: Target, request: Request, deadline: float, most: int
) -> Reply:
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD)
    given = {name.lower() for name, _ in request.headers}
    # The Host header has the container's port, so that answers that use it are the same each run.
    own = [
        ("Host", f"{LOCAL}:{target.port}"),
        ("Connection", "close"),
        ("Accept", "*/*"),
        ("User-Agent", "careen"),
    ]
    if request.body or request.method in {"POST", "PUT", "PATCH"}:
        own.append(("Content-Length", str(len(request.body))))
    headers = [
        *((name, value) for name, value in own if name.lower() not in given),
        *request.headers,
    ]
    out = (
        connection.send(h11.Request(method=request.method, target=request.target, headers=headers))
        or b""
    )
    if request.body:
        out += connection.send(h11.Data(data=request.body)) or b""
    out += connection.send(h11.EndOfMessage()) or b""
    # A server may answer and close before it has read the whole request.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        _send(link, out, deadline)
    return _receive(link, connection, deadline, most)


def _send(link: socket.socket, data: bytes, deadline: float) -> None:
    """Send all of `data` by the deadline."""
    # `sendall` would give each TLS record the whole timeout.
    left = memoryview(data)
    while left:
        link.settimeout(_left(deadline))
        left = left[link.send(left) :]


def _receive(link: socket.socket, connection: h11.Connection, deadline: float, most: int) -> Reply:
    status: int | None = None
    kept: dict[str, str] = {}
    body = bytearray()
    try:
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                link.settimeout(_left(deadline))
                connection.receive_data(link.recv(_CHUNK))
            elif isinstance(event, h11.Response):
                status = event.status_code
                kept = _kept(event)
                if most == HEAD_ONLY:
                    return Reply(status, kept)
            # switching protocols: what follows is not HTTP
            elif isinstance(event, h11.InformationalResponse) and event.status_code == 101:  # noqa: PLR2004
                return Reply(101, _kept(event))
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > most:
                    return Reply(
                        status,
                        kept,
                        bytes(body[:most]),
                        f"the body was cut off at {most // 1024} KiB",
                    )
            elif isinstance(event, h11.EndOfMessage | h11.ConnectionClosed) or event is h11.PAUSED:
                return Reply(status, kept, bytes(body), "" if status is not None else CLOSED)
    except h11.RemoteProtocolError:
        note = (
            NOT_HTTP
            if status is None and connection.trailing_data[0]
            else CLOSED
            if status is None
            else BROKEN
        )
        return Reply(status, kept, bytes(body), note)
    except TimeoutError:
        return Reply(status, kept, bytes(body), LATE if status is None else ENDLESS)
    except OSError:
        return Reply(status, kept, bytes(body), CLOSED if status is None else BROKEN)


def _kept(event: h11.Response | h11.InformationalResponse) -> dict[str, str]:
    """Return the headers in `KEPT`; of cookies, the names."""
    out: dict[str, str] = {}
    for raw, text in event.headers:
        name, value = raw.decode("latin-1").lower(), text.decode("latin-1")[:1024]
        if name == _COOKIE:
            # A cookie's value is a secret, and another one in each answer.
            names = {*out.get(name, "").split(", "), value.partition("=")[0].strip()}
            value = ", ".join(sorted(names - {""}))
        if name in KEPT and value:
            out[name] = value
    return out
