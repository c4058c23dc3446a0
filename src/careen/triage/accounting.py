"""Counting of findings before and after hardening.

A finding leaves only if its code is gone or its fixed version was read back, never because only a
record is gone.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from careen.model.findings.advisory import Severity
from careen.model.findings.finding import Finding
from careen.model.findings.findings_count import FindingsCount
from careen.model.findings.triage import Priority, ScanReport, Tier, Triaged
from careen.model.packages.package import Inventory, Package
from careen.model.packages.purls import read_purl
from careen.model.paths import ImagePath
from careen.triage.affected import AffectedFiles
from careen.triage.packages import PackageIndex
from careen.triage.tiers import SYSTEM, at_least
from careen.triage.triage import urgency


def count(items: Iterable[Triaged], report: ScanReport) -> FindingsCount:
    """Return the figures of a list of findings; removed ones do not count.

    `report` gives the feeds and what was compared. `executed` and `loaded` are disjoint.
    """
    left = [item for item in items if item.tier is not Tier.REMOVED]
    return FindingsCount(
        total=len(left),
        critical=sum(item.finding.severity is Severity.CRITICAL for item in left),
        high=sum(item.finding.severity is Severity.HIGH for item in left),
        executed=sum(at_least(item.tier, Tier.EXECUTED) for item in left),
        executed_by_health_check_only=sum(
            at_least(item.tier, Tier.EXECUTED) and item.health_check_only for item in left
        ),
        loaded=sum(item.tier is Tier.LOADED for item in left),
        kev=report.known_exploited(left),
        fixable=sum(item.finding.fixable for item in left),
        database={
            feed.name: feed.date or feed.imported
            for feed in sorted(report.feeds, key=lambda feed: feed.name)
        },
        compared=report.compared,
        counted=report.created,
    )


def after(
    original: Iterable[Triaged],
    original_inventory: Inventory,
    hardened_inventory: Inventory,
    hardened_paths: Collection[ImagePath],
    still: Iterable[Finding] | None = None,
) -> tuple[Triaged, ...]:
    """Return the original's findings as they stand in the hardened image, most urgent first.

    A finding gets the tier REMOVED in one of three cases. All affected files are missing from
    `hardened_paths`, which must be a set. Or the package's version in the hardened image is fixed:
    the finding's advisories name it, or it is new and `still` (the hardened image's findings,
    optional) has no match for it. Or the package had no code, and only licences are left of it.
    """
    # A package without known files is never gone.
    packages = PackageIndex(original_inventory)
    files = AffectedFiles()
    upgrades = _Upgrades(original_inventory, hardened_inventory, hardened_paths, still)
    out: list[Triaged] = []
    for item in original:
        package = packages.found(item.finding)
        why = ""
        if package is not None:
            bare = upgrades.is_gone(package) and _is_bare(package, hardened_paths)
            why = _gone(item.finding, package, files, hardened_paths, bare=bare) or upgrades.fixed(
                item.finding, package
            )
        out.append(
            replace(
                item,
                tier=Tier.REMOVED,
                priority=Priority.TRACK,
                reasons=(why,),
                witnesses=(),
                health_check_only=False,
            )
            if why
            else item
        )
    return tuple(sorted(out, key=urgency))


def _is_bare(package: Package, paths: Collection[ImagePath]) -> bool:
    """Return whether a distribution package has known files, and only licences left."""
    listed = frozenset(package.files) - frozenset(package.metadata)
    return (
        bool(listed)
        and package.ecosystem in SYSTEM
        and not any(path in paths for path in listed - frozenset(package.licences))
    )


def _gone(
    finding: Finding,
    package: Package,
    files: AffectedFiles,
    paths: Collection[ImagePath],
    *,
    bare: bool,
) -> str:
    affected = files.of(package, finding)
    if not affected.files:
        return "removed: it had no code, and no other file of it is left" if bare else ""
    if any(path in paths for path in affected.files):
        return ""
    number = len(affected.files)
    return (
        f"removed: {'the file' if number == 1 else f'all {number:,} files'} of its"
        f" {'code' if affected.scope == 'package' else affected.scope}"
    )


class _Upgrades:
    """Packages of both images by identity, and the hardened image's findings."""

    def __init__(
        self,
        original: Inventory,
        inventory: Inventory,
        paths: Collection[ImagePath],
        still: Iterable[Finding] | None,
    ) -> None:
        self._before, self._now, self._paths = _copies(original), _copies(inventory), paths
        self._still: Mapping[tuple[object, str], set[str]] | None = None
        if still is not None:
            known: dict[tuple[object, str], set[str]] = {}
            for finding in still:
                known.setdefault((_identity(finding.package), finding.version), set()).update(
                    finding.identifiers
                )
            self._still = known

    def is_gone(self, package: Package) -> bool:
        """Return whether the hardened image has no record of the package, in any version."""
        return _identity(package.purl) not in self._now

    def fixed(self, finding: Finding, package: Package) -> str:
        """Return how the hardened image's version fixes a finding, or ""."""
        identity = _identity(package.purl)
        versions = self._successors(identity, package)
        if not versions:
            return ""
        if versions <= set(finding.fixed):
            return f"fixed: version {', '.join(sorted(versions))} read back"
        if self._still is not None and all(
            self._still.get((identity, version), set()).isdisjoint(finding.identifiers)
            for version in versions
        ):
            return f"fixed: version {', '.join(sorted(versions))} read back, which is not affected"
        return ""

    def _successors(self, identity: object, package: Package) -> set[str]:
        """Return the versions that replaced this copy; none if it is still there or unknown.

        A copy is identified by its version and the path of its record. If another copy of the same
        version stays, this one counts as replaced only when its files are gone.
        """
        copies = self._now.get(identity, ())
        if any((copy.version, copy.record) == (package.version, package.record) for copy in copies):
            return set()
        before = {(copy.version, copy.record) for copy in self._before.get(identity, ())}
        new = [copy for copy in copies if (copy.version, copy.record) not in before]
        # An installed package is replaced by an installed one, not by one that pip bundles.
        new = [copy for copy in new if copy.presence is package.presence] or new
        if any(copy.version == package.version for copy in copies):
            theirs = {path for copy in new for path in copy.files}
            if not new or any(path in self._paths and path not in theirs for path in package.files):
                return set()
        return {copy.version for copy in new or copies}


def _copies(inventory: Inventory) -> dict[object, list[Package]]:
    out: dict[object, list[Package]] = {}
    for package in inventory.packages.values():
        out.setdefault(_identity(package.purl), []).append(package)
    return out


def _identity(purl: str) -> object:
    read = read_purl(purl)
    return purl if read is None else read.identity
