"""The monthly report for people (VER-TFR-MHR), in Markdown."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from careen.model.compliance.fedramp import State, Tracked, Tracking
from careen.report.markdown_text import escaped

MONTHLY = "fedramp.md"
MAX_ROWS = 500
_CELL = 300


def monthly_markdown(tracking: Tracking) -> bytes:
    """Return the report. Texts of images and advisories are escaped."""
    parts = (
        _head(tracking),
        _section("Overdue", [each for each in tracking.of(State.ACTIVE) if each.due.overdue]),
        _section("Active", [each for each in tracking.of(State.ACTIVE) if not each.due.overdue]),
        _section("Accepted", tracking.of(State.ACCEPTED)),
        _section("Remediated", tracking.of(State.REMEDIATED)),
        _times(tracking),
    )
    return ("\n".join(line for part in parts for line in part) + "\n").encode("utf-8", "replace")


def _head(tracking: Tracking) -> Iterator[str]:
    rules = tracking.rules
    yield f"# Vulnerabilities of {escaped(tracking.image)}"
    yield ""
    yield f"- Image: {escaped(tracking.digest) or 'no digest'}"
    yield f"- Period: {_said(tracking.begins)} to {_said(tracking.time)}"
    yield f"- Scanner: {escaped(tracking.scanner)}"
    klass = "not stated" if tracking.service is None else tracking.service.klass.upper()
    yield f"- Class: {klass}; rules {escaped(rules.content)} of {rules.dated}"
    yield f"- Required from {rules.required}, with grace until {rules.grace}"
    for state in State:
        yield f"- {state.value.capitalize()}: {len(tracking.of(state)):,}"
    yield f"- Overdue: {_overdue(tracking)}"
    yield ""
    for note in tracking.notes:
        yield f"> {escaped(note, _CELL)}"
        yield ""


def _overdue(tracking: Tracking) -> str:
    known = [each.due.overdue for each in tracking.of(State.ACTIVE)]
    unknown = sum(each is None for each in known)
    return f"{sum(each is True for each in known):,}" + (
        f"; not known for {unknown:,}" if unknown else ""
    )


def _section(title: str, items: Sequence[Tracked]) -> Iterator[str]:
    if not items:
        return
    items = sorted(items, key=lambda item: (-item.severity, item.detected, item.id))
    yield f"## {title}"
    yield ""
    yield "| vulnerability | detected | rating | exploitable | reachable | due | inputs | words |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for item in items[:MAX_ROWS]:
        yield f"| {' | '.join(_cells(item))} |"
    if len(items) > MAX_ROWS:
        yield ""
        yield f"… and {len(items) - MAX_ROWS:,} more, in fedramp-evaluation.json."
    yield ""


def _cells(item: Tracked) -> Iterator[str]:
    decided, proposed = item.decision, item.proposal
    yield f"{escaped(item.id)} ({item.severity.word})"
    yield _said(item.detected)[:10]
    rating = decided.rating if decided is not None else None
    yield _judged(_rating(rating), _rating(proposed.rating))
    likely = decided.likely_exploitable if decided is not None else None
    yield _judged(_word(likely), _word(proposed.likely_exploitable))
    internet = decided.internet_reachable if decided is not None else None
    yield _judged(_word(internet), _word(proposed.internet_reachable))
    yield _due(item)
    yield escaped(_inputs(item), _CELL)
    yield escaped(item.rationale or item.due.explanation or item.note, _CELL)


def _judged(decided: str, proposed: str) -> str:
    return decided or (f"proposed: {proposed}" if proposed else "not known")


def _rating(rating: int | None) -> str:
    return "" if rating is None else f"N{rating}"


def _word(answer: bool | None) -> str:  # noqa: FBT001
    return "" if answer is None else "yes" if answer else "no"


def _due(item: Tracked) -> str:
    due = item.due
    if item.ended is not None:
        return f"ended {_said(item.ended)[:10]}"
    times = (
        f"KEV {due.kev_by}" if due.kev_by is not None else "",
        f"reduce {_said(due.reduce_by)[:10]}" if due.reduce_by is not None else "",
        f"evaluate {_said(due.evaluate_by)[:10]}"
        if due.evaluate_by is not None and (item.decision is None or not item.decision.evaluated)
        else "",
    )
    return ", ".join(filter(None, times)) or "no clock"


def _inputs(item: Tracked) -> str:
    return "; ".join(f"{each.name}: {each.answer}" for each in item.given)


def _times(tracking: Tracking) -> Iterable[str]:
    if tracking.service is None:
        return
    clocks = tracking.rules.classes[tracking.service.klass]
    yield f"## Times of class {tracking.service.klass.upper()}"
    yield ""
    yield f"- Evaluate within {clocks.evaluate.days} days of detection."
    drifting = clocks.drifting.days
    yield f"- Scan samples every {clocks.samples.days} days, what drifts every {drifting}."
    yield f"- Renew the history every {clocks.history.days} days, this report every month."
    yield ""


def _said(time: dt.datetime) -> str:
    return time.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
