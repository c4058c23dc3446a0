"""Conditions on findings for `--only` and `--fail-on`, with the answers yes, no and unknown."""

from collections.abc import Mapping
from dataclasses import dataclass

from careen.errors import InputError
from careen.model.findings.advisory import Severity
from careen.model.findings.triage import ObservedBy, Priority, Tier, Triaged
from careen.triage.tiers import at_least

TIERS: Mapping[str, Tier] = {
    tier.value.replace(" ", "-"): tier
    for tier in (Tier.EXECUTED, Tier.LOADED, Tier.OPENED, Tier.LOOKED_UP, Tier.PRESENT)
}
SEVERITIES: Mapping[str, Severity] = {
    severity.word: severity for severity in sorted(Severity, reverse=True)
}
PRIORITIES: Mapping[str, Priority] = {priority.value: priority for priority in Priority}
OTHERS = ("kev", "fixable", "any")

_PRIORITY_RANK = {priority: i for i, priority in enumerate(Priority)}


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition; all its parts must hold. `text` is as the user wrote it.

    `tier`, `severity` and `priority` mean "at least"; None means any. Severity UNKNOWN means
    unrated.
    """

    text: str
    tier: Tier | None = None
    severity: Severity | None = None
    priority: Priority | None = None
    kev: bool = False
    fixable: bool = False


def parse_conditions(text: str, option: str) -> tuple[Condition, ...]:
    """Parse conditions separated by commas, each of words joined by `-`: `executed-critical,kev`.

    The words are tiers (executed, loaded, opened, looked-up, present), severities (critical, high,
    medium, low, negligible, unknown), priorities (act, attend, track), `kev`, `fixable` and `any`.
    Each kind may occur once per condition. Raises InputError that names the option and the word.
    """
    return tuple(_condition(part.strip(), option) for part in text.split(","))


def _condition(text: str, option: str) -> Condition:
    tier: Tier | None = None
    severity: Severity | None = None
    priority: Priority | None = None
    others: set[str] = set()
    for word in _words(text):
        if word in TIERS and tier is None:
            tier = TIERS[word]
        elif word in SEVERITIES and severity is None:
            severity = SEVERITIES[word]
        elif word in PRIORITIES and priority is None:
            priority = PRIORITIES[word]
        elif word in OTHERS and word not in others:
            others.add(word)
        elif word in {*TIERS, *SEVERITIES, *PRIORITIES, *OTHERS}:
            msg = (
                f"{option}: {text!r} says {word!r} beside another word of its kind; a condition"
                " holds one tier, one severity, one priority"
            )
            raise InputError(msg)
        else:
            known = ", ".join((*TIERS, *SEVERITIES, *PRIORITIES, *OTHERS))
            msg = (
                f"{option}: {word!r} in {text!r} is not a condition; join words with '-'"
                f" (executed-critical); known words: {known}"
            )
            raise InputError(msg)
    return Condition(text.lower(), tier, severity, priority, "kev" in others, "fixable" in others)


def _words(text: str) -> list[str]:
    return [
        word.replace("_", "-") for word in text.lower().replace("looked-up", "looked_up").split("-")
    ]


def holds(condition: Condition, item: Triaged, observed: ObservedBy | None) -> bool | None:
    """Return whether a finding meets a condition.

    None if some part is unknown and the others hold. A removed finding meets none.
    """
    if item.tier is Tier.REMOVED:
        return False
    answers = (
        _tier(condition.tier, item, observed),
        _severity(condition.severity, item),
        condition.priority is None
        or _PRIORITY_RANK[item.priority] <= _PRIORITY_RANK[condition.priority],
        not condition.kev or item.finding.kev is not None,
        not condition.fixable or item.finding.fixable,
    )
    if False in answers:
        return False
    return None if None in answers else True


def _tier(wanted: Tier | None, item: Triaged, observed: ObservedBy | None) -> bool | None:
    if wanted is None or at_least(item.tier, wanted):
        return True
    if (
        item.tier is Tier.NOT_PROFILED
        or observed is None
        or not observed.completeness.complete
        or not observed.exact
    ):
        return None  # weaker as far as known
    return False


def _severity(wanted: Severity | None, item: Triaged) -> bool | None:
    if wanted is None:
        return True
    rated = item.finding.severity is not Severity.UNKNOWN
    if wanted is Severity.UNKNOWN:
        return not rated
    return item.finding.severity >= wanted if rated else None


def needs_missing_rating(condition: Condition, item: Triaged) -> bool:
    """Return whether a condition needs a severity, and the finding is unrated."""
    return (
        condition.severity not in {None, Severity.UNKNOWN}
        and item.finding.severity is Severity.UNKNOWN
    )


def for_unrated(condition: Condition) -> str:
    """Return the condition for unrated findings: `executed-unknown` of `executed-critical`."""
    return "-".join(
        Severity.UNKNOWN.word if word in SEVERITIES else word for word in _words(condition.text)
    )
