"""What the three kinds of rpm database have in common: each is a heap of package headers.

A reader (`read_sqlite`, `read_ndb`, `read_bdb`) takes the stream of a database, its size in bytes
and the name for messages, and yields the header of each package, or a `Damage`. It raises
ImageError where nothing more can be read.
"""

from dataclasses import dataclass

MAX_PACKAGES = 100_000


@dataclass(frozen=True, slots=True)
class Damage:
    """A header that cannot be had; the others can."""

    reason: str
