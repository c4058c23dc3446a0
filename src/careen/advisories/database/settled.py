"""Kinds of sources, and the outcome of each feed of a source."""

import enum
from dataclasses import dataclass

OWN_DATE = frozenset({"kev", "epss", "cvss", "ssvc"})
"""Feeds of tables, which state the date of their content."""


class Kind(enum.Enum):
    """Whether a source holds whole feeds, or only new and changed records."""

    SNAPSHOT = "snapshot"
    CHANGES = "changes"


class Fate(enum.Enum):
    """Outcome of a feed of a source."""

    IMPORTED = "imported"
    OLDER = "older than what the database holds"
    SHRUNK = "served half"


@dataclass(frozen=True, slots=True)
class Origin:
    """Origin of a file: its URL, and the date from its server."""

    url: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """Outcome of one feed of a source. `records` counts those in the source."""

    feed: str
    fate: Fate
    date: str
    records: int
    refused: int
    reasons: tuple[str, ...]
    detail: str = ""
