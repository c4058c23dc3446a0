"""What differs between the findings of this run and of the last good one."""

from collections.abc import Sequence
from dataclasses import dataclass

from careen.model.findings.triage import ScanReport, Tier, Triaged
from careen.model.integration import KnownFinding

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
    """Findings that are closed, new, worse, or no longer counted because of an exception or VEX."""

    closed: tuple[KnownFinding, ...] = ()
    new: tuple[Triaged, ...] = ()
    worse: tuple[Worse, ...] = ()
    excepted: tuple[KnownFinding, ...] = ()


def changes(last: Sequence[KnownFinding] | None, report: ScanReport | None) -> Changes:
    """Return what differs; nothing without a last run, or without a database."""
    if last is None or report is None:
        return Changes()
    before: dict[tuple[str, str], KnownFinding] = {}
    for known in last:
        before.setdefault((known.id, known.name), known)
    now = {(item.finding.id, item.finding.name) for item in report.findings}
    excused = {(each.triaged.finding.id, each.triaged.finding.name) for each in report.suppressed}
    gone = [known for key, known in before.items() if key not in now]
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
    )


def _why(old: KnownFinding, now: Triaged) -> str:
    if now.finding.kev is not None and not old.kev:
        return "known to be exploited now"
    if _STRENGTH[now.tier.value] > _STRENGTH.get(old.tier, 0):
        return f"{now.tier.value}, was {old.tier}"
    return ""
