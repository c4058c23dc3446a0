"""Division of a set into units that images share, by the content alone.

A sorted list is cut where the hash of a member's name says so. Two images whose lists differ in
one member differ in one unit. A version is not part of the name, so an upgrade moves no cut.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
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


def units(
    members: Iterable[T], mean: int, name: Callable[[T], bytes], content: Callable[[T], bytes]
) -> Iterator[Unit[T]]:
    """Yield the units of a list, which is sorted by name and content here; no member is repeated.

    Neither name nor content is trusted: both are written with their length before they are hashed.
    """
    part: list[tuple[bytes, T]] = []
    found = {(name(each), content(each)): each for each in members}
    for key in sorted(found):
        part.append((key[1], found[key]))
        if crc32(key[0]) % mean == 0 or len(part) >= mean * LONGEST:
            yield _unit(part)
            part = []
    if part:
        yield _unit(part)


def packed(*fields: bytes) -> bytes:
    """Return fields as one text that no other fields give."""
    return b"".join(b"%d:%b" % (len(field), field) for field in fields)


def _unit(part: Sequence[tuple[bytes, T]]) -> Unit[T]:
    digest = hashlib.sha256(packed(*(content for content, _ in part))).digest()
    return Unit(digest, tuple(each for _, each in part))
