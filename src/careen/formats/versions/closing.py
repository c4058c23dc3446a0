"""Findings that a version closes, by the known fixed versions.

An advisory names the first fixed version of each line: 1.26.17 and 2.0.6 leave 2.0.3 open. Between
two of them, a version counts as fixed only if it shares more numbers with the lower one. Reading
versions back and matching again confirms the fix.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from careen.formats.versions import UnreadableVersionError, VersionScheme, scheme_of_packages
from careen.formats.versions.lines import DISTRIBUTIONS, numbers, shared_leading_numbers
from careen.model.packages.package import Ecosystem

MAX_CANDIDATES = 1_000
"""Fixed versions of one package to try as upgrade targets; a hostile feed can name more."""


@dataclass(frozen=True, slots=True)
class Upgrade:
    """The version of one package that closes most of its findings; "" without a known fix.

    `closes`, `remains` and `unfixed` are finding ids: closed by it, closed only by another version,
    and without a known fix.
    """

    version: str
    closes: tuple[str, ...]
    remains: tuple[str, ...]
    unfixed: tuple[str, ...]

    @property
    def words(self) -> str:
        """Short text: `1.3.1`, `1.3.1 closes all 4`, `5.3.0 closes 2 of 3, 1 has no fix`, or ""."""
        total = len(self.closes) + len(self.remains) + len(self.unfixed)
        if not self.version or total == 1:
            return self.version
        if len(self.closes) == total:
            return f"{self.version} closes all {total:,}"
        parts = [f"{self.version} closes {len(self.closes):,} of {total:,}"]
        if self.remains:
            stay = "needs" if len(self.remains) == 1 else "need"
            parts.append(f"{len(self.remains):,} {stay} another version")
        if self.unfixed:
            have = "has" if len(self.unfixed) == 1 else "have"
            parts.append(f"{len(self.unfixed):,} {have} no fix")
        return ", ".join(parts)


def best_upgrade(fixes: Mapping[str, Sequence[str]], ecosystem: Ecosystem | None) -> Upgrade:
    """Return the version that closes the most findings, the lowest of several.

    `fixes` maps each finding's id to its fixed versions, lowest first (empty: none is known).
    Without an ordered ecosystem, a version closes only findings that name it as their fix.
    """
    scheme = scheme_of_packages(ecosystem) if ecosystem is not None else None
    unfixed = tuple(one for one, versions in fixes.items() if not versions)
    candidates = list(dict.fromkeys(version for versions in fixes.values() for version in versions))
    candidates = _in_order(candidates[:MAX_CANDIDATES], scheme)
    if not candidates:
        return Upgrade("", (), (), unfixed)
    closed = {each: _closed(each, fixes, ecosystem, scheme) for each in candidates}
    # `max` returns the first of equals: the lowest.
    best = max(candidates, key=lambda each: len(closed[each]))
    remains = tuple(one for one, versions in fixes.items() if versions and one not in closed[best])
    return Upgrade(best, tuple(one for one in fixes if one in closed[best]), remains, unfixed)


def _closed(
    version: str,
    fixes: Mapping[str, Sequence[str]],
    ecosystem: Ecosystem | None,
    scheme: VersionScheme | None,
) -> frozenset[str]:
    if scheme is None or ecosystem is None:
        return frozenset(one for one, versions in fixes.items() if version in versions)
    return frozenset(
        one
        for one, versions in fixes.items()
        if version in versions or is_fixed(ecosystem, version, versions, scheme)
    )


def _in_order(versions: list[str], scheme: VersionScheme | None) -> list[str]:
    if scheme is None:
        return versions
    readable, others = [], []
    for version in versions:
        try:
            readable.append((scheme.key(version), version))
        except UnreadableVersionError:
            others.append(version)
    return [version for _, version in sorted(readable, key=lambda each: each[0])] + others


def is_fixed(
    ecosystem: Ecosystem, version: str, fixes: Sequence[str], scheme: VersionScheme
) -> bool:
    """Return whether `version` has one of the fixes (lowest first)."""
    lower, upper = None, None
    for fix in fixes:
        try:
            place = scheme.place(version, fix)
        except UnreadableVersionError:
            continue
        if place == 0:
            return True
        if place < 0:
            upper = fix
            break
        lower = fix
    if lower is None:
        return False
    return upper is None or ecosystem in DISTRIBUTIONS or _nearer(version, lower, upper)


def _nearer(version: str, lower: str, upper: str) -> bool:
    here, below, above = numbers(version), numbers(lower), numbers(upper)
    if here is None or below is None or above is None:
        return False
    return shared_leading_numbers(here, below) > shared_leading_numbers(here, above)
