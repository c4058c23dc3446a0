"""Passive parser of HTTP/1.x on a TCP connection: the requests and their answers.

It sees bytes after they were forwarded. What it cannot parse (TLS, HTTP/2, a websocket after its
upgrade, malformed bytes of a test) is skipped. Framing is that of RFC 9112: a body ends by
Content-Length or its chunks; an answer without either lasts until the connection ends.
"""

import enum
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from careen.model.runs.workload import Exchange

MAX_HEAD = 65536
MAX_LINE = 4096
MAX_PENDING = 1000
LONGEST_PATH = 2000
_REQUEST = re.compile(
    rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}) +(\S{1,60000}) +HTTP/1\.[0-9][ \t]*\r?\n"
)
_ANSWER = re.compile(rb"HTTP/1\.[0-9] +([1-9][0-9]{2})(?=[ \r\n])")
_FIELD = re.compile(
    rb"\n(content-length|transfer-encoding|expect|upgrade)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE
)
_CHUNK = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\n]*)?\r?\n")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}://[^/?#]*")


class _Part(enum.Enum):
    """The part of a message that the next byte belongs to."""

    HEAD = enum.auto()
    BODY = enum.auto()
    CHUNK_SIZE = enum.auto()
    CHUNK = enum.auto()
    TRAILER = enum.auto()
    REST = enum.auto()  # a body until the end of the connection
    UNREAD = enum.auto()  # cannot be parsed


class _Stream:
    """The messages of one direction.

    `head` is called with each head and returns what follows: the length of a body, CHUNK_SIZE, REST
    or UNREAD.
    """

    def __init__(
        self, head: "Callable[[bytes, float], int | _Part]", end: Callable[[float], None]
    ) -> None:
        self._on_head = head
        self._on_end = end
        self.part = _Part.HEAD
        self.left = 0
        self.untouched = False  # whether no byte of the body has come yet
        self._held = bytearray()

    def feed(self, data: memoryview, now: float) -> None:
        """Parse the bytes; bodies are skipped without a copy."""
        at = 0
        while at < len(data):
            match self.part:
                case _Part.REST | _Part.UNREAD:
                    return
                case _Part.BODY | _Part.CHUNK:
                    step = min(self.left, len(data) - at)
                    self.left -= step
                    self.untouched = False
                    at += step
                    if not self.left:
                        self._after(now)
                case _Part.HEAD:
                    at = self._head(data, at, now)
                case _Part.CHUNK_SIZE | _Part.TRAILER:
                    at = self._line(data, at, now)

    def _after(self, now: float) -> None:
        if self.part is _Part.CHUNK:
            self.part = _Part.CHUNK_SIZE
        else:
            self.part = _Part.HEAD
            self._on_end(now)

    def _head(self, data: memoryview, at: int, now: float) -> int:
        """Take bytes up to the empty line; give up after 64 KiB without one."""
        before = len(self._held)
        # Empty lines before a request are allowed.
        while not before and at < len(data) and data[at] in b"\r\n":
            at += 1
        if at == len(data):
            return at
        self._held += data[at : at + MAX_HEAD - before]
        end = self._end_of_head(max(before - 3, 0))
        if end < 0:
            if len(self._held) >= MAX_HEAD or not self._may_be_head():
                self._give_up()
            return len(data)
        head = bytes(self._held[:end])
        self._held.clear()
        follows = self._on_head(head, now)
        if isinstance(follows, int):
            self.part, self.left, self.untouched = _Part.BODY, follows, True
            if not follows:
                self._after(now)
        else:
            self.part = follows
        return at + end - before

    def _end_of_head(self, start: int) -> int:
        ends = [
            (found, found + len(mark))
            for mark in (b"\r\n\r\n", b"\n\n")
            if (found := self._held.find(mark, start)) >= 0
        ]
        return min(ends)[1] if ends else -1

    def _may_be_head(self) -> bool:
        """Return whether the first byte is a capital letter, as in a method or HTTP.

        This detects binary protocols.
        """
        return ord("A") <= self._held[0] <= ord("Z")

    def _line(self, data: memoryview, at: int, now: float) -> int:
        """Take one line of the chunked coding: a size, the line end after a chunk, or a trailer."""
        piece = bytes(data[at : at + MAX_LINE])
        end = piece.find(b"\n") + 1
        self._held += piece[:end] if end else piece
        if len(self._held) > MAX_LINE:
            self._give_up()
            return len(data)
        if not end:
            return at + len(piece)
        line = bytes(self._held)
        self._held.clear()
        blank = line in (b"\r\n", b"\n")
        if self.part is _Part.TRAILER:
            if blank:
                self.part = _Part.HEAD
                self._on_end(now)
        elif not blank:
            size = _CHUNK.match(line)
            if size is None:
                self._give_up()
            elif int(size[1], 16):
                self.part, self.left = _Part.CHUNK, int(size[1], 16)
            else:
                self.part = _Part.TRAILER
        return at + end

    def _give_up(self) -> None:
        self.part = _Part.UNREAD
        self._held.clear()


@dataclass(slots=True)
class _Asked:
    """A request without a complete answer."""

    method: str
    path: str
    begun: float
    expects: bool
    status: int | None = None


class HttpConnectionParser:
    """Both directions of one connection to a port.

    `record` gets each exchange when its answer is complete or the connection ends.
    """

    def __init__(self, port: int, record: Callable[[Exchange], None]) -> None:
        self._port = port
        self._record = record
        self._pending: deque[_Asked] = deque()
        self._requests = _Stream(self._asked, lambda _: None)
        self._answers = _Stream(self._answer, self._answered)

    def sent(self, data: memoryview, now: float) -> None:
        """Parse bytes that went to the service."""
        self._requests.feed(data, now)

    def answered(self, data: memoryview, now: float) -> None:
        """Parse bytes that came from the service."""
        self._answers.feed(data, now)

    def ended(self, now: float) -> None:
        """Record the requests without a complete answer at the end of the connection."""
        self._requests.part = self._answers.part = _Part.UNREAD
        while self._pending:
            self._tell(self._pending.popleft(), now)

    def _tell(self, asked: _Asked, now: float) -> None:
        self._record(
            Exchange(
                self._port,
                asked.method,
                asked.path,
                asked.status,
                asked.begun,
                max(now - asked.begun, 0.0),
            )
        )

    def _asked(self, head: bytes, now: float) -> int | _Part:
        line = _REQUEST.match(head)
        if line is None or line[1] == b"PRI" or len(self._pending) >= MAX_PENDING:
            return _Part.UNREAD
        fields = _fields(head)
        self._pending.append(
            _Asked(
                line[1].decode("ascii"),
                _path(line[2].decode("latin-1")),
                now,
                b"100-continue" in fields.get(b"expect", b"").lower(),
            )
        )
        if b"transfer-encoding" in fields:
            return _Part.CHUNK_SIZE if _is_chunked(fields) else _Part.UNREAD
        return _length(fields, 0)

    def _answer(self, head: bytes, now: float) -> int | _Part:
        line = _ANSWER.match(head)
        if line is None or not self._pending:
            return _Part.UNREAD
        asked, status = self._pending[0], int(line[1])
        # HTTP's own numbers
        if status == 101 or (asked.method == "CONNECT" and 200 <= status < 300):  # noqa: PLR2004
            self._requests.part = _Part.UNREAD  # another protocol follows
            asked.status = status
            self._tell(self._pending.popleft(), now)
            return _Part.UNREAD
        if status < 200:  # noqa: PLR2004 — an interim answer
            return 0
        asked.status = status
        if (
            asked.expects
            and len(self._pending) == 1
            and self._requests.part is _Part.BODY
            and self._requests.untouched
        ):
            # The server refused the announced body (Expect: 100-continue): the next request may
            # follow instead.
            self._requests.part = _Part.HEAD
        if asked.method == "HEAD" or status in (204, 304):
            return 0
        fields = _fields(head)
        if b"transfer-encoding" in fields:
            return _Part.CHUNK_SIZE if _is_chunked(fields) else _Part.REST
        return _length(fields, _Part.REST)

    def _answered(self, now: float) -> None:
        if self._pending and self._pending[0].status is not None:  # not after an interim answer
            self._tell(self._pending.popleft(), now)


def _fields(head: bytes) -> dict[bytes, bytes]:
    """Return the relevant header fields; repeated ones are joined by a comma."""
    found: dict[bytes, bytes] = {}
    for name, value in _FIELD.findall(head):
        key = name.lower()
        found[key] = found[key] + b"," + value if key in found else value
    return found


def _is_chunked(fields: dict[bytes, bytes]) -> bool:
    return fields[b"transfer-encoding"].rpartition(b",")[2].strip().lower() == b"chunked"


def _length(fields: dict[bytes, bytes], otherwise: int | _Part) -> int | _Part:
    """Return the length of a body; UNREAD if it is ambiguous or not a number."""
    stated = {value.strip() for value in fields.get(b"content-length", b"").split(b",")}
    if stated == {b""}:
        return otherwise
    value = stated.pop()
    # 2**63 has 19 digits
    return int(value) if not stated and value.isdigit() and len(value) < 19 else _Part.UNREAD  # noqa: PLR2004


def _path(target: str) -> str:
    """Return the path of a request target, in origin or absolute form, without its query."""
    if not target.startswith("/") and (match := _ABSOLUTE.match(target)):
        target = target[match.end() :] or "/"
    return target.partition("?")[0].partition("#")[0][:LONGEST_PATH] or "/"
