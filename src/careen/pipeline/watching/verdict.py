"""What is known against a result now, beside what was known before: what asks for hardening it
again, and what is only to be told.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from careen.advisories.match import match
from careen.advisories.store import Store
from careen.model.package import Inventory
from careen.model.triage import Triaged
from careen.pipeline.findings.finding_policy import Heard
from careen.pipeline.findings.scan import suppress
from careen.pipeline.findings.scan_source import Stock
from careen.pipeline.watching.state import Known
from careen.triage.conditions import Condition, holds
from careen.triage.triage import triage

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Shift:
    """How a verdict differs from the last one. `asking` have a fix that they did not have, and meet
    a condition; `waiting` have one, and meet none. `unfixed` are new without a fix, `exploited` new
    on the list of what is exploited, `gone` no longer known.
    """

    asking: tuple[Triaged, ...]
    waiting: tuple[Triaged, ...]
    unfixed: tuple[Triaged, ...]
    exploited: tuple[Triaged, ...]
    gone: int

    @property
    def words(self) -> str:
        """Say it in one line; "" when the verdict is the same."""
        parts = (
            _named(self.asking, "may be fixed now"),
            _named(self.waiting, "may be fixed now, but meet no condition of `when`"),
            _named(self.unfixed, "new, no fix"),
            _named(self.exploited, "exploited now"),
            f"{self.gone:,} no longer known" if self.gone else "",
        )
        return "; ".join(part for part in parts if part)


def judge(inventory: Inventory, store: Store, heard: Heard, tag: str) -> tuple[Triaged, ...]:
    """Return what is known against an image and nobody has dismissed, most urgent first. What runs
    of it is not asked.
    """
    items = triage(match(inventory, store).findings, inventory, None, None, None)
    return suppress(items, heard, Stock(tag, "", inventory)).findings


def compare(before: Iterable[Known], now: Sequence[Triaged], when: Sequence[Condition]) -> Shift:
    """Return what is different."""
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
    return Shift(tuple(asking), tuple(waiting), tuple(unfixed), tuple(exploited), len(gone))


def noted(
    items: Iterable[Triaged], before: Iterable[Known], when: Sequence[Condition]
) -> tuple[Known, ...]:
    """Return the verdict as the state keeps it, where nothing was hardened: what may be fixed and
    meets no condition goes on waiting.
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
    """Return the verdict of what was hardened just now: what could be done about it was done."""
    return tuple(_known(item, waiting=False) for item in items)


def _known(item: Triaged, *, waiting: bool) -> Known:
    finding = item.finding
    return Known(finding.id, finding.package, finding.fixable, finding.kev is not None, waiting)


def _key(item: Triaged) -> tuple[str, str]:
    return item.finding.id, item.finding.package


def _counts(item: Triaged, when: Sequence[Condition]) -> bool:
    """What is not known (nobody has rated it) counts: it may be the worst."""
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
