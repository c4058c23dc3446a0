"""Division of a set into units that images share, by the content alone.

A sorted list is cut where the hash of a member's name says so. Two images whose lists differ in
one member differ in one unit. A version is not part of the name, so an upgrade moves no cut.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Generic, TypeVar
from zlib import crc32

T = TypeVar("T")

PACKAGES, FILES = 16, 64
"""Mean members of a unit. Smaller ones are shared by more images, and need more rows for each."""

LONGEST = 16
"""Units end after this many times the mean, as names can be chosen so that none ends."""


@dataclass(frozen=True, slots=True)
class Unit(Generic[T]):
    """Members with the SHA-256 of their content."""

    digest: bytes
    members: tuple[T, ...]


def units(members: Iterable[tuple[bytes, bytes, T]], mean: int, kind: bytes) -> Iterator[Unit[T]]:
    """Yield the units of members, each given as its name, its content and itself.

    They are sorted by name and content, and one with the same content as another is left out. The
    content must be such that no other list of contents has the same bytes in a row (`packed`), and
    `kind` keeps sets of different things apart.
    """
    part: list[T] = []
    content = hashlib.sha256(kind)
    last = None
    for name, written, member in sorted(members, key=itemgetter(0, 1)):
        if written == last:
            continue
        last = written
        part.append(member)
        content.update(written)
        if crc32(name) % mean == 0 or len(part) >= mean * LONGEST:
            yield Unit(content.digest(), tuple(part))
            part, content = [], hashlib.sha256(kind)
    if part:
        yield Unit(content.digest(), tuple(part))


def packed(*fields: bytes) -> bytes:
    """Return fields as one text that no other fields give."""
    return b"".join([b"%d:%b" % (len(field), field) for field in fields])
