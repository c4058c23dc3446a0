"""What a source is to its feeds, and what became of each of them when the source had been read."""

import enum
from dataclasses import dataclass

OWN_DATE = frozenset({"kev", "epss", "cvss"})
"""Feeds of tables: the date that they state is that of their content."""


class Kind(enum.Enum):
    """What a source is to its feeds: all of them as they stand, or some records that are new or
    changed.
    """

    SNAPSHOT = "snapshot"
    CHANGES = "changes"


class Fate(enum.Enum):
    """What became of a feed that a source holds."""

    IMPORTED = "imported"
    OLDER = "older than what the database holds"
    SHRUNK = "served half"


@dataclass(frozen=True, slots=True)
class Origin:
    """What is known of a file beyond its content: the URL it came from, and the date that its
    server gave it.
    """

    url: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """One feed of a source after its end. `records` are those that the source holds."""

    feed: str
    fate: Fate
    date: str
    records: int
    refused: int
    reasons: tuple[str, ...]
    detail: str = ""
