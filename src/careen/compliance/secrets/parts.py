"""Parts of a file around marks of secrets, each with its place in the file."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from careen.compliance.secrets.marks import LONGEST, is_key, marks
from careen.oci.extents import Extents

CHUNK = 1 << 20
AROUND = 200  # bytes of a line before and behind a mark
KEY = 8192  # bytes of a private key that are looked at; one of RSA with 8,192 bits has 6,400
_HEAD = 8192
_SPACES = bytes(
    char if char in b"\n\t\r" or 0x20 <= char < 0x7F else 0x20  # noqa: PLR2004
    for char in range(256)
)
_BODY = re.compile(rb"[0-9A-Za-z+/=]{40}")  # programs hold the first and the last line alone
_END = b"-----END"
_LAST = 64  # bytes of the last line
_ALLOW = b"gitleaks:allow"  # an image must not excuse its own secrets


@dataclass(frozen=True, slots=True)
class Part:
    """Some bytes of a file for the scanner: plain ASCII, with as many lines as in the file.

    `line` is the first one's number in a text file, 0 in others.
    """

    data: bytes
    offset: int
    line: int


def parts_of(content: Extents) -> Iterator[Part]:
    """Yield the parts of a file that carry a mark, in order and without overlap.

    A little more than CHUNK bytes are in memory.
    """
    text = b"\0" not in content.read_at(0, _HEAD)
    line, end = 1, 0
    for at in range(0, content.size, CHUNK):
        window = content.read_at(at, CHUNK + LONGEST + AROUND)
        if not window.strip(b"\0"):
            continue  # a hole: it costs an image nothing
        counted, lines = 0, line
        for found in marks().finditer(window):
            if found.start() >= CHUNK or at + found.start() < end:
                continue
            first, last = _bounds(window, found.start(), found.end())
            first = max(first, end - at)
            data = _key(content, at + first) if is_key(found.group()) else window[first:last]
            if not data:
                continue
            lines += window.count(b"\n", counted, first)
            counted = first
            yield Part(plain(data), at + first, lines if text else 0)
            end = at + first + len(data)
        line += window.count(b"\n", 0, CHUNK)


def _key(content: Extents, start: int) -> bytes:
    """Return a private key with its last line, b"" if it has no body."""
    data = content.read_at(start, KEY)
    last = data.find(_END)
    whole = data if last < 0 else data[: last + _LAST]
    return whole if _BODY.search(whole) else b""


def _bounds(window: bytes, start: int, end: int) -> tuple[int, int]:
    """Return where the lines of a mark begin and end, at most AROUND bytes from it."""
    first = max(window.rfind(b"\n", 0, start) + 1, start - AROUND, 0)
    last = window.find(b"\n", end, end + AROUND)
    return first, last if last >= 0 else min(end + AROUND, len(window))


def plain(data: bytes) -> bytes:
    """Return bytes as the scanner may read them: other characters than ASCII become spaces."""
    return data.translate(_SPACES).replace(_ALLOW, b"gitleaks.allow")
