"""Parts of a file around marks of secrets, each with its place in the file."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from careen.compliance.secrets.keys import key_at
from careen.compliance.secrets.marks import LONGEST, is_key, marks
from careen.oci.extents import Extents

CHUNK = 1 << 20
AROUND = 200  # bytes of a line before and behind a mark
LARGEST = 16384  # bytes of neighbouring marks that are one part
_HEAD = 8192
_SPACES = bytes(
    char if char in b"\n\t\r" or 0x20 <= char < 0x7F else 0x20  # noqa: PLR2004
    for char in range(256)
)
_ALLOW = b"gitleaks:allow"  # an image must not excuse its own secrets


@dataclass(frozen=True, slots=True)
class Part:
    """Some bytes of a file for the scanner: plain ASCII, with as many lines as in the file.

    `line` is the first one's number in a text file, 0 in others.
    """

    data: bytes
    offset: int
    line: int


class _Piece(NamedTuple):
    """Bytes of a window from `first` to `last`; `data` are others that stand for them."""

    first: int
    last: int
    data: bytes | None = None


def parts_of(content: Extents) -> Iterator[Part]:
    """Yield the parts of a file that carry a mark, in order of their beginnings.

    Each mark is in one of them with AROUND bytes of its line on both sides, so parts may overlap.
    A little more than CHUNK bytes are in memory.
    """
    text = b"\0" not in content.read_at(0, _HEAD)
    line = 1
    for at in range(0, content.size, CHUNK):
        window = content.read_at(at, CHUNK + LONGEST + AROUND)
        if not window.strip(b"\0"):
            continue  # a hole: it costs an image nothing
        counted, lines = 0, line
        for piece in _joined(_pieces(content, at, window)):
            lines += window.count(b"\n", counted, piece.first)
            counted = piece.first
            data = window[piece.first : piece.last] if piece.data is None else piece.data
            yield Part(plain(data), at + piece.first, lines if text else 0)
        line += window.count(b"\n", 0, CHUNK)


def _pieces(content: Extents, at: int, window: bytes) -> Iterator[_Piece]:
    """Yield what surrounds each mark that begins in the first CHUNK bytes of a window."""
    behind = 0  # the end of the last key: what is in a key is no other secret
    for found in marks().finditer(window):
        if found.start() >= CHUNK:
            break
        if found.start() < behind:
            continue
        first, last = _bounds(window, found.start(), found.end())
        if not is_key(found.group()):
            yield _Piece(first, last)
        elif (key := key_at(content, at + found.start())) is not None:
            behind = found.start() + key.size
            yield _Piece(found.start(), behind, key.data)


def _joined(pieces: Iterator[_Piece]) -> Iterator[_Piece]:
    """Join neighbours that overlap, up to LARGEST bytes; a key stays alone.

    A line of many marks would be judged once for each of them otherwise.
    """
    before: _Piece | None = None
    for piece in pieces:
        if before is None:
            before = piece
        elif (
            before.data is None
            and piece.data is None
            and piece.first <= before.last
            and piece.last - before.first <= LARGEST
        ):
            before = _Piece(before.first, max(before.last, piece.last))
        else:
            yield before
            before = piece
    if before is not None:
        yield before


def _bounds(window: bytes, start: int, end: int) -> tuple[int, int]:
    """Return where the lines of a mark begin and end, at most AROUND bytes from it."""
    first = max(window.rfind(b"\n", 0, start) + 1, start - AROUND, 0)
    last = window.find(b"\n", end, end + AROUND)
    return first, last if last >= 0 else min(end + AROUND, len(window))


def plain(data: bytes) -> bytes:
    """Return bytes as the scanner may read them: other characters than ASCII become spaces."""
    return data.translate(_SPACES).replace(_ALLOW, b"gitleaks.allow")
