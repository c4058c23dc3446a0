"""Malformed requests to a port: aborted connections, other protocols, attacks."""

import contextlib
import re
import socket
import struct
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from careen.model.runs.exploration import Answer
from careen.tools.exchange import BODY, CLOSED, LATE, REFUSED, Target, connect, readable

PATIENCE = 0.8
"""Seconds to wait for an answer to a malformed request. Most servers answer at once or wait for the
rest. What answered on the original is given three times as long on other images.
"""

_PAUSE = 0.2
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})(?:[ \r]|\Z)")
_NEXT = re.compile(rb"HTTP/1\.[01] \d{3} ")
_HANDSHAKE = b"\x16\3"
_RESET = struct.pack("ii", 1, 0)
# version, random, no session, two cipher suites, no compression
_GREETING = b"\x03\x03" + bytes(range(32)) + b"\0" + b"\0\4\x13\1\xc0\x2f" + b"\1\0"
_TLS_HELLO = (
    b"\x16\3\1" + (len(_GREETING) + 4).to_bytes(2) + b"\1" + len(_GREETING).to_bytes(3) + _GREETING
)
_GARBAGE = bytes((7 * number + 13) % 256 for number in range(512))


@dataclass(frozen=True, slots=True)
class Nonsense:
    """A malformed request, sent in pieces with a pause between them.

    Then the answer is read, or the connection is reset (`abrupt`). Without `telling`, it takes much
    the same path through a server as another one and is left out if time is short.
    """

    id: str
    pieces: tuple[bytes, ...]
    abrupt: bool = False
    telling: bool = True


def _head(port: int, *lines: str, method: str = "GET", path: str = "/") -> bytes:
    return "".join(
        f"{line}\r\n" for line in (f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", *lines)
    ).encode()


def malformed_http_requests(port: int, path: str) -> tuple[Nonsense, ...]:
    """Return malformed requests for an HTTP server on the container's `port`.

    `path` is one that takes a body, if the service has any.
    """
    posting = _head(
        port, "Content-Type: application/json", "Content-Length: 1000", method="POST", path=path
    )
    chunked = _head(
        port,
        "Content-Type: application/json",
        "Transfer-Encoding: chunked",
        method="POST",
        path=path,
    )
    return (
        Nonsense("half a request", (_head(port),)),
        Nonsense("a header of 128 KiB", (_head(port, f"X-Long: {'a' * 131072}") + b"\r\n",)),
        Nonsense(
            "two thousand headers",
            (_head(port, *(f"X-{number}: {number}" for number in range(2000))) + b"\r\n",),
            telling=False,
        ),
        Nonsense("a path of 64 KiB", (_head(port, path=f"/{'a' * 65536}") + b"\r\n",)),
        Nonsense("bytes that mean nothing", (_GARBAGE,)),
        Nonsense("a request line that is none", (b"HELLO\r\n\r\n",)),
        Nonsense(
            "an unknown version", (b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",), telling=False
        ),
        Nonsense("HTTP/1.0 without a host", (b"GET / HTTP/1.0\r\n\r\n",), telling=False),
        Nonsense("HTTP/1.1 without a host", (b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n",)),
        Nonsense(
            "a path with NUL and dots",
            (_head(port, "Connection: close", path="/%00/../../etc/passwd") + b"\r\n",),
        ),
        Nonsense(
            "a header that is none", (_head(port, "no colon", "Connection: close") + b"\r\n",)
        ),
        Nonsense(
            "two lengths",
            (
                _head(port, "Content-Length: 1", "Content-Length: 2", method="POST", path=path)
                + b"\r\na",
            ),
        ),
        Nonsense(
            "a length that is none",
            (_head(port, "Content-Length: many", method="POST", path=path) + b"\r\n",),
            telling=False,
        ),
        Nonsense("a body that breaks off", (posting + b"\r\n", b'{"a": '), abrupt=True),
        Nonsense("a client that leaves", (_head(port) + b"\r\n",), abrupt=True),
        Nonsense(
            "a body that comes slowly",
            (posting.replace(b"1000", b"9") + b"\r\n", b'{"a"', b': "b', b"}"),
            telling=False,
        ),
        Nonsense("a chunk that is none", (chunked + b"\r\n", b"zz\r\nabc\r\n")),
        Nonsense(
            "a body in chunks",
            (chunked + b"Connection: close\r\n\r\n", b"2\r\n{}\r\n", b"0\r\n\r\n"),
        ),
        Nonsense(
            "a wish to go on",
            (
                posting.replace(b"1000", b"2")
                + b"Expect: 100-continue\r\nConnection: close\r\n\r\n",
                b"{}",
            ),
            telling=False,
        ),
        Nonsense("two requests at once", ((_head(port) + b"\r\n") * 2,)),
        Nonsense(
            "HTTP/2 at once",
            (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes.fromhex("000000040000000000"),),
        ),
        Nonsense(
            "a web socket",
            (
                _head(
                    port,
                    "Upgrade: websocket",
                    "Connection: Upgrade",
                    "Sec-WebSocket-Version: 13",
                    "Sec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==",
                )
                + b"\r\n",
            ),
        ),
        Nonsense("TLS to a plain port", (_TLS_HELLO,)),
        Nonsense("nothing at all", (), abrupt=True),
    )


OTHER = (
    Nonsense("nothing at all", (), abrupt=True),
    Nonsense("nothing, and waiting", ()),
    Nonsense("bytes that mean nothing", (_GARBAGE,)),
    Nonsense("an empty line", (b"\r\n",)),
    Nonsense("half a line", (b"HEL",), abrupt=True),
    Nonsense("a line of 64 KiB", (b"a" * 65536 + b"\r\n",)),
    Nonsense("a request of HTTP", (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",)),
    Nonsense("TLS to a plain port", (_TLS_HELLO,)),
    Nonsense("QUIT", (b"QUIT\r\n",)),
)
"""Malformed requests for ports that do not speak HTTP."""


def abuse(
    target: Target, nonsense: tuple[Nonsense, ...], answering: Collection[str]
) -> Iterator[Answer]:
    """Send each request over its own connection and yield the result as an answer.

    `answering` are the ids of those that were answered before.
    """
    for each in nonsense:
        begun = time.monotonic()
        name = f"port {target.port}: {each.id}"
        status, body, note = _send(target, each, PATIENCE * (3 if name in answering else 1))
        yield Answer(
            name, "raw", status, {}, body, note, "", begun, time.monotonic() - begun, note == LATE
        )


def _send(target: Target, nonsense: Nonsense, patience: float) -> tuple[int | None, str, str]:
    deadline = time.monotonic() + patience + len(nonsense.pieces) * _PAUSE + 1.0
    try:
        with connect(target, deadline) as link:
            link.settimeout(1.0)
            # A server may answer and close before everything is sent.
            with contextlib.suppress(OSError):
                for number, piece in enumerate(nonsense.pieces):
                    if number:
                        time.sleep(_PAUSE)
                    link.sendall(piece)
            if nonsense.abrupt:
                link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                return None, "", "broken off by us"
            return _listen(link, time.monotonic() + patience)
    except ConnectionRefusedError:
        return None, "", REFUSED
    except TimeoutError:
        return None, "", LATE
    except OSError:
        return None, "", CLOSED


def _listen(link: socket.socket, deadline: float) -> tuple[int | None, str, str]:
    """Read until the other side closes or the deadline passes.

    After the head of a final HTTP answer, a short silence ends the read.
    """
    data = bytearray()
    note = ""
    try:
        while len(data) < BODY and (left := deadline - time.monotonic()) > 0:
            if (head := _STATUS.match(data)) and head[1] != b"100" and b"\r\n\r\n" in data:
                left = min(left, _PAUSE)  # the body follows the head at once
            link.settimeout(left)
            chunk = link.recv(BODY - len(data))
            if not chunk:
                break
            data += chunk
    except TimeoutError:
        note = "" if data else LATE
    except OSError:
        pass
    return _read(bytes(data), note)


def _read(data: bytes, note: str) -> tuple[int | None, str, str]:
    """Return the first final answer in the data; the note counts the answers after it."""
    found = _STATUS.match(data)
    if data.startswith(_HANDSHAKE):
        # Its random numbers and signatures differ each time.
        return None, "a handshake of TLS", note
    if found is None:
        return None, readable(data), note or ("" if data else CLOSED)
    _, _, body = data.partition(b"\r\n\r\n")
    if found[1] == b"100" and _STATUS.match(body):
        status, said, _ = _read(body, note)
        return status, said, "told to go on"
    body, *more = _NEXT.split(body)
    return int(found[1]), readable(body), f"{1 + len(more)} answers" if more else note
