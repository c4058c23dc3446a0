"""Suppression of the findings that an allow-list names."""

import datetime as dt
from collections.abc import Iterable, Sequence

from careen.model.findings.finding import Finding
from careen.model.findings.triage import Suppressed, Triaged
from careen.model.packages.package import Inventory
from careen.triage.applied import Applied
from careen.triage.ignore.matching import RuleIndex
from careen.triage.ignore.rule import Rule
from careen.triage.ignore.standing import warnings


def apply_ignore_rules(
    items: Iterable[Triaged],
    rules: Sequence[Rule],
    today: dt.date,
    inventory: Inventory | None = None,
    settled: Iterable[Finding] = (),
) -> Applied:
    """Suppress the findings that an entry names; the first that has not expired counts.

    Entries that are due, expired, idle or not applied give a warning each. `inventory` is needed
    for entries with paths or source packages. `settled` are findings that do not count for another
    reason; an entry that names one is not idle.
    """
    index = RuleIndex(rules, inventory)
    hits = index.hits(settled)
    left: list[Triaged] = []
    suppressed: list[Suppressed] = []
    for item in items:
        naming = index.of(item.finding)
        for number in naming:
            hits[number] += 1
        speaking = next((rules[n] for n in naming if not _expired(rules[n], today)), None)
        if speaking is None:
            left.append(item)
        else:
            suppressed.append(_suppressed(item, speaking))
    return Applied(tuple(left), tuple(suppressed), tuple(warnings(rules, hits, today)))


def _expired(rule: Rule, today: dt.date) -> bool:
    return rule.end is not None and rule.end < today


def _suppressed(item: Triaged, rule: Rule) -> Suppressed:
    return Suppressed(
        item,
        rule.where,
        rule.reason,
        rule.end.isoformat() if rule.end else "",
        rule.review_by.isoformat() if rule.review_by else "",
    )
