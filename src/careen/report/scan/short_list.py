"""Urgent findings grouped by package: one upgrade often closes several."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from careen.formats.versions.closing import Upgrade, best_upgrade
from careen.model.findings.advisory import Severity
from careen.model.findings.finding import Finding
from careen.model.findings.triage import Tier, Triaged
from careen.model.packages.package import Inventory, Package, Presence
from careen.model.packages.purls import ecosystem_of
from careen.model.paths import ROOT, parent
from careen.report.terminal_output.figures import counted

UNPROFILED = (
    "no RBOM was given: it is unknown which of these can run, so all are treated as if they could"
)
"""Shown once for a scan without an RBOM, and omitted from each finding's reasons."""

FEW = 5  # of what is named in brief
_MOST_PLACES = 2
_NO_RBOM = "no RBOM was given"


@dataclass(frozen=True, slots=True)
class Block:
    """The findings of one package with one priority, most urgent first; at least one.

    `others` are further packages with the same findings, fixes and version, such as binary packages
    of one source. Each has its findings; weaker tiers come last.
    """

    items: tuple[Triaged, ...]
    others: tuple[tuple[Triaged, ...], ...] = ()

    @property
    def first(self) -> Triaged:
        """The most urgent finding."""
        return self.items[0]

    @property
    def packages(self) -> tuple[Finding, ...]:
        """One finding for each package."""
        return (self.items[0].finding, *(items[0].finding for items in self.others))

    @property
    def count(self) -> int:
        """The number of findings of all its packages."""
        return len(self.items) + sum(len(items) for items in self.others)

    @property
    def worst(self) -> Severity:
        """The highest severity."""
        return max(item.finding.severity for items in (self.items, *self.others) for item in items)

    @property
    def upgrade(self) -> Upgrade:
        """The version that closes the most of its findings."""
        fixes = {item.finding.id: item.finding.fixed for item in self.items}
        return best_upgrade(fixes, ecosystem_of(self.first.finding.package))

    @property
    def named(self) -> str:
        """Distinct names and the shared version: `perl, perl-base, libperl5.40 5.40.1-6`."""
        names = list(dict.fromkeys(finding.name for finding in self.packages))
        more = f" and {len(names) - FEW:,} more" if len(names) > FEW else ""
        return f"{', '.join(names[:FEW])}{more} {self.first.finding.version}"

    @property
    def size(self) -> str:
        """`4 packages`, or `2 copies` of one package."""
        one = len({finding.name for finding in self.packages}) == 1
        return counted(len(self.packages), "copy" if one else "package", "copies" if one else "")


class Places:
    """Locations of packages with several copies of one version in an image."""

    def __init__(self, inventory: Inventory) -> None:
        self._packages = inventory.packages
        self._copies = Counter(map(_identity, inventory.packages.values()))

    def of(self, findings: Sequence[Finding]) -> str:
        """Return `in /usr/lib/…/urllib3-1.26.16.dist-info, /opt/…`, or "" if names suffice."""
        packages = (self._packages.get(finding.package) for finding in findings)
        places = list(
            dict.fromkeys(
                _place(package)
                for package in packages
                if package is not None and self._copies[_identity(package)] > 1
            )
        )
        more = (
            f" and {len(places) - _MOST_PLACES:,} more places" if len(places) > _MOST_PLACES else ""
        )
        return f"in {', '.join(places[:_MOST_PLACES])}{more}" if places else ""


def _identity(package: Package) -> tuple[str, str, str]:
    return package.ecosystem.value, package.name, package.version


def _place(package: Package) -> str:
    """Return the file that contains the package, or the folder of its record."""
    record = package.record if package.record != ROOT else next(iter(package.files), ROOT)
    return record if package.presence is Presence.EMBEDDED else parent(record)


def blocks(items: Iterable[Triaged]) -> tuple[Block, ...]:
    """Return one block for each package, in the order of their most urgent findings.

    Packages with equal findings share a block, strongest tier first.
    """
    packages: dict[str, list[Triaged]] = {}
    for item in items:
        packages.setdefault(
            item.finding.package or f"{item.finding.name} {item.finding.version}", []
        ).append(item)
    joined: dict[object, list[tuple[Triaged, ...]]] = {}
    for found in packages.values():
        joined.setdefault(_grouping_key(found), []).append(tuple(found))
    return tuple(
        Block(first, tuple(others))
        for first, *others in (sorted(alike, key=_strength) for alike in joined.values())
    )


def _grouping_key(items: Sequence[Triaged]) -> object:
    """Return what packages of one block share.

    That is: ecosystem, version, priority, findings and fixes.
    """
    first = items[0].finding
    ecosystem = first.package.partition("/")[0]
    return (
        ecosystem,
        first.version,
        frozenset(
            (item.priority, item.finding.id, item.finding.fixed, item.finding.status)
            for item in items
        ),
    )


_STRENGTHS = (
    Tier.EXECUTED,
    Tier.LOADED,
    Tier.NOT_PROFILED,
    Tier.OPENED,
    Tier.LOOKED_UP,
    Tier.PRESENT,
    Tier.REMOVED,
)
"""Tiers in the order of findings (docs/triage.md)."""


def _strength(items: Sequence[Triaged]) -> int:
    return min(_STRENGTHS.index(item.tier) for item in items)


def brief(item: Triaged) -> str:
    """Return the verdict and its reasons, without those that are shown elsewhere.

    Omitted are severity, fix, absence from KEV or of it, and the missing RBOM.
    """
    severity = item.finding.severity.word
    said = (
        "fixed in ",
        "no fix is known",
        "not on CISA's KEV list",
        "CISA's KEV list is not in the database",
        f"{severity} (",
        "severity unknown",
        _NO_RBOM,
    )
    prefix = f"{item.priority.value}: "
    verdicts = [part.removeprefix(prefix) for part in item.reasons if part.startswith(prefix)]
    if any(part.startswith(_NO_RBOM) for part in item.reasons):
        verdicts = [verdict.removesuffix(", and may run") for verdict in verdicts]
    parts = [
        part for part in item.reasons if not part.startswith((prefix, *said)) and part != severity
    ]
    return "; ".join((*verdicts, *parts))
