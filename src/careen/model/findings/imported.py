"""Result of importing advisories, per source."""

import enum
from dataclasses import dataclass
from pathlib import Path


class Outcome(enum.Enum):
    """What happened to a source, or to one feed in it."""

    IMPORTED = "imported"
    UNCHANGED = "unchanged"
    OLDER = "older"
    REFUSED = "refused"
    NOT_A_FEED = "not advisories"
    UNKNOWN = "not recognised"


@dataclass(frozen=True, slots=True)
class Imported:
    """Result for one source.

    `source` is the file, `feed` careen's name of the feed ("" if none). `reasons` say why the first
    refused records were refused.
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
        """Whether everything that the source holds is in the database."""
        return self.outcome in (Outcome.IMPORTED, Outcome.UNCHANGED) and not self.refused


@dataclass(frozen=True, slots=True)
class ImportResult:
    """Result of an import or an update.

    `size` is the database's size in bytes, 0 if there is none yet. `plain` lists servers contacted
    by plain http.
    """

    sources: tuple[Imported, ...]
    database: Path
    size: int
    seconds: float
    # On plain http, anyone on the network path can change the content.
    plain: tuple[str, ...] = ()

    @property
    def refused(self) -> tuple[Imported, ...]:
        """The feeds that were refused as a whole; their old data stays."""
        return tuple(source for source in self.sources if source.outcome is Outcome.REFUSED)

    @property
    def records(self) -> int:
        """The number of imported records."""
        return sum(source.records for source in self.sources if source.outcome is Outcome.IMPORTED)
