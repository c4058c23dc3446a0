"""Printer of a run for the log of a job; the verdict is the last line."""

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from careen.model.integration import Figure, Outcome
from careen.report.integration.changes import compared
from careen.report.integration.words import decisions, not_known, passed, step_line, verdict
from careen.report.terminal_output.figures import counted, number, size
from careen.report.terminal_output.screen import Signs, shown, signs_of

_MOST = 10


def print_outcome(console: Console, outcome: Outcome, verb: str = "ci") -> None:
    """Print the run of a verb."""
    signs = signs_of(console)
    mode = "" if outcome.mode.value == verb else f" ({outcome.mode.value})"
    console.print(Text(shown(f"careen {verb} {outcome.name}{mode}", signs)), soft_wrap=True)
    lines = list(_lines(outcome, signs))
    width = max(len(label) for label, _ in lines)
    for label, words in lines:
        console.print(Text(shown(f"{label:<{width}}  {words}", signs)), soft_wrap=True)
    console.print(Text(final_line(outcome, signs), style=_style(outcome)), soft_wrap=True)


def final_line(outcome: Outcome, signs: Signs) -> str:
    """Return the verdict in one line."""
    return shown(f"{signs.tick if passed(outcome) else signs.cross} {verdict(outcome)}", signs)


def _style(outcome: Outcome) -> str:
    return "bold green" if passed(outcome) else "bold red"


def _lines(outcome: Outcome, signs: Signs) -> Iterator[tuple[str, str]]:
    """Yield the facts, each with its label."""
    yield "why", step_line(outcome)
    yield "image", f"{outcome.image} {outcome.image_digest}"
    for place in outcome.places:
        yield "result", place
    if outcome.result_digest:
        yield "digest", outcome.result_digest
    if outcome.made:
        yield "made", outcome.made
    for each in outcome.figures:
        before, after = _value(each, each.before), _value(each, each.after)
        yield each.title, f"{before} {signs.arrow} {after}"
    if found := compared(outcome):
        unknown = f", {len(found.unknown):,} not known any more" if found.unknown else ""
        closed = counted(len(found.closed), "finding")
        more = f"{len(found.new):,} new, {len(found.worse):,} more serious{unknown}"
        yield "changes", f"{closed} closed, {more}"
    elif outcome.last is not None and not outcome.is_without_result:
        yield "changes", f"not known: {not_known(outcome.report)}"
    asked = decisions(outcome)
    for line in asked[:_MOST]:
        yield "decide", line
    if len(asked) > _MOST:
        yield "decide", f"and {len(asked) - _MOST:,} more, in the comment"
    for place in outcome.attested:
        yield "attested", place
    if outcome.evidence:
        yield "evidence", outcome.evidence
    for name, path in outcome.files.items():
        yield name, str(path)


def _value(figure: Figure, value: int | None) -> str:
    if value is None:
        return "unknown"
    return size(value) if figure.unit == "bytes" else number(value)
