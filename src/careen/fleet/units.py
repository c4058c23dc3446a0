"""Division of a set into units that images share, by the content alone.

A sorted list is cut where the hash of a member's name says so. Two images whose lists differ in
one member differ in one unit. A version is not part of the name, so an upgrade moves no cut.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple
from zlib import crc32

PACKAGES, FILES = 16, 64
"""Mean members of a unit. Smaller ones are shared by more images, and need more rows for each."""

LONGEST = 16
"""Units end after this many times the mean, as names can be chosen so that none ends."""


class Unit(NamedTuple):
    """The contents of members in a row, and the SHA-256 of that."""

    digest: bytes
    content: bytes


def units(members: Iterable[tuple[bytes, bytes]], mean: int, kind: bytes) -> Iterator[Unit]:
    """Yield the units of members, each given as its name and its content.

    They are sorted by both, and one with the same content as another is left out. The content must
    be such that no other list of contents has the same bytes in a row (`packed`), and `kind` keeps
    sets of different things apart.
    """
    ordered = sorted(members)
    contents = list(map(itemgetter(1), ordered))
    if len(set(contents)) < len(contents):
        ordered = sorted(set(ordered))
        contents = list(map(itemgetter(1), ordered))
    start = 0
    for end in _ends(ordered, mean):
        content = b"".join(contents[start:end])
        yield Unit(hashlib.sha256(kind + content).digest(), content)
        start = end


def _ends(ordered: Sequence[tuple[bytes, bytes]], mean: int) -> Iterator[int]:
    """Yield the place after the last member of each unit."""
    longest = mean * LONGEST
    last = 0
    chosen = [place for place, (name, _) in enumerate(ordered, 1) if crc32(name) % mean == 0]
    for end in (*chosen, len(ordered)):
        while end - last > longest:
            last += longest
            yield last
        if end > last:
            yield end
        last = end


def packed(*fields: bytes) -> bytes:
    """Return fields as one text that no other fields give."""
    return b"".join([b"%d:%b" % (len(field), field) for field in fields])


def field_at(content: bytes, start: int) -> tuple[bytes, int]:
    """Return the field of `packed` that begins at a place, and the place after it."""
    colon = content.index(b":", start)
    end = colon + 1 + int(content[start:colon])
    return content[colon + 1 : end], end


def rows_at(content: bytes, width: int) -> Iterator[tuple[bytes, ...]]:
    """Yield the members of a unit whose contents are `width` fields each."""
    end = 0
    while end < len(content):
        fields: list[bytes] = []
        for _ in range(width):
            field, end = field_at(content, end)
            fields.append(field)
        yield tuple(fields)
