"""Evaluation of whether a version is affected.

Follows the algorithm of the OSV schema (ossf.github.io/osv-schema, "Evaluation").
"""

from collections.abc import Iterator
from dataclasses import dataclass

from careen.advisories.matching.names import family_of
from careen.formats.versions import UnreadableVersionError, VersionScheme
from careen.formats.versions.scheme import shown
from careen.model.findings.advisory import (
    AffectedPackage,
    AffectedRange,
    Event,
    EventKind,
    RangeKind,
    VendorStatus,
)

# Sorts before every version: introduced from the start, or (Debian, Alpine) never affected. It
# needs a special case as dpkg sorts `0~git1` before 0.
_FIRST = "0"
_NO_LIMIT = "*"

_OPEN = frozenset(
    {
        VendorStatus.DEFERRED,
        VendorStatus.WONT_FIX,
        VendorStatus.END_OF_LIFE,
        VendorStatus.UNDETERMINED,
    }
)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Result of one record entry for one version.

    `reason` states range and version. `fixed` are the fixed versions above this one, in the
    record's order. `problem` says what could not be read, or "". `affected` without `certain` means
    that the versions could not be compared.
    """

    affected: bool
    reason: str
    fixed: tuple[str, ...] = ()
    certain: bool = True
    problem: str = ""


def evaluate(entry: AffectedPackage, version: str, scheme: VersionScheme) -> Evaluation:
    """Return whether `version` is affected by `entry`; never raises for any version text.

    A version in `versions` or in any range is affected; commit ranges (GIT) are ignored. Events are
    sorted by version, those of one version by the record's order: `fixed 2.0, introduced 2.0` is
    affected at 2.0, `introduced 2.0, fixed 2.0` is not. Beyond the algorithm: an entry without
    ranges and versions is affected if its vendor calls it open, and a NOT_AFFECTED entry never is.
    """
    what = f"{family_of(entry.ecosystem)} {entry.name}"
    if entry.status is VendorStatus.NOT_AFFECTED:
        return Evaluation(affected=False, reason=f"{what} is not affected, says {entry.ecosystem}")
    ranges = [one for one in entry.ranges if one.kind is not RangeKind.GIT]
    problem = ""
    for one in ranges:
        try:
            place = _inside(one, version, scheme)
        except UnreadableVersionError as error:
            problem = problem or str(error)
            continue
        if place:
            return Evaluation(
                affected=True,
                reason=f"{shown(version)} is in {place} of {what}",
                fixed=_fixes(entry, version, scheme),
            )
    if _named(entry.versions, version, scheme):
        return Evaluation(
            affected=True,
            reason=f"{shown(version)} is among the versions named of {what}",
            fixed=_fixes(entry, version, scheme),
        )
    # What cannot be compared is not called safe. Where the record lists versions, the lookup above
    # has decided.
    if problem and not _listed(entry, version, scheme):
        return Evaluation(
            affected=True,
            reason=f"{what} may be affected: {problem}",
            certain=False,
            problem=problem,
        )
    if not ranges and not entry.versions and entry.status in _OPEN:
        return Evaluation(
            affected=True,
            reason=f"every version of {what} is open ({entry.status.value})",
            problem=problem,
        )
    return Evaluation(
        affected=False,
        reason=f"{shown(version)} is in no affected range of {what}",
        problem=problem,
    )


def _listed(entry: AffectedPackage, version: str, scheme: VersionScheme) -> bool:
    """Return whether the record lists affected versions and `version` is readable."""
    return bool(entry.versions) and _readable(version, scheme)


def _readable(version: str, scheme: VersionScheme) -> bool:
    try:
        scheme.key(version)
    except UnreadableVersionError:
        return False
    return True


def _named(versions: tuple[str, ...], version: str, scheme: VersionScheme) -> bool:
    if version in versions:
        return True
    return bool(versions) and any(scheme.same(version, one) for one in versions)


def _inside(one: AffectedRange, version: str, scheme: VersionScheme) -> str:
    """Return the interval of the range that holds `version`, as text, or ""."""
    limits = [event.version for event in one.events if event.kind is EventKind.LIMIT]
    if limits and not any(
        limit == _NO_LIMIT or scheme.place(version, limit) < 0 for limit in limits
    ):
        return ""
    start: Event | None = None
    end: Event | None = None
    for event, place in _placed(one, version, scheme):
        match event.kind:
            case EventKind.INTRODUCED if place >= 0:
                start = event
            case EventKind.FIXED if place >= 0:
                start = None
            case EventKind.LAST_AFFECTED if place > 0:
                start = None
            case EventKind.FIXED | EventKind.LAST_AFFECTED if end is None:
                end = event
            case _:
                pass
    if start is None:
        return ""
    upper = (
        "∞)"
        if end is None
        else f"{shown(end.version)}{')' if end.kind is EventKind.FIXED else ']'}"
    )
    return f"[{shown(start.version)}, {upper}"


def _placed(one: AffectedRange, version: str, scheme: VersionScheme) -> Iterator[tuple[Event, int]]:
    """Yield the events in version order, each with how `version` compares to it."""
    events = [event for event in one.events if event.kind is not EventKind.LIMIT]
    first = [event for event in events if _is_first(event)]
    yield from ((event, 1) for event in first)
    for event in sorted(
        (event for event in events if not _is_first(event)),
        key=lambda event: scheme.boundary_key(event.version),
    ):
        yield event, scheme.place(version, event.version)


def _is_first(event: Event) -> bool:
    return event.kind in {EventKind.INTRODUCED, EventKind.FIXED} and event.version == _FIRST


def _fixes(entry: AffectedPackage, version: str, scheme: VersionScheme) -> tuple[str, ...]:
    """Return the entry's fixed versions that are newer than `version`, each once."""
    out: dict[str, None] = {}
    for one in entry.ranges:
        if one.kind is RangeKind.GIT:
            continue
        for event in one.events:
            if event.kind is EventKind.FIXED and _newer(event.version, version, scheme):
                out[event.version] = None
    return tuple(out)


def _newer(fixed: str, version: str, scheme: VersionScheme) -> bool:
    try:
        return scheme.place(version, fixed) < 0
    except UnreadableVersionError:
        return False
