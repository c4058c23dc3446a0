"""What differs between the findings of this run and of the last good one."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from careen.model.findings.finding import BUNDLED
from careen.model.findings.triage import ScanReport, Tier, Triaged
from careen.model.integration import KnownFinding, Outcome
from careen.model.packages.package import Ecosystem

_ECOSYSTEMS = {**{each.value: each for each in Ecosystem}, BUNDLED: Ecosystem.GENERIC}
_DISTRIBUTION = frozenset({Ecosystem.DEB, Ecosystem.APK, Ecosystem.RPM})

_STRENGTH = {
    tier.value: rank
    for rank, tier in enumerate(
        (
            Tier.REMOVED,
            Tier.PRESENT,
            Tier.LOOKED_UP,
            Tier.OPENED,
            Tier.NOT_PROFILED,
            Tier.LOADED,
            Tier.EXECUTED,
        )
    )
}


@dataclass(frozen=True, slots=True)
class Worse:
    """A finding that both runs have, and why it matters more now."""

    item: Triaged
    why: str


@dataclass(frozen=True, slots=True)
class Changes:
    """Findings that are closed, new, worse, or no longer counted because of an exception or VEX.

    `unknown` are those that no feed says anything about any more.
    """

    closed: tuple[KnownFinding, ...] = ()
    new: tuple[Triaged, ...] = ()
    worse: tuple[Worse, ...] = ()
    excepted: tuple[KnownFinding, ...] = ()
    unknown: tuple[KnownFinding, ...] = ()


def compared(outcome: Outcome) -> Changes | None:
    """Return what differs, None if it is not known.

    A run that failed has findings of the original, which no last result is compared with.
    """
    last, report = outcome.last, outcome.report
    if outcome.is_without_result or last is None or report is None or report.compared.nothing:
        return None
    return changes(last, report)


def changes(last: Sequence[KnownFinding] | None, report: ScanReport | None) -> Changes:
    """Return what differs; nothing without a last run, or without a database."""
    if last is None or report is None:
        return Changes()
    before: dict[tuple[str, str], KnownFinding] = {}
    for known in last:
        before.setdefault((known.id, known.name), known)
    now = {(item.finding.id, item.finding.name) for item in report.findings}
    excused = {(each.triaged.finding.id, each.triaged.finding.name) for each in report.suppressed}
    lost = unanswered(before.values(), report)
    gone = [known for key, known in before.items() if key not in now and known not in lost]
    new: dict[tuple[str, str], Triaged] = {}
    worse: dict[tuple[str, str], Worse] = {}
    for item in report.findings:
        key = (item.finding.id, item.finding.name)
        old = before.get(key)
        if old is None:
            new.setdefault(key, item)
        elif why := _why(old, item):
            worse.setdefault(key, Worse(item, why))
    return Changes(
        tuple(known for known in gone if (known.id, known.name) not in excused),
        tuple(new.values()),
        tuple(worse.values()),
        tuple(known for known in gone if (known.id, known.name) in excused),
        lost,
    )


def unanswered(last: Iterable[KnownFinding], report: ScanReport) -> tuple[KnownFinding, ...]:
    """Return the findings that no feed says anything about any more.

    Their package is still there, and no package of its ecosystem was compared.
    """
    packages = report.inventory.packages.values()
    total = Counter(each.ecosystem for each in packages)
    gaps: Counter[Ecosystem] = Counter()
    for gap in report.uncovered:
        named = _ECOSYSTEMS.get(gap.what)
        # A release of a distribution is named by its own name (Debian 12).
        for ecosystem in (named,) if named else total.keys() & _DISTRIBUTION:
            gaps[ecosystem] += gap.packages
    there = {
        _without_version(each.purl)
        for each in packages
        if gaps[each.ecosystem] >= total[each.ecosystem]
    }
    now = {(item.finding.id, item.finding.name) for item in report.findings}
    return tuple(
        known
        for known in last
        if _without_version(known.package) in there and (known.id, known.name) not in now
    )


def _without_version(purl: str) -> str:
    return purl.partition("?")[0].rpartition("@")[0] or purl


def _why(old: KnownFinding, now: Triaged) -> str:
    if now.finding.kev is not None and not old.kev:
        return "known to be exploited now"
    if _STRENGTH[now.tier.value] > _STRENGTH.get(old.tier, 0):
        return f"{now.tier.value}, was {old.tier}"
    return ""
