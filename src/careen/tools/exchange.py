"""One HTTP request and its answer, or bytes that are none: every exchange ends by its deadline, and
keeps a bounded part of what comes back.

The server is not trusted: it may never answer, answer for ever, a byte at a time, or with what is
no HTTP.
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
"""As the most bytes of a body: return once the head is there, and do not wait for a body."""

HEAD = 64 * 1024
_CHUNK = 16 * 1024
_CONNECT = 5.0
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
            "access-control-allow-methods",
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


@dataclass(frozen=True, slots=True)
class Target:
    """Where the container's TCP port `port` is reached: `host_port` of 127.0.0.1, in TLS if
    `tls`.
    """

    port: int
    host_port: int
    tls: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent. The Host header names the container's own port, so that what an answer derives
    from it is the same in each run.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: `status` None when no answer came, and `note` says why; text of at most 64
    KiB of the body; the headers that a client may rely on.
    """

    status: int | None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    note: str = ""

    @property
    def text(self) -> str:
        """The unpacked body as text; what is no text, as its length and digest."""
        return readable(decoded(self.body, self.headers.get("content-encoding", ""), BODY))


def digested(data: bytes) -> str:
    """Return how many bytes there are, and their sha256."""
    return f"{len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}"


def readable(data: bytes) -> str:
    """Return bytes as text, or, where they are none, how many there are and their sha256."""
    try:
        found = data.decode("utf-8")
    except UnicodeDecodeError as error:
        if len(data) < BODY or error.start < len(data) - 4:  # a letter may be cut off at the limit
            return digested(data)
        found = data.decode("utf-8", "ignore")
    return found if "\0" not in found else digested(data)


def connect(target: Target, deadline: float) -> socket.socket:
    """Open a connection. Raises OSError."""
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
    """Send a request and read its answer within `seconds`, at most `most` bytes of its body.

    With `HEAD_ONLY` no body is read. Whatever the server does is a reply, never an error.
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
    with contextlib.suppress(
        BrokenPipeError, ConnectionResetError
    ):  # refused before it was read to its end: the answer may be there already
        _send(link, out, deadline)
    return _receive(link, connection, deadline, most)


def _send(link: socket.socket, data: bytes, deadline: float) -> None:
    """Send all of `data` by the deadline: in TLS `sendall` would give each record the whole
    time.
    """
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
            # switching protocols: what follows is no HTTP
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
            else "the answer breaks off"
        )
        return Reply(status, kept, bytes(body), note)
    except TimeoutError:
        return Reply(status, kept, bytes(body), LATE if status is None else ENDLESS)
    except OSError:
        return Reply(
            status, kept, bytes(body), CLOSED if status is None else "the answer breaks off"
        )


def _kept(event: h11.Response | h11.InformationalResponse) -> dict[str, str]:
    return {
        name: value
        for raw, text in event.headers
        if (name := raw.decode("latin-1").lower()) in KEPT
        and (value := text.decode("latin-1")[:1024])
    }
