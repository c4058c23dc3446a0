"""What an import of advisories did, source by source."""

import enum
from dataclasses import dataclass
from pathlib import Path


class Outcome(enum.Enum):
    """What became of a source, or of one feed in it."""

    IMPORTED = "imported"
    UNCHANGED = "unchanged"
    OLDER = "older"
    REFUSED = "refused"
    NOT_A_FEED = "not advisories"
    UNKNOWN = "not recognised"


@dataclass(frozen=True, slots=True)
class Imported:
    """One line of the result: `source` the file, `feed` our name of the feed ("" where there is
    none), `reasons` why the first of the refused records were.
    """

    source: str
    outcome: Outcome
    feed: str = ""
    date: str = ""
    records: int = 0
    refused: int = 0
    reasons: tuple[str, ...] = ()
    detail: str = ""

    @property
    def good(self) -> bool:
        """The database has all that the source holds."""
        return self.outcome in (Outcome.IMPORTED, Outcome.UNCHANGED) and not self.refused


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import or an update did, how long it took, and how large the database (in bytes) is
    now: 0 when there is none yet.

    `plain` are the servers that were asked by http, where anybody on the way can change what comes.
    """

    sources: tuple[Imported, ...]
    database: Path
    size: int
    seconds: float
    plain: tuple[str, ...] = ()

    @property
    def refused(self) -> tuple[Imported, ...]:
        """The feeds that were refused as a whole; of each the old one stays."""
        return tuple(source for source in self.sources if source.outcome is Outcome.REFUSED)

    @property
    def records(self) -> int:
        """Records that were imported."""
        return sum(source.records for source in self.sources if source.outcome is Outcome.IMPORTED)
