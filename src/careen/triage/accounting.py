"""Fair counting before and after: a finding leaves only when its code is gone or its fixed version
was read back, never because a record is gone.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from careen.model.advisory import Severity
from careen.model.finding import Finding
from careen.model.findings_count import FindingsCount
from careen.model.package import Inventory, Package
from careen.model.paths import ImagePath
from careen.model.purls import read_purl
from careen.model.triage import Priority, ScanReport, Tier, Triaged
from careen.triage.affected import AffectedFiles
from careen.triage.packages import PackagesOf
from careen.triage.tiers import SYSTEM, at_least
from careen.triage.triage import urgency


def count(items: Iterable[Triaged], report: ScanReport) -> FindingsCount:
    """Return the figures of a list, found by what `report` compared; what was removed does not
    count.

    `executed` and `loaded` are disjoint: each finding has one tier.
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
        kev=sum(item.finding.kev is not None for item in left),
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
    """Return every finding of the original as it stands in the hardened image, most urgent first;
    those that are gone have the tier REMOVED.

    It is gone when every affected file is gone from `hardened_paths` (a set; those of the
    vulnerable code where the advisory names it, else the package's files but for metadata, licences
    and documentation), or when the package's version as read back from the hardened image is fixed:
    it is one of the versions that the advisories name as fixed or, where `still` is given (what
    matching found in the hardened image), another version than before, of which matching says
    nothing any more. Where several copies of a package are there, those that are new in the
    hardened image are the ones that took its place. A package of which no file is known is never
    gone. One that holds nothing but records, licences and documentation (a metapackage, manual
    pages) is gone with its record and all but its licences.
    """
    packages = PackagesOf(original_inventory)
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
    """Say whether a package of the distribution, of which files are known, has none left but
    licences.
    """
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
        return "removed: it held no code, and nothing else of it is left" if bare else ""
    if any(path in paths for path in affected.files):
        return ""
    number = len(affected.files)
    return (
        f"removed: {'the file' if number == 1 else f'all {number:,} files'} of its"
        f" {'code' if affected.scope == 'package' else affected.scope}"
    )


class _Upgrades:
    """The packages of both images by identity, and what is still known against the hardened
    image's.
    """

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
        """Say whether the hardened image has no record of any version of a package."""
        return _identity(package.purl) not in self._now

    def fixed(self, finding: Finding, package: Package) -> str:
        """Return how the hardened image's version fixes a finding, "" if it does not or nobody can
        tell.
        """
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
            return (
                f"fixed: version {', '.join(sorted(versions))} read back, against which it is not"
                " known any more"
            )
        return ""

    def _successors(self, identity: object, package: Package) -> set[str]:
        """Return the versions that have taken this copy's place; none while it is there, or where
        that is not known.

        A copy is known by its version and the place of its record. Where another copy of the same
        version stays, this one must be gone with its files.
        """
        copies = self._now.get(identity, ())
        if any((copy.version, copy.record) == (package.version, package.record) for copy in copies):
            return set()
        before = {(copy.version, copy.record) for copy in self._before.get(identity, ())}
        new = [copy for copy in copies if (copy.version, copy.record) not in before]
        new = [
            copy for copy in new if copy.presence is package.presence
        ] or new  # what was installed is followed by what is installed, not by what pip holds
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
