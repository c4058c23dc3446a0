"""What is known against packages: advisories in the shape of the OSV schema
(ossf.github.io/osv-schema), whatever feed they come from.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

STALE_DAYS = 7
"""From here on a feed is called old, loudly: new advisories come every day."""


class Severity(enum.IntEnum):
    """How bad, in words; ordered, so that severities compare. UNKNOWN is the lowest and is never
    printed as `low`.
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
    """Which order a range's versions have: the ecosystem's own, SemVer 2.0, or the commits of a
    repository.
    """

    ECOSYSTEM = "ECOSYSTEM"
    SEMVER = "SEMVER"
    GIT = "GIT"


class EventKind(enum.Enum):
    """What happens at a version of a range. LAST_AFFECTED is inclusive, the others are exclusive
    upper bounds; `0` of INTRODUCED is before everything.
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
    """Events as the record has them, in its order; any number of introduced and fixed may stand in
    one range.
    """

    kind: RangeKind
    events: tuple[Event, ...]


class VendorStatus(enum.Enum):
    """The word of the distribution (or of the record) on one package of one release."""

    FIXED = "fixed"  # a version that holds the fix is named
    AFFECTED = "affected"  # open, no fix is named
    DEFERRED = "deferred"  # open, will be fixed some day (no-dsa, postponed)
    WONT_FIX = "won't fix"  # open, ignored
    END_OF_LIFE = "end of life"  # open, no longer looked after
    UNDETERMINED = "undetermined"  # nobody has decided; treated as open, and said so
    NOT_AFFECTED = "not affected"  # the vendor says that this release or package is not affected


@dataclass(frozen=True, slots=True)
class ImportedCode:
    """Which code of a package is vulnerable, where an advisory names it: a module or import path,
    and functions in it (empty: all).
    """

    path: str
    symbols: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AffectedPackage:
    """One entry of `affected[]`.

    `ecosystem` is OSV's name with its release suffix (`PyPI`, `Debian:12`, `AlmaLinux:9`,
    `Alpine:v3.20`, `Ubuntu:22.04:LTS`); `name` as that ecosystem spells it (source package for
    distributions that match by source). `versions` are explicit ones: they count beside the ranges.
    `module` is an rpm modularity stream (`nodejs:20`) that the entry is limited to, `architectures`
    the ones it is limited to (empty: all).
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
    """One CVSS assessment. `vector` as published, "" where only the score is known; `source` who
    scored (`nvd`, `cisa-adp`, `ghsa`, `redhat`), `record` where it stands in the advisory itself.
    """

    source: str
    version: str
    vector: str
    score: float | None
    severity: Severity

    @property
    def by(self) -> str:
        """Who scored, in words."""
        return "the advisory" if self.source == "record" else self.source


@dataclass(frozen=True, slots=True)
class Advisory:
    """One record of one feed. Times are RFC 3339 or "". `withdrawn` is when it was withdrawn, "" if
    it was not.
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
    """The probability of exploitation within 30 days (0 to 1), its percentile (0 to 1), and the day
    it was computed (YYYY-MM-DD).
    """

    cve: str
    score: float
    percentile: float
    date: str

    @property
    def words(self) -> str:
        """The score as it is printed everywhere: two digits, below 0.01 four."""
        # below, two digits would all read 0.00
        return f"{self.score:.2f}" if self.score >= 0.01 else f"{self.score:.4f}"  # noqa: PLR2004


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed in the database. `name` is ours (`osv:PyPI`, `debian-tracker`, `kev`, `epss`, …),
    `source` where it came from (URL or file name), `date` the feed's own newest date (RFC 3339 or
    YYYY-MM-DD), "" if it does not say; `imported` when careen read it; `records` how many it held,
    `refused` how many of them could not be read. `ecosystems` are the OSV ecosystems, with release,
    that it speaks about (empty for KEV, EPSS, CVSS). `partial` is why a package without a record in
    it is unknown rather than clean, "" for a feed that is complete.
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
    """Where the matcher reads advisories: the store, or a few of them in memory."""

    def affecting(self, family: str, name: str) -> Iterable[Advisory]:
        """Yield every advisory, withdrawn ones included, with an affected package `name` in an
        ecosystem of `family` (`Debian` for `Debian:12`).

        The name is compared exactly, in the form that `advisories.names.canonical` gives.
        `affected` may be limited to the entries of that package.
        """

    def linked(self, identifier: str) -> Iterable[str]:
        """Yield the identifiers that any record of any feed calls an alias of `identifier`, both
        ways.
        """

    def kev(self, cve: str) -> KevEntry | None:
        """Return the KEV entry of a CVE."""

    def epss(self, cve: str) -> EpssScore | None:
        """Return the EPSS score of a CVE."""

    def scores(self, cve: str) -> tuple[CvssScore, ...]:
        """Return the CVSS assessments of a CVE that stand in no advisory."""

    def feeds(self) -> tuple[Feed, ...]:
        """Return every feed with its source and date."""
