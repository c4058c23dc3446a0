"""Terminal view of adequacy: the score, its parts, and advice."""

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from careen.model.adequacy import Adequacy, Part
from careen.report.terminal_output.screen import Signs, shown, signs_of
from careen.report.terminal_output.tables import INDENT, put, table

_BAR = 10
_ADVICE = 3
_TITLE = 19  # "application modules"
_NUMBER = 5  # "100 %"
_MIN_DETAIL = 12
_GOOD = 0.8


def print_adequacy(console: Console, adequacy: Adequacy) -> None:
    """Print the score with the verdict, a line for each part, and the first pieces of advice."""
    signs = signs_of(console)
    console.print()
    style = (
        "" if adequacy.score is None else "bold green" if adequacy.score >= _GOOD else "bold yellow"
    )
    head = Text.assemble(
        ("Adequacy  ", "bold"),
        (_percent(adequacy.score, signs), style),
        "  ",
        shown(adequacy.verdict, signs),
        overflow="fold",
    )
    put(console, head)
    room = max(_MIN_DETAIL, console.width - INDENT - _TITLE - _NUMBER - _BAR - 3 * 2)
    put(
        console,
        Padding(
            table(
                (_row(part, len(adequacy.steps), room, signs) for part in adequacy.parts),
                right=(1,),
            ),
            (0, 0, 0, INDENT),
            expand=False,
        ),
    )
    if adequacy.advice:
        put(
            console,
            Padding(
                table(
                    ((signs.bullet, shown(text, signs)) for text in adequacy.advice[:_ADVICE]),
                    fill=1,
                ),
                (0, 0, 0, INDENT),
                expand=False,
            ),
        )


def adequacy_note(adequacy: Adequacy) -> str:
    """Return one line for a summary: the score, and the first thing that would raise it."""
    score = (
        "adequacy is not known"
        if adequacy.score is None
        else f"adequacy {_percent(adequacy.score)}"
    )
    unknown = [part.title for part in adequacy.parts if part.counts and part.share is None]
    without = (
        f" ({' and '.join(unknown)} not known)" if adequacy.score is not None and unknown else ""
    )
    return shown(f"{score}{without}: {adequacy.verdict}")


def _percent(share: float | None, signs: Signs | None = None) -> str:
    if share is None:
        return signs.unknown if signs is not None else "?"
    return f"{int(share * 100 + 1e-9)} %"


def _row(part: Part, steps: int, room: int, signs: Signs) -> tuple[str | Text, ...]:
    length = 0 if part.share is None else round(part.share * _BAR)
    style = "cyan" if part.counts else "dim cyan"
    detail = shown(_detail(part, steps), signs)
    cut = (
        detail if len(detail) <= room else f"{detail[: room - len(signs.ellipsis)]}{signs.ellipsis}"
    )
    return (
        shown(part.title, signs),
        _percent(part.share, signs),
        Text(signs.bar * length, style=style),
        cut,
    )


def _detail(part: Part, steps: int) -> str:
    if part.share is None or part.covered is None or part.total is None:
        return part.why
    if part.id == "saturation":
        found = (
            "no new file"
            if part.covered == part.total
            else f"{part.total - part.covered:,} used new files"
        )
        return f"last {part.total:,} of {steps:,} steps: {found}"
    lacking = part.total - part.covered
    more = f" and {lacking - 1:,} more" if lacking > 1 else ""
    return f"{part.covered:,} of {part.total:,}" + (
        f", not {part.missing[0]}{more}" if part.missing else ""
    )
