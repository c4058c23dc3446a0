"""Advisories and feeds, in the shape of the OSV schema (ossf.github.io/osv-schema)."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

STALE_DAYS = 7
"""Age in days from which a feed is reported as old. New advisories appear every day."""


class Severity(enum.IntEnum):
    """Severity levels, ordered so that they compare.

    UNKNOWN is the lowest and is never printed as `low`.
    """

    UNKNOWN = 0
    NEGLIGIBLE = 1
    LOW = 2
    MEDIUM = 3
    HIGH = 4
    CRITICAL = 5

    @property
    def word(self) -> str:
        return self.name.lower()


class RangeKind(enum.Enum):
    """How a range orders versions: the ecosystem's order, SemVer 2.0, or Git commits."""

    ECOSYSTEM = "ECOSYSTEM"
    SEMVER = "SEMVER"
    GIT = "GIT"


class EventKind(enum.Enum):
    """Kind of an event in a version range.

    LAST_AFFECTED is inclusive; FIXED and LIMIT are exclusive upper bounds. Version `0` of
    INTRODUCED precedes every version.
    """

    INTRODUCED = "introduced"
    FIXED = "fixed"
    LAST_AFFECTED = "last_affected"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a range."""

    kind: EventKind
    version: str


@dataclass(frozen=True, slots=True)
class AffectedRange:
    """A range's events in the record's order.

    One range may hold any number of introduced and fixed events.
    """

    kind: RangeKind
    events: tuple[Event, ...]


class VendorStatus(enum.Enum):
    """Status that the distribution (or the record) gives one package in one release."""

    FIXED = "fixed"  # a version that holds the fix is named
    AFFECTED = "affected"  # open, no fix is named
    DEFERRED = "deferred"  # open, to be fixed later (no-dsa, postponed)
    WONT_FIX = "won't fix"  # open, ignored
    END_OF_LIFE = "end of life"  # open, no longer maintained
    UNDETERMINED = "undetermined"  # undecided; treated as open, and reported as such
    NOT_AFFECTED = "not affected"  # the vendor states that this release or package is not affected


@dataclass(frozen=True, slots=True)
class ImportedCode:
    """Vulnerable code that an advisory names: a module or import path, and its functions.

    Empty `symbols` means all of it. `source` is what shows it if no advisory names it, else "".
    """

    path: str
    symbols: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class AffectedPackage:
    """One entry of `affected[]` of an OSV record.

    `ecosystem` is OSV's name with its release suffix (`PyPI`, `Debian:12`, `Alpine:v3.20`,
    `Ubuntu:22.04:LTS`). `name` is spelled as in that ecosystem; it is the source package where the
    distribution matches by source. `versions` are explicit versions in addition to the ranges.
    `module` is the rpm modularity stream (`nodejs:20`) and `architectures` the architectures that
    the entry is limited to; empty means all.
    """

    ecosystem: str
    name: str
    ranges: tuple[AffectedRange, ...] = ()
    versions: tuple[str, ...] = ()
    status: VendorStatus = VendorStatus.AFFECTED
    note: str = ""
    severity: str = ""
    code: tuple[ImportedCode, ...] = ()
    module: str = ""
    architectures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CvssScore:
    """One CVSS assessment.

    `vector` is as published, "" if only the score is known. `source` is the scorer (`nvd`,
    `cisa-adp`, `ghsa`, `redhat`), or `record` if the score is in the advisory itself.
    """

    source: str
    version: str
    vector: str
    score: float | None
    severity: Severity

    @property
    def by(self) -> str:
        """The scorer as shown to the user."""
        return "the advisory" if self.source == "record" else self.source


@dataclass(frozen=True, slots=True)
class Advisory:
    """One record of one feed. Times are RFC 3339 or "".

    `withdrawn` is the time of withdrawal, "" if the record is in force.
    """

    id: str
    feed: str
    affected: tuple[AffectedPackage, ...]
    aliases: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    upstream: tuple[str, ...] = ()
    summary: str = ""
    published: str = ""
    modified: str = ""
    withdrawn: str = ""
    scores: tuple[CvssScore, ...] = ()
    severity: str = ""
    references: tuple[str, ...] = ()


KEV = "kev"
"""Name of the feed of CISA's catalogue of known exploited vulnerabilities."""


@dataclass(frozen=True, slots=True)
class KevEntry:
    """An entry of CISA's catalogue of known exploited vulnerabilities. Dates are YYYY-MM-DD."""

    cve: str
    added: str
    due: str
    name: str
    ransomware: bool


@dataclass(frozen=True, slots=True)
class EpssScore:
    """EPSS score: the probability of exploitation within 30 days.

    `score` and `percentile` are between 0 and 1; `date` is the day of computation (YYYY-MM-DD).
    """

    cve: str
    score: float
    percentile: float
    date: str

    @property
    def words(self) -> str:
        """The score as printed: two decimals, four below 0.01."""
        # With two decimals, small scores would all read 0.00.
        return f"{self.score:.2f}" if self.score >= 0.01 else f"{self.score:.4f}"  # noqa: PLR2004


@dataclass(frozen=True, slots=True)
class SsvcAssessment:
    """CISA's SSVC assessment of a CVE, as published in its record.

    `exploitation` is none, poc or active; `automatable` yes or no; `impact` (technical) partial or
    total; "" for what is not stated. `date` is the day of the assessment (YYYY-MM-DD) or "".
    """

    cve: str
    exploitation: str
    automatable: str
    impact: str
    date: str


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed in the database.

    `name` is careen's (`osv:PyPI`, `debian-tracker`, `kev`, `epss`, …); `source` is a URL or file
    name. `date` is the feed's newest date (RFC 3339 or YYYY-MM-DD), "" if it states none;
    `imported` is the time of the import. `records` counts all records, `refused` the unreadable
    ones. `ecosystems` are OSV ecosystems with release, empty for KEV, EPSS and CVSS. `partial` says
    why a package without a record is unknown rather than clean; "" for a complete feed.
    """

    name: str
    source: str
    date: str
    imported: str
    records: int
    refused: int = 0
    ecosystems: tuple[str, ...] = ()
    partial: str = ""


class AdvisorySource(Protocol):
    """Source of advisories for the matcher: the store, or a few advisories in memory."""

    def affecting(self, family: str, name: str) -> Iterable[Advisory]:
        """Yield every advisory, withdrawn ones included, that affects package `name`.

        The entry's ecosystem is in `family` (`Debian` for `Debian:12`). The name is compared
        exactly, in the form that `advisories.names.canonical` gives. `affected` may be limited to
        the entries of that package.
        """

    def linked(self, identifier: str) -> Iterable[str]:
        """Yield the aliases of `identifier` in any record of any feed, in both directions."""

    def kev(self, cve: str) -> KevEntry | None:
        """Return the KEV entry of a CVE, or None."""

    def epss(self, cve: str) -> EpssScore | None:
        """Return the EPSS score of a CVE, or None."""

    def scores(self, cve: str) -> tuple[CvssScore, ...]:
        """Return the CVSS assessments of a CVE that no advisory contains."""

    def ssvc(self, cve: str) -> SsvcAssessment | None:
        """Return CISA's SSVC assessment of a CVE, or None."""

    def feeds(self) -> tuple[Feed, ...]:
        """Return every feed with its source and date."""
