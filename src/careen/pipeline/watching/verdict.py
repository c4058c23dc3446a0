"""Compare a result's findings with the last verdict.

Some ask for hardening again; others are only reported.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from careen.advisories.database.store import Store
from careen.advisories.matching.match import match
from careen.model.findings.triage import Triaged
from careen.model.packages.package import Inventory
from careen.pipeline.findings.finding_policy import Heard
from careen.pipeline.findings.scan import suppress
from careen.pipeline.findings.scan_source import Stock
from careen.pipeline.watching.state import Known
from careen.triage.conditions import Condition, holds
from careen.triage.triage import triage

_NAMED = 3


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """Difference between a verdict and the last one.

    `asking` have a new fix and meet a condition; `waiting` have one and meet none. `unfixed` are
    new without a fix. `exploited` are newly known as exploited. `gone` counts those no longer
    known.
    """

    asking: tuple[Triaged, ...]
    waiting: tuple[Triaged, ...]
    unfixed: tuple[Triaged, ...]
    exploited: tuple[Triaged, ...]
    gone: int

    @property
    def words(self) -> str:
        """The difference in one line; "" if the verdict is the same."""
        parts = (
            _named(self.asking, "may be fixed now"),
            _named(self.waiting, "may be fixed now, but meet no condition of `when`"),
            _named(self.unfixed, "new, no fix"),
            _named(self.exploited, "exploited now"),
            f"{self.gone:,} no longer known" if self.gone else "",
        )
        return "; ".join(part for part in parts if part)


def judge(inventory: Inventory, store: Store, heard: Heard, tag: str) -> tuple[Triaged, ...]:
    """Return the findings of an image that are not suppressed, most urgent first.

    Runtime evidence is not used.
    """
    items = triage(
        match(inventory, store).findings, inventory, None, None, None, feeds=store.feeds()
    )
    return suppress(items, heard, Stock(tag, "", inventory)).findings


def compare(
    before: Iterable[Known], now: Sequence[Triaged], when: Sequence[Condition]
) -> VerdictChange:
    """Return the difference between the last verdict and the current findings."""
    known = {(each.id, each.package): each for each in before}
    asking: list[Triaged] = []
    waiting: list[Triaged] = []
    unfixed: list[Triaged] = []
    exploited: list[Triaged] = []
    for item in now:
        old = known.get((item.finding.id, item.finding.package))
        if item.finding.fixable and (old is None or not old.fixable or old.waiting):
            if _counts(item, when):
                asking.append(item)
            elif old is None or not old.waiting:
                waiting.append(item)
        elif old is None:
            unfixed.append(item)
        if item.finding.kev is not None and (old is None or not old.kev):
            exploited.append(item)
    gone = known.keys() - {(item.finding.id, item.finding.package) for item in now}
    return VerdictChange(tuple(asking), tuple(waiting), tuple(unfixed), tuple(exploited), len(gone))


def noted(
    items: Iterable[Triaged], before: Iterable[Known], when: Sequence[Condition]
) -> tuple[Known, ...]:
    """Return the verdict for the state if nothing was hardened.

    Fixable findings that meet no condition stay `waiting`.
    """
    taken = {(each.id, each.package) for each in before if each.fixable and not each.waiting}
    return tuple(
        _known(
            item,
            waiting=_key(item) not in taken and item.finding.fixable and not _counts(item, when),
        )
        for item in items
    )


def settled(items: Iterable[Triaged]) -> tuple[Known, ...]:
    """Return the verdict right after hardening, in which nothing waits."""
    return tuple(_known(item, waiting=False) for item in items)


def _known(item: Triaged, *, waiting: bool) -> Known:
    finding = item.finding
    return Known(finding.id, finding.package, finding.fixable, finding.kev is not None, waiting)


def _key(item: Triaged) -> tuple[str, str]:
    return item.finding.id, item.finding.package


def _counts(item: Triaged, when: Sequence[Condition]) -> bool:
    """Return whether a finding meets one of the conditions; True without conditions."""
    # An unrated finding counts, since it may be the worst.
    return not when or any(holds(condition, item, None) is not False for condition in when)


def _named(items: Sequence[Triaged], what: str) -> str:
    if not items:
        return ""
    named = ", ".join(
        f"{item.finding.id} in {item.finding.name} {item.finding.version}"
        for item in items[:_NAMED]
    )
    more = f" and {len(items) - _NAMED:,} more" if len(items) > _NAMED else ""
    return f"{len(items):,} {what}: {named}{more}"
