"""FedRAMP's vulnerability rules, what a provider decided, and tracked vulnerabilities."""

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass

from careen.model.findings.advisory import Severity


@dataclass(frozen=True, slots=True)
class Clocks:
    """Time frames of one class.

    `reduce` has for each N-rating the times of likely exploitable and internet-reachable, likely
    exploitable only, and not likely exploitable vulnerabilities; a rating without times is not in
    it.
    """

    evaluate: dt.timedelta
    history: dt.timedelta
    samples: dt.timedelta
    drifting: dt.timedelta
    reduce: Mapping[int, tuple[dt.timedelta, dt.timedelta, dt.timedelta]]


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules as data: their version and dates, the classes, and the proposed ratings."""

    content: str
    dated: dt.date
    source: str
    required: dt.date
    grace: dt.date
    accepted_after: dt.timedelta
    classes: Mapping[str, Clocks]
    proposal: Mapping[Severity, int]


class Disposition(enum.Enum):
    """How a vulnerability ended, in the schema's words; it has none for remediated."""

    FULLY_MITIGATED = "Fully Mitigated"
    PARTIALLY_MITIGATED = "Partially Mitigated"
    FALSE_POSITIVE = "False Positive"


@dataclass(frozen=True, slots=True)
class Decision:
    """What the provider decided about one vulnerability; None and "" where nothing is decided.

    `next_at` and `next_rating` are the next planned reduction. `accepted` is the rationale.
    """

    id: str
    where: str
    evaluated: dt.datetime | None = None
    rating: int | None = None
    likely_exploitable: bool | None = None
    internet_reachable: bool | None = None
    impact: str = ""
    next_at: dt.datetime | None = None
    next_rating: int | None = None
    disposition: Disposition | None = None
    accepted: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """The cloud service as its provider describes it: class, package, decisions.

    `internet`: whether the container handles payloads from the internet, even indirectly; None if
    the provider does not say. `overview` is the URI of the Certification Package Overview.
    """

    klass: str
    overview: str
    internet: bool | None = None
    decisions: Mapping[str, Decision] | None = None


class State(enum.Enum):
    """Where a vulnerability stands."""

    ACTIVE = "active"
    ACCEPTED = "accepted"
    REMEDIATED = "remediated"  # no longer detected


@dataclass(frozen=True, slots=True)
class Given:
    """One input of an evaluation: its answer, and the source of it or why it is unknown."""

    name: str
    answer: str
    source: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What careen proposes, for the provider to confirm; None where evidence is missing."""

    rating: int | None
    likely_exploitable: bool | None
    internet_reachable: bool | None
    disposition: Disposition | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Due:
    """The clocks of one vulnerability; None where they do not run or cannot be known.

    `overdue` is None if that is unknown. `explanation` says which clock, or why it is unknown.
    """

    evaluate_by: dt.datetime | None
    reduce_by: dt.datetime | None
    kev_by: dt.date | None
    overdue: bool | None
    explanation: str


@dataclass(frozen=True, slots=True)
class Tracked:
    """One vulnerability of one image, with all packages that have it.

    `detected` is the time of the first scan that is known to have seen it. `rationale` is that of
    an accepted one; `aged` says that 192 days alone accepted it. `ended` is the time of the first
    scan without it.
    """

    tracking: str
    id: str
    aliases: tuple[str, ...]
    packages: tuple[str, ...]
    description: str
    severity: Severity
    severity_source: str
    fixed: tuple[str, ...]
    detected: dt.datetime
    given: tuple[Given, ...]
    proposal: Proposal
    decision: Decision | None
    due: Due
    state: State
    rationale: str = ""
    aged: bool = False
    ended: dt.datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class PastFinding:
    """What an earlier scan said of a vulnerability: in words, and the purls that had it.

    `detected` is the time of the first scan with it, if the scan says that; `ended` that of the
    first scan without it, if there was one before.
    """

    description: str
    packages: frozenset[str]
    aliases: tuple[str, ...] = ()
    detected: dt.datetime | None = None
    ended: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class PastScan:
    """An earlier scan of an image: when, of which digest, and what it found, by identifier."""

    time: dt.datetime
    digest: str
    found: Mapping[str, PastFinding]
    source: str

    @property
    def there(self) -> int:
        """The number of those that the scan found itself."""
        return sum(each.ended is None for each in self.found.values())


@dataclass(frozen=True, slots=True)
class Tracking:
    """All vulnerabilities of one image on one day, and what they were judged by.

    `service` is None if no provider's file was given: then nothing is evaluated.
    """

    image: str
    digest: str
    scanner: str
    time: dt.datetime
    begins: dt.datetime
    rules: Rules
    service: Service | None
    items: tuple[Tracked, ...]
    past: tuple[PastScan, ...] = ()
    notes: tuple[str, ...] = ()

    def of(self, state: State) -> tuple[Tracked, ...]:
        """Return those in a state."""
        return tuple(each for each in self.items if each.state is state)
