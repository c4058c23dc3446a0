"""Weight of upgrades: findings closed against findings raised.

Findings of equal weight cancel out; the heaviest remaining decide. The order is known exploitation,
severity, then installed packages before copies inside other files. Nothing has run when upgrades
are chosen, so execution does not count.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from careen.advisories.matching.match import match
from careen.formats.versions.lines import DISTRIBUTIONS
from careen.model.findings.advisory import AdvisorySource, Severity
from careen.model.findings.finding import Finding
from careen.model.packages.package import Inventory, Package, Presence
from careen.model.patching import GONE, Upgrade
from careen.model.paths import ROOT
from careen.pipeline.upgrading.patch_findings import compare

Net = tuple[int, ...]
"""Findings closed less findings raised per weight, the heaviest first; greater is better."""

_SHOWN = 3
_WEIGHTS = [
    (exploited, severity, installed)
    for exploited in (True, False)
    for severity in sorted(Severity, reverse=True)
    if severity is not Severity.UNKNOWN
    for installed in (True, False)
]


@dataclass(frozen=True, slots=True)
class Balance:
    """Findings that upgrades close and raise.

    `embedded` are purls of packages inside files of others.
    """

    closed: tuple[Finding, ...]
    raised: tuple[Finding, ...]
    embedded: frozenset[str] = frozenset()

    @property
    def net(self) -> Net:
        """The difference per weight."""
        counts = Counter(self._weight(each) for each in self.closed)
        counts.subtract(self._weight(each) for each in self.raised)
        return tuple(counts[weight] for weight in _WEIGHTS)

    @property
    def is_gain(self) -> bool:
        """Whether more weight is closed than raised."""
        return self.net > (0,) * len(_WEIGHTS)

    def _weight(self, finding: Finding) -> tuple[bool, Severity, bool]:
        known = finding.severity is not Severity.UNKNOWN
        severity = finding.severity if known else Severity.MEDIUM
        return finding.kev is not None, severity, finding.package not in self.embedded

    def words(self) -> str:
        """Return `closes 6 (2 high, 4 medium) and raises CVE-1 (medium, urllib3 2.6.3)`."""
        raised = [
            f"{each.id} ({each.severity.word}, {each.name} {each.version})"
            for each in self.raised[:_SHOWN]
        ]
        more = f" and {len(self.raised) - _SHOWN} more" if len(self.raised) > _SHOWN else ""
        return f"closes {_counted(self.closed)} and raises {', '.join(raised)}{more}"


def embedded_of(*stocks: Inventory) -> frozenset[str]:
    """Return the purls of packages that are inside files of others."""
    return frozenset(
        purl
        for stock in stocks
        for purl, package in stock.packages.items()
        if package.presence is Presence.EMBEDDED
    )


def embedded_among(findings: Iterable[Finding], stock: Inventory) -> frozenset[str]:
    """Return the purls of findings whose packages are inside files of others in one inventory."""
    return embedded_of(stock) & {each.package for each in findings}


def closed_findings(upgrades: Iterable[Upgrade], before: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the original's findings that the upgrades are to close."""
    closing = {(each.purl, finding) for each in upgrades for finding in each.closes}
    return tuple(each for each in before if (each.package, each.id) in closing)


def closed_in_place(
    upgrades: Iterable[Upgrade],
    before: Iterable[Finding],
    after: Iterable[Finding],
    stocks: tuple[Inventory, Inventory],
) -> tuple[Finding, ...]:
    """Return the findings that upgrades closed in the package itself.

    Other copies of the package, for example in an archive, may still have them. `stocks` are the
    inventories of `before` and `after`.
    """
    left = {
        (each.package, identifier)
        for each in after
        if _stayed(each.package, *stocks)
        for identifier in each.identifiers
    }
    return tuple(
        each
        for each in closed_findings(upgrades, before)
        if not any((each.package, identifier) in left for identifier in each.identifiers)
    )


def _stayed(purl: str, before: Inventory, after: Inventory) -> bool:
    """Return whether a purl names the package that it named before."""
    # The purl of an upgraded package goes to a copy that had the same purl with its location.
    old, new = before.packages.get(purl), after.packages.get(purl)
    return old is None or new is None or old.record == new.record


def foreseen(
    upgrades: Sequence[Upgrade], before: Sequence[Finding], source: AdvisorySource
) -> Mapping[Upgrade, tuple[Finding, ...]]:
    """Return the findings that upgrades will raise, from the advisories on their versions.

    Distribution packages are left out: each has one version, and it is read back.
    """
    packages: dict[str, Package] = {}
    theirs: dict[str, list[Upgrade]] = {}
    for each in upgrades:
        if each.ecosystem not in DISTRIBUTIONS and each.target != GONE:
            purl = f"{each.purl.partition('@')[0]}@{each.target}"
            packages[purl] = Package(each.ecosystem, each.name, each.target, purl, ROOT, ())
            theirs.setdefault(purl, []).append(each)
    raised = compare(before, match(Inventory(packages, {}), source).findings).raised
    out: dict[Upgrade, list[Finding]] = {}
    for finding in raised:
        for each in theirs.get(finding.package, ()):
            out.setdefault(each, []).append(finding)
    return {upgrade: tuple(findings) for upgrade, findings in out.items()}


def _counted(findings: Sequence[Finding]) -> str:
    counts = Counter(each.severity for each in findings)
    parts = [f"{counts[severity]} {severity.word}" for severity in sorted(counts, reverse=True)]
    return f"{len(findings)} ({', '.join(parts)})" if findings else "none"
