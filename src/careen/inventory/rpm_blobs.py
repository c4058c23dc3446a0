"""What the three kinds of rpm database have in common: each is a heap of package headers."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

MAX_PACKAGES = 100_000


@dataclass(frozen=True, slots=True)
class Damage:
    """A header that cannot be had; the others can."""

    reason: str


class BlobReader(Protocol):
    """One kind of database."""

    def __call__(self, stream: BinaryIO, size: int, where: str) -> Iterator[bytes | Damage]:
        """Yield the header of each package in the database of `size` bytes. Raises ImageError, naming `where`, where nothing more can be read."""
