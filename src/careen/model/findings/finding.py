"""Findings: vulnerabilities of an image's packages, and the records that matched."""

from dataclasses import dataclass

from careen.model.findings.advisory import (
    CvssScore,
    EpssScore,
    ImportedCode,
    KevEntry,
    Severity,
    SsvcAssessment,
    VendorStatus,
)


@dataclass(frozen=True, slots=True)
class Match:
    """Why one advisory record matched.

    `reason` holds the range and the installed version (`2.5.1 is in [0, 2.6.0) of PyPI torch`).
    `fixed` are the fixed versions above the installed one.
    """

    record: str
    feed: str
    reason: str
    status: VendorStatus
    fixed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One vulnerability of one installed or embedded package.

    Records of all feeds that are aliases of each other form one finding. `id` is the lowest CVE,
    else GHSA, else the record's own; `aliases` are the others, sorted. `package` is a purl. `fixed`
    is in the ecosystem's order, lowest first; empty if no fix is known. `status` is that of the
    most authoritative match. `severity_source` names the source of the severity.
    """

    id: str
    aliases: tuple[str, ...]
    package: str
    name: str
    version: str
    matches: tuple[Match, ...]
    status: VendorStatus
    fixed: tuple[str, ...]
    severity: Severity
    severity_source: str
    scores: tuple[CvssScore, ...] = ()
    epss: EpssScore | None = None
    kev: KevEntry | None = None
    summary: str = ""
    published: str = ""
    modified: str = ""
    references: tuple[str, ...] = ()
    code: tuple[ImportedCode, ...] = ()
    ssvc: SsvcAssessment | None = None

    @property
    def identifiers(self) -> tuple[str, ...]:
        """The identifier and all aliases."""
        return (self.id, *self.aliases)

    @property
    def fixable(self) -> bool:
        """Whether a fixed version is known."""
        return bool(self.fixed)


BUNDLED = "bundled software"
"""What packages are that no package manager knows."""


@dataclass(frozen=True, slots=True)
class Uncovered:
    """Packages without any feed for their ecosystem and release.

    `what` is that ecosystem (`npm`, `Debian 14`); `examples` name some packages (`python 3.11.5`).
    """

    what: str
    packages: int
    reason: str
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Matched:
    """Result of matching.

    `findings` are sorted by package and id. `problems` are versions that the ecosystem's scheme
    could not read.
    """

    findings: tuple[Finding, ...]
    uncovered: tuple[Uncovered, ...] = ()
    problems: tuple[str, ...] = ()
