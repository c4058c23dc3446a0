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
    console.print(
        Text(shown(f"careen {verb} {outcome.name} ({outcome.mode.value})", signs)), soft_wrap=True
    )
    for line in _lines(outcome, signs):
        console.print(Text(shown(line, signs)), soft_wrap=True)
    console.print(Text(final_line(outcome, signs), style=_style(outcome)), soft_wrap=True)


def final_line(outcome: Outcome, signs: Signs) -> str:
    """Return the verdict in one line."""
    return shown(f"{signs.tick if passed(outcome) else signs.cross} {verdict(outcome)}", signs)


def _style(outcome: Outcome) -> str:
    return "bold green" if passed(outcome) else "bold red"


def _lines(outcome: Outcome, signs: Signs) -> Iterator[str]:
    yield f"why       {step_line(outcome)}"
    yield f"image     {outcome.image} {outcome.image_digest}"
    for place in outcome.places:
        yield f"result    {place}"
    if outcome.result_digest:
        yield f"digest    {outcome.result_digest}"
    if outcome.made:
        yield f"made      {outcome.made}"
    for each in outcome.figures:
        before, after = _value(each, each.before), _value(each, each.after)
        yield f"{each.title:<9} {before} {signs.arrow} {after}"
    if found := compared(outcome):
        unknown = f", {len(found.unknown):,} not known any more" if found.unknown else ""
        yield (
            f"changes   {counted(len(found.closed), 'finding')} closed, {len(found.new):,} new,"
            f" {len(found.worse):,} more serious{unknown}"
        )
    elif outcome.last is not None and not outcome.is_without_result:
        yield f"changes   not known: {not_known(outcome.report)}"
    asked = decisions(outcome)
    for line in asked[:_MOST]:
        yield f"decide    {line}"
    if len(asked) > _MOST:
        yield f"decide    and {len(asked) - _MOST:,} more, in the comment"
    for place in outcome.attested:
        yield f"attested  {place}"
    if outcome.evidence:
        yield f"evidence  {outcome.evidence}"
    for name, path in outcome.files.items():
        yield f"{name:<9} {path}"


def _value(figure: Figure, value: int | None) -> str:
    if value is None:
        return "unknown"
    return size(value) if figure.unit == "bytes" else number(value)
