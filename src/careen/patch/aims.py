"""Conversion of findings to aims: the packages to upgrade, and findings that stay."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from careen.formats.versions import UnreadableVersionError, scheme_of_packages
from careen.model.findings.advisory import VendorStatus
from careen.model.findings.finding import Finding
from careen.model.packages.distribution import Distribution
from careen.model.packages.package import Inventory, Package
from careen.model.patching import Aim, Blocked, BlockReason, PatchChoices, Rating
from careen.patch.closing import compared_version
from careen.patch.globs import is_finding, is_package, parse_glob
from careen.patch.policy import Policy, Ruling

_REFUSED = {
    VendorStatus.WONT_FIX: "the vendor will not fix it",
    VendorStatus.END_OF_LIFE: "the release is end-of-life",
}
_UNFIXED = {
    VendorStatus.DEFERRED: "the vendor has deferred the fix",
    VendorStatus.UNDETERMINED: "the vendor has not decided",
}
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Aimed:
    """Result of `aims`; every finding is in one aim, in one `Blocked`, or counted in a note.

    `aims` are sorted by purl, one for each package that may be upgraded. No upgrade is tried for
    `blocked` findings.
    """

    aims: tuple[Aim, ...]
    blocked: tuple[Blocked, ...]
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _PackageFindings:
    """Findings of one package, sorted into fixable and blocked ones."""

    package: Package
    ruling: Ruling
    fixes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    stays: dict[tuple[BlockReason, str], list[str]] = field(default_factory=dict)

    def stay(self, finding: Finding, barrier: BlockReason, detail: str) -> None:
        self.stays.setdefault((barrier, detail), []).append(finding.id)


def aims(
    findings: Sequence[Finding],
    inventory: Inventory,
    choices: PatchChoices,
    policy: Policy,
    distribution: Distribution | None,
) -> Aimed:
    """Return what to upgrade for the findings; the caller leaves out suppressed ones.

    A finding without a known fix is NO_FIX or REFUSED even if its package is excluded; with
    `ignore_unfixed` it is only counted. Embedded packages are aims like others. Raises InputError
    for an invalid glob.
    """
    only = tuple(parse_glob(glob) for glob in choices.only)
    exclude = tuple(parse_glob(glob) for glob in choices.exclude)
    sorted_: dict[str, _PackageFindings] = {}
    ignored, dead, unread = 0, 0, dict[str, None]()
    for finding in sorted(findings, key=lambda each: (each.package, each.id)):
        package = inventory.packages.get(finding.package)
        if package is None:
            unread[
                f"{finding.id}: no package of the image is {finding.package}, so nothing is"
                " upgraded for it"
            ] = None
            continue
        dead += finding.status is VendorStatus.END_OF_LIFE
        if not finding.fixed and choices.ignore_unfixed:
            ignored += 1
            continue
        if package.purl not in sorted_:
            sorted_[package.purl] = _PackageFindings(package, policy.on(package))
        _sort(finding, sorted_[package.purl], _word(finding, package, only, exclude), unread)
    notes = [
        *policy.expired,
        *policy.unmatched(inventory.packages.values()),
        *_idle(only, exclude, findings, inventory),
        *unread,
    ]
    if dead:
        name = (
            (distribution.name or distribution.id)
            if distribution is not None
            else "the distribution"
        )
        notes.append(
            f"{name} is end-of-life: {_counted(dead)} will never be fixed in this release; use a"
            " newer base image"
        )
    if ignored:
        notes.append(f"{_counted(ignored)} without a known fix left out (--ignore-unfixed)")
    listed = [sorted_[purl] for purl in sorted(sorted_)]
    return Aimed(
        aims=tuple(aim_at(each.package, each.ruling, each.fixes) for each in listed if each.fixes),
        blocked=tuple(blocked for each in listed for blocked in _blocked(each)),
        notes=tuple(notes),
    )


def aim_at(package: Package, ruling: Ruling, fixes: dict[str, tuple[str, ...]]) -> Aim:
    """Return an aim at a package, with the policy's ruling on it.

    Without `fixes`, the package is upgraded for the copies that it carries.
    """
    return Aim(
        purl=package.purl,
        name=package.name,
        version=package.version,
        ecosystem=package.ecosystem,
        fixes=fixes,
        source=package.source,
        reach=ruling.reach,
        allow_major=ruling.allow_major,
        limit=ruling.limit,
        word=ruling.word,
    )


def rate(findings: Iterable[Finding]) -> tuple[Rating, ...]:
    """Return a plan's `ratings`: one for each finding id, sorted."""
    out: dict[str, Rating] = {}
    for finding in findings:
        known = out.get(finding.id, Rating(finding.id, finding.severity))
        out[finding.id] = Rating(
            finding.id, max(known.severity, finding.severity), known.kev or finding.kev is not None
        )
    return tuple(out[identifier] for identifier in sorted(out))


def _sort(finding: Finding, into: _PackageFindings, word: str, unread: dict[str, None]) -> None:
    if not finding.fixed:
        if finding.status in _REFUSED:
            into.stay(finding, BlockReason.REFUSED, _REFUSED[finding.status])
        else:
            into.stay(
                finding,
                BlockReason.NO_FIX,
                _UNFIXED.get(finding.status, "no fixed version is known"),
            )
        return
    if word or into.ruling.hold:
        into.stay(
            finding,
            BlockReason.EXCLUDED,
            f"{word or into.ruling.word}; fixed in {', '.join(finding.fixed[:_SHOWN])}",
        )
        return
    fixes = _above(into.package, finding, unread)
    if fixes:
        into.fixes[finding.id] = fixes
    else:
        into.stay(
            finding,
            BlockReason.NO_FIX,
            f"{', '.join(finding.fixed[:_SHOWN])} is listed as the fix, but is not newer than"
            f" {into.package.version}",
        )


def _above(package: Package, finding: Finding, unread: dict[str, None]) -> tuple[str, ...]:
    """Return the fixes above the installed version, lowest first.

    Unreadable versions are left out and noted in `unread`; without a scheme all fixes count.
    """
    scheme = scheme_of_packages(package.ecosystem)
    if scheme is None:
        return finding.fixed
    installed = compared_version(package.ecosystem.value, package.version, package.source)
    out: list[str] = []
    for version in dict.fromkeys(finding.fixed):
        try:
            if scheme.place(installed, version) < 0:
                scheme.boundary_key(version)
                out.append(version)
        except UnreadableVersionError as error:
            unread[f"{package.name}: {error}; ignored as a fix for {finding.id}"] = None
    return tuple(sorted(out, key=scheme.boundary_key))


def _word(finding: Finding, package: Package, only: Sequence[str], exclude: Sequence[str]) -> str:
    """Return the user's option that leaves a finding out, or ""."""
    left_out = next((glob for glob in exclude if _names(glob, finding, package)), None)
    if left_out is not None:
        return f"--exclude {left_out}"
    return (
        f"not among --only {', '.join(only)}"
        if only and not any(_names(glob, finding, package) for glob in only)
        else ""
    )


def _names(glob: str, finding: Finding, package: Package) -> bool:
    return is_package(glob, package) or is_finding(glob, finding.identifiers)


def _idle(
    only: Sequence[str], exclude: Sequence[str], findings: Sequence[Finding], inventory: Inventory
) -> Iterable[str]:
    """Yield a note for each glob that names nothing, since it is probably misspelt."""
    for option, globs in (("--only", only), ("--exclude", exclude)):
        for glob in globs:
            if not any(
                is_package(glob, package) for package in inventory.packages.values()
            ) and not any(is_finding(glob, f.identifiers) for f in findings):
                yield f"{option} {glob}: names no package of the image and no finding"


def _blocked(each: _PackageFindings) -> Iterable[Blocked]:
    package = each.package
    for (barrier, detail), findings in each.stays.items():
        yield Blocked(package.purl, package.name, package.version, tuple(findings), barrier, detail)


def _counted(count: int) -> str:
    return "1 finding" if count == 1 else f"{count:,} findings"
