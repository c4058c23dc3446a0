"""Selection of listed findings, and the gate of `--fail-on`.

Listing follows `--severity`, `--ignore-unfixed` and `--only`. Unknowns never pass silently.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from careen.errors import InputError
from careen.model.findings.advisory import Feed, Severity
from careen.model.findings.triage import ObservedBy, Tier, Triaged
from careen.triage.conditions import (
    SEVERITIES,
    Condition,
    for_unrated,
    holds,
    needs_missing_rating,
    parse_conditions,
)
from careen.triage.priority import EPSS_RAISED

EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Selection:
    """Filter of listed findings.

    Empty `severities` and `only` accept all. Each `only` must hold; of the conditions in one, any.
    """

    ignore_unfixed: bool = False
    severities: frozenset[Severity] = frozenset()
    only: tuple[tuple[Condition, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Selected:
    """Listed findings in order, and notes on how many are hidden and why."""

    listed: tuple[Triaged, ...]
    notes: tuple[str, ...] = ()


def parse_severities(text: str) -> frozenset[Severity]:
    """Parse `critical,high`: exactly these severities, or `unknown`. Raises InputError."""
    words = [word.strip().lower() for word in text.split(",")]
    for word in words:
        if word not in SEVERITIES:
            msg = (
                f"--severity: {word!r} is not a severity; expected one or more of"
                f" {', '.join(SEVERITIES)}, separated by commas"
            )
            raise InputError(msg)
    return frozenset(SEVERITIES[word] for word in words)


def parse_only(texts: Iterable[str]) -> tuple[tuple[Condition, ...], ...]:
    """Parse each `--only`. Raises InputError."""
    return tuple(parse_conditions(text, "--only") for text in texts)


def parse_fail_on(texts: Iterable[str]) -> tuple[Condition, ...]:
    """Parse every `--fail-on`: any of the conditions fails the run. Raises InputError."""
    return tuple(
        dict.fromkeys(
            condition for text in texts for condition in parse_conditions(text, "--fail-on")
        )
    )


def check_conditions(
    conditions: Iterable[Condition],
    option: str,
    *,
    observed: ObservedBy | None,
    feeds: Sequence[Feed] | None,
) -> None:
    """Raise InputError for a condition that cannot be answered.

    That is a tier without an RBOM of this image, or KEV or a priority without its feeds. `feeds` is
    None if findings and KEV entries come from another tool's report.
    """
    names = None if feeds is None else {feed.name for feed in feeds}
    for condition in conditions:
        if condition.tier is not None:
            _check_tier(condition, option, observed)
        needed = (
            ("kev", "epss") if condition.priority is not None else ("kev",) if condition.kev else ()
        )
        for name in needed:
            if names is not None and name not in names:
                msg = (
                    f"{option} {condition.text}: the advisory database holds no {name.upper()}"
                    " feed, so this condition can never match; run `careen db update`"
                )
                raise InputError(msg)


def _check_tier(condition: Condition, option: str, observed: ObservedBy | None) -> None:
    if observed is None:
        msg = (
            f"{option} {condition.text}: needs an RBOM to know what is executed; pass the RBOM of"
            " this image with --rbom (`careen profile` writes it)"
        )
        raise InputError(msg)
    if not observed.exact:
        msg = (
            f"{option} {condition.text}: the RBOM is of another image, which proves nothing about"
            " this one; run `careen profile` on this image"
        )
        raise InputError(msg)


def select(items: Iterable[Triaged], selection: Selection, observed: ObservedBy | None) -> Selected:
    """Return the listed findings, and notes on the hidden ones.

    A finding that may meet `--only`, as far as known, is listed.
    """
    listed: list[Triaged] = []
    unfixed = other_severity = unrated = others = 0
    for item in items:
        if selection.ignore_unfixed and not item.finding.fixable:
            unfixed += 1
        elif selection.severities and item.finding.severity not in selection.severities:
            unrated += item.finding.severity is Severity.UNKNOWN
            other_severity += item.finding.severity is not Severity.UNKNOWN
        elif any(
            all(holds(condition, item, observed) is False for condition in conditions)
            for conditions in selection.only
        ):
            others += 1
        else:
            listed.append(item)
    notes = (
        (unfixed, "without a known fix (--ignore-unfixed)"),
        (other_severity, "of other severities (--severity)"),
        (unrated, "without a severity rating (--severity; add `unknown` to list them)"),
        (others, "that --only leaves out"),
    )
    return Selected(
        tuple(listed),
        tuple(f"not listed: {_findings(count)} {why}" for count, why in notes if count),
    )


def crossed(
    items: Iterable[Triaged],
    conditions: Sequence[Condition],
    observed: ObservedBy | None,
    feeds: Sequence[Feed] | None,
) -> tuple[str, ...]:
    """Return one sentence for each `--fail-on` condition that a finding meets or may meet.

    An unrated finding meets a severity condition only with a sign of exploitation: an entry in KEV,
    or an EPSS score of at least EPSS_RAISED. `exempt_unrated` reports the others. Raises InputError
    if a condition cannot be answered (`check_conditions`).
    """
    check_conditions(conditions, "--fail-on", observed=observed, feeds=feeds)
    all_items = tuple(items)
    sentences = (_sentence(condition, all_items, observed) for condition in conditions)
    return tuple(sentence for sentence in sentences if sentence)


def exempt_unrated(
    items: Iterable[Triaged], conditions: Iterable[Condition], observed: ObservedBy | None
) -> tuple[str, ...]:
    """Return one sentence per `--fail-on` condition with unrated findings that do not count."""
    all_items = tuple(items)
    found = (
        (
            condition,
            [
                item
                for item in all_items
                if _passes_unrated(condition, item) and holds(condition, item, observed) is None
            ],
        )
        for condition in conditions
    )
    return tuple(
        f"--fail-on {condition.text}: {_findings(len(unrated))} without a severity rating"
        f" {'does' if len(unrated) == 1 else 'do'} not count: {_examples(unrated)};"
        f" {for_unrated(condition)} also fails for these"
        for condition, unrated in found
        if unrated
    )


# Distributions leave most findings unrated forever: counting each as critical would fail every run.
def _passes_unrated(condition: Condition, item: Triaged) -> bool:
    finding = item.finding
    return (
        needs_missing_rating(condition, item)
        and finding.kev is None
        and (finding.epss is None or finding.epss.score < EPSS_RAISED)
    )


def _sentence(condition: Condition, items: Sequence[Triaged], observed: ObservedBy | None) -> str:
    sure: list[Triaged] = []
    unsure: list[Triaged] = []
    for item in items:
        match holds(condition, item, observed):
            case True:
                sure.append(item)
            case None:
                if not _passes_unrated(condition, item):
                    unsure.append(item)
            case False:
                pass
    if not sure and not unsure:
        return ""
    parts = [f"{_findings(len(sure))}: {_examples(sure)}"] if sure else []
    if unsure:
        parts.append(
            f"{_findings(len(unsure))} that may be, since {_why(condition, unsure)}:"
            f" {_examples(unsure)}"
        )
    return f"{condition.text}: {'; and '.join(parts)}"


def _why(condition: Condition, unsure: Sequence[Triaged]) -> str:
    unrated = any(needs_missing_rating(condition, item) for item in unsure)
    unprofiled = condition.tier is not None and any(
        item.finding.severity is not Severity.UNKNOWN or item.tier is Tier.NOT_PROFILED
        for item in unsure
    )
    they_have, they_run = ("it has", "it runs") if len(unsure) == 1 else ("they have", "they run")
    reasons = (
        *((f"{they_have} no severity rating but signs of exploitation",) if unrated else ()),
        *((f"it is unknown whether {they_run}",) if unprofiled else ()),
    )
    return " or ".join(reasons) or "too little is known about them"


def _examples(items: Sequence[Triaged]) -> str:
    named = ", ".join(
        f"{item.finding.id} in {item.finding.name} {item.finding.version}"
        for item in items[:EXAMPLES]
    )
    return named if len(items) <= EXAMPLES else f"{named} and {len(items) - EXAMPLES:,} more"


def _findings(count: int) -> str:
    return "1 finding" if count == 1 else f"{count:,} findings"
