"""How findings of the fleet age, and how long they take to be fixed."""

from dataclasses import dataclass
from enum import Enum

from careen.model.fleet.question import Unknown


class Outcome(Enum):
    """What became of a finding of an image.

    WITHDRAWN: the package is still there, and the advisories say no more that it is affected.
    NOT_KNOWN: no scan or no inventory says what became of it.
    """

    OPEN = "open"
    FIXED = "fixed"
    WITHDRAWN = "withdrawn"
    NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Span:
    """A finding of an image over time.

    `found` is the first scan that had it, `seen` the last one, `ended` the first that had not, ""
    while there is none (RFC 3339, UTC). `days` go from `found` to `ended`, else to the end of the
    period.
    """

    image: str
    advisory: str
    package: str
    severity: str
    tier: str
    found: str
    seen: str
    ended: str
    days: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class AgeRow:
    """Open findings of a severity, by the days since they were found; `oldest` in days."""

    severity: str
    up_to_30: int
    up_to_90: int
    up_to_180: int
    older: int
    oldest: int


@dataclass(frozen=True, slots=True)
class FixRow:
    """Fixed findings of a severity, and the days that it took: half of them at most `median`.

    `within_30`, `within_90` and `within_180` count those that took at most so many days.
    """

    severity: str
    fixed: int
    median: int
    nine_in_ten: int
    longest: int
    within_30: int
    within_90: int
    within_180: int


@dataclass(frozen=True, slots=True)
class ImageTrend:
    """The history of one name: what it led to last, and its findings.

    `open` and `oldest` (days) are None if they are not known, `median` (days to fix) is None if
    nothing was fixed. `not_known` counts findings of which nothing says what became of them.
    """

    image: str
    digest: str
    first: str
    last: str
    states: int
    open: int | None
    oldest: int | None
    fixed: int
    median: int | None
    withdrawn: int
    not_known: int


@dataclass(frozen=True, slots=True)
class Trends:
    """Trends of the images of a store in a period, which ends at `until`; `since` "" is open."""

    store: str
    since: str
    until: str
    images: int
    ages: tuple[AgeRow, ...]
    fixes: tuple[FixRow, ...]
    rows: tuple[ImageTrend, ...]
    withdrawn: int
    undecided: int
    not_known: tuple[Unknown, ...]
