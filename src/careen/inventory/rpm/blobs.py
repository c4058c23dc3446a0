"""Common parts of the readers of rpm's three database formats.

A reader (`read_sqlite`, `read_ndb`, `read_bdb`) takes a database's stream, its size in bytes and
its name for messages. It yields the header of each package, or a `Damage`, and raises ImageError if
nothing more can be read.
"""

from dataclasses import dataclass

MAX_PACKAGES = 100_000


@dataclass(frozen=True, slots=True)
class Damage:
    """A header that cannot be read; others can."""

    reason: str
