"""Terminal view of `careen history`."""

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.text import Text

from careen.model.history import Event, History
from careen.report.terminal_output.figures import number, size
from careen.report.terminal_output.screen import UNICODE, Signs, shown, signs_of
from careen.report.terminal_output.tables import put, table

_DIGEST = len("sha256:") + 12


def print_history(console: Console, image: str, histories: Iterable[History]) -> None:
    """Print the events of an image, oldest first, then what is wrong with the record."""
    signs = signs_of(console)
    put(console, Text.assemble(("careen history  ", "dim"), (shown(image, signs), "bold")))
    for history in histories:
        console.print()
        put(console, table((_row(each, signs) for each in history.events), fill=2))
        for line in history.broken:
            what = f"line {line} of {history.file} does not follow the line before it"
            put(console, Text(shown(f"broken: {what}", signs), style="red"))
        if history.incomplete:
            what = f"the last line of {history.file} has no end, and is left out"
            put(console, Text(shown(what, signs), style="yellow"))
        if not history.broken:
            put(console, Text(shown(f"each line follows: {history.file}", signs), style="dim"))


def history_lines(histories: Iterable[History]) -> Iterator[str]:
    """Yield one line for each event, its parts separated by two spaces."""
    for history in histories:
        for event in history.events:
            yield shown(f"{event.time}  {event.kind}  {event.result.digest}", UNICODE)


def _row(event: Event, signs: Signs) -> tuple[str, ...]:
    parts = [
        *_figures(event, signs),
        shown(event.result.digest[:_DIGEST], signs),
        shown(", ".join(event.promoted), signs),
    ]
    when = event.time.replace("T", " ").removesuffix("Z")
    return when, event.kind, f"  {signs.bullet}  ".join(filter(None, parts))


def _figures(event: Event, signs: Signs) -> Iterator[str]:
    """Yield size and findings before and after; nothing for an event that states none."""
    if event.size_before is None or event.size_after is None:
        return
    yield f"{size(event.size_before)} {signs.arrow} {size(event.size_after)}"
    before, after = (
        signs.unknown if count is None else number(count)
        for count in (event.findings_before, event.findings_after)
    )
    yield f"{before} {signs.arrow} {after} findings"
