"""Choice of a package's new version by `Reach`, from the versions on offer."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from careen.formats.versions import UnreadableVersionError, VersionScheme, scheme_of_packages
from careen.formats.versions.lines import DISTRIBUTIONS, is_major, is_pre_release, line, variant
from careen.model.patching import Aim, Blocked, BlockReason, Reach
from careen.patch.closing import closed_by
from careen.patch.limit import parse_limit

_EASIEST = (BlockReason.MAJOR, BlockReason.EXCLUDED, BlockReason.VARIANT, BlockReason.UNAVAILABLE)
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Left:
    """Findings that the choice leaves open, with the reason."""

    findings: tuple[str, ...]
    barrier: BlockReason
    detail: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Chosen version, "" for none; `closes` is in the aim's order, `left` has all others."""

    version: str
    closes: tuple[str, ...] = ()
    left: tuple[Left, ...] = ()

    def blocked(self, aim: Aim) -> tuple[Blocked, ...]:
        """Return the open findings as a plan has them."""
        return tuple(aim.blocked(left.barrier, left.detail, left.findings) for left in self.left)


@dataclass(frozen=True, slots=True)
class _Candidate:
    version: str
    key: Any
    closes: frozenset[str]
    hurdle: BlockReason | None


def choose(
    aim: Aim,
    offered: Sequence[str],
    reach: Reach,
    *,
    allow_major: bool,
    counted: Mapping[str, str] | None = None,
) -> Choice:
    """Return the version on offer (any order) to which the aim's package goes.

    It is above the installed one, of the same build variant, no pre-release unless that is
    installed, and no other major version unless allowed. Of those that close the most it is the
    lowest (minimal), the newest of that one's X.Y line (security), or the newest (latest). What a
    distribution's release offers has no lines. The aim's own reach, majors and limit come first.
    `counted` maps a version on offer to the one that fixes compare (a Debian binary's source).
    """
    scheme = scheme_of_packages(aim.ecosystem)
    if scheme is None:
        return _none(
            aim,
            BlockReason.NO_MEANS,
            f"the versions of {aim.ecosystem.value} packages have no defined order",
        )
    allow_major = allow_major if aim.allow_major is None else aim.allow_major
    try:
        installed = scheme.key(aim.version)
    except UnreadableVersionError as error:
        return _none(aim, BlockReason.NO_MEANS, str(error))
    newer = [
        _Candidate(
            version,
            key,
            closed_by(aim, (counted or {}).get(version, version), scheme),
            _hurdle(aim, version, allow_major=allow_major),
        )
        for key, version in _newer(offered, installed, scheme)
    ]
    best = _best(
        [each for each in newer if each.hurdle is None and each.closes],
        reach if aim.reach is None else aim.reach,
        aim,
    )
    open_ = [finding for finding in aim.fixes if best is None or finding not in best.closes]
    groups: dict[tuple[BlockReason, str], list[str]] = {}
    for finding in open_:
        groups.setdefault(_why(aim, finding, newer, best), []).append(finding)
    return Choice(
        version=best.version if best else "",
        closes=tuple(
            finding for finding in aim.fixes if best is not None and finding in best.closes
        ),
        left=tuple(
            Left(tuple(findings), barrier, detail) for (barrier, detail), findings in groups.items()
        ),
    )


def is_allowed(aim: Aim, version: str, *, allow_major: bool) -> bool:
    """Return whether a version is above the installed one and nothing forbids it."""
    scheme = scheme_of_packages(aim.ecosystem)
    if scheme is None:
        return False
    try:
        is_newer = scheme.compare(version, aim.version) > 0
    except UnreadableVersionError:
        return False
    allow_major = allow_major if aim.allow_major is None else aim.allow_major
    return is_newer and _hurdle(aim, version, allow_major=allow_major) is None


def admits(aim: Aim, version: str) -> bool:
    """Return whether the user's limit on the aim's package admits a version."""
    scheme = scheme_of_packages(aim.ecosystem)
    return not aim.limit or (scheme is not None and parse_limit(aim.limit).admits(version, scheme))


def _none(aim: Aim, barrier: BlockReason, detail: str) -> Choice:
    return Choice("", (), (Left(tuple(aim.fixes), barrier, detail),))


def _newer(offered: Sequence[str], installed: Any, scheme: VersionScheme) -> list[tuple[Any, str]]:
    """Return the readable versions above `installed`, lowest first, equal ones by text."""
    out: list[tuple[Any, str]] = []
    for version in sorted(set(offered)):
        with contextlib.suppress(UnreadableVersionError):
            key = scheme.key(version)
            if key > installed:
                out.append((key, version))
    return sorted(out, key=lambda each: each[0])


def _hurdle(aim: Aim, version: str, *, allow_major: bool) -> BlockReason | None:
    """Return what forbids a version, the hardest to remove first."""
    if variant(aim.ecosystem, version) != variant(aim.ecosystem, aim.version):
        return BlockReason.VARIANT
    if is_pre_release(aim.ecosystem, version) and not is_pre_release(aim.ecosystem, aim.version):
        return BlockReason.UNAVAILABLE
    if not admits(aim, version):
        return BlockReason.EXCLUDED
    if not allow_major and is_major(aim.ecosystem, aim.version, version):
        return BlockReason.MAJOR
    return None


def _best(allowed: list[_Candidate], reach: Reach, aim: Aim) -> _Candidate | None:
    most = max((len(candidate.closes) for candidate in allowed), default=0)
    pool = [candidate for candidate in allowed if len(candidate.closes) == most]
    if not pool:
        return None
    lowest, newest = pool[0], pool[-1]
    match reach:
        case Reach.MINIMAL:
            return lowest
        case Reach.LATEST:
            return newest
        case Reach.SECURITY:
            same = [
                each
                for each in pool
                if aim.ecosystem in DISTRIBUTIONS or line(each.version) == line(lowest.version)
            ]
            return same[-1] if same else lowest


def _why(
    aim: Aim, finding: str, newer: list[_Candidate], best: _Candidate | None
) -> tuple[BlockReason, str]:
    fixed = _listed(aim.fixes[finding])
    closing = [candidate for candidate in newer if finding in candidate.closes]
    if best is not None and any(candidate.hurdle is None for candidate in closing):
        other = next(candidate for candidate in closing if candidate.hurdle is None)
        return (
            BlockReason.UNAVAILABLE,
            (
                f"fixed in {fixed}: {other.version} closes it, but fewer of the others than"
                f" {best.version}"
            ),
        )
    for barrier in _EASIEST:
        found = next((candidate for candidate in closing if candidate.hurdle is barrier), None)
        if found is not None:
            return barrier, _words(aim, barrier, fixed, found.version)
    if not newer:
        return (
            BlockReason.UNAVAILABLE,
            f"fixed in {fixed}; nothing newer than {aim.version} is on offer",
        )
    return BlockReason.UNAVAILABLE, f"fixed in {fixed}; the newest on offer is {newer[-1].version}"


def _words(aim: Aim, barrier: BlockReason, fixed: str, version: str) -> str:
    match barrier:
        case BlockReason.MAJOR:
            return (
                f"fixed in {fixed}; on offer is {version}, another major version than {aim.version}"
            )
        case BlockReason.EXCLUDED:
            return (
                f"fixed in {fixed}; the limit {aim.limit} leaves out"
                f" {version}{f' ({aim.word})' if aim.word else ''}"
            )
        case BlockReason.VARIANT:
            here, there = (
                variant(aim.ecosystem, aim.version) or "no variant",
                variant(aim.ecosystem, version) or "no variant",
            )
            return f"fixed in {fixed}; on offer is {version} ({there}), installed is {here}"
        case _:
            return f"fixed in {fixed}; only pre-releases are on offer ({version})"


def _listed(fixes: Sequence[str]) -> str:
    return ", ".join(fixes[:_SHOWN]) + (
        f" and {len(fixes) - _SHOWN} more" if len(fixes) > _SHOWN else ""
    )
