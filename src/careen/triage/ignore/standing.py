"""How an entry of an allow-list stands today: in force, due, expired, idle or not applied."""

import datetime as dt
import enum
from collections.abc import Iterator, Sequence
from itertools import groupby

from careen.model.findings.identifiers import is_vulnerability
from careen.triage.ignore.rule import ABOUT_SECRET, ANY, GRACE, Rule


class Standing(enum.Enum):
    """How an entry stands."""

    IN_FORCE = "in force"
    DUE = "due"  # its review has passed or is near, or it ends soon; it still applies
    EXPIRED = "expired"  # it no longer applies
    IDLE = "matches nothing"
    OTHER = "not about a vulnerability"  # of a misconfiguration, a secret or a licence
    UNREAD = "not applied"  # careen cannot evaluate it


def standing_of(rule: Rule, hits: int, today: dt.date) -> Standing:
    """Return how an entry stands that names `hits` findings."""
    if rule.unread:
        return Standing.UNREAD
    if not hits:
        known = rule.identifier == ANY or is_vulnerability(rule.identifier)
        return Standing.IDLE if known else Standing.OTHER
    if rule.end is not None and rule.end < today:
        return Standing.EXPIRED
    days = [day for day in (rule.review_by, rule.until) if day is not None]
    return Standing.DUE if days and min(days) <= today + GRACE else Standing.IN_FORCE


def warnings(rules: Sequence[Rule], hits: Sequence[int], today: dt.date) -> Iterator[str]:
    """Yield a sentence for each entry that needs attention, in the file's order."""
    others: list[Rule] = []
    for rule, count in zip(rules, hits, strict=True):
        standing = standing_of(rule, count, today)
        if rule.identifier.startswith(ABOUT_SECRET):
            continue  # `careen comply` applies it
        if standing is Standing.OTHER:
            others.append(rule)
        elif standing is not Standing.IN_FORCE:
            yield f"{rule.where}: {rule.what}: {words(rule, standing, count, today)}"
    for name, group in groupby(others, key=lambda rule: rule.where.rpartition(":")[0]):
        found = list(group)
        noun = "1 entry is" if len(found) == 1 else f"{len(found):,} entries are"
        yield (
            f"{name}: {noun} not about a vulnerability, such as {found[0].identifier}: not applied"
        )


def words(rule: Rule, standing: Standing, hits: int, today: dt.date) -> str:
    """Return how an entry stands, in words."""
    match standing:
        case Standing.UNREAD:
            return f"not applied: {rule.unread}"
        case Standing.IDLE:
            return (
                "matches no finding; `careen ignore IMAGE --prune` says whether it is still needed"
            )
        case Standing.EXPIRED:
            noun = "1 finding counts" if hits == 1 else f"{hits:,} findings count"
            return f"expired on {rule.end}, so {noun} again; review it"
        case Standing.DUE:
            return _due(rule, today)
        case _:
            return str(standing.value)


def _due(rule: Rule, today: dt.date) -> str:
    if rule.review_by is None:
        return f"ends after {rule.end}; review it"
    when = "since" if rule.review_by < today else "by"
    return f"due for review {when} {rule.review_by}; it ends after {rule.end}"
