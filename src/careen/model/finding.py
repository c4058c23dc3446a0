"""A finding: one vulnerability of one package in one image, and why it is one."""

from dataclasses import dataclass

from careen.model.advisory import (
    CvssScore,
    EpssScore,
    ImportedCode,
    KevEntry,
    Severity,
    VendorStatus,
)


@dataclass(frozen=True, slots=True)
class Match:
    """Why one record matched: `record` its identifier, `feed` where it stands, `reason` in words
    with range and installed version (`2.5.1 is in [0, 2.6.0) of PyPI torch`). `fixed` are the
    versions that the record names as fixed, above the installed one.
    """

    record: str
    feed: str
    reason: str
    status: VendorStatus
    fixed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One vulnerability of one installed or embedded package; all records of all feeds that are
    aliases of each other are one finding.

    `id` is the CVE where there is one (the lowest of several), else GHSA, else the record's own;
    `aliases` every other identifier, sorted. `package` is the purl. `fixed` are the versions that
    fix it, lowest first, by the ecosystem's order; empty: no fix is known. `status` is the vendor's
    word, the most authoritative of the matches. `severity_source` says whose severity it is. `code`
    is the vulnerable code where an advisory names it.
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

    @property
    def identifiers(self) -> tuple[str, ...]:
        """The identifier and all aliases."""
        return (self.id, *self.aliases)

    @property
    def fixable(self) -> bool:
        """Some version that fixes it is known."""
        return bool(self.fixed)


@dataclass(frozen=True, slots=True)
class Uncovered:
    """Packages that were compared with nothing, because the database holds no feed of their
    ecosystem and release: `what` (`npm`, `Debian 14`), how many, why; `examples` name some (`python
    3.11.5`).
    """

    what: str
    packages: int
    reason: str
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Matched:
    """What matching gives: findings sorted by package and id, what could not be compared, and
    versions that the ecosystem's scheme could not read.
    """

    findings: tuple[Finding, ...]
    uncovered: tuple[Uncovered, ...] = ()
    problems: tuple[str, ...] = ()
