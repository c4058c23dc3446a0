"""Terminal view of a pass of `careen watch`."""

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from careen.model.watching import ImageOutcome, WatchAction, WatchResult
from careen.report.terminal_output.figures import counted, duration, number
from careen.report.terminal_output.screen import Signs, short_digest, shown, signs_of
from careen.report.terminal_output.tables import put, section, table

_STYLES = {
    WatchAction.UNCHANGED: "dim",
    WatchAction.NOTED: "",
    WatchAction.HARDENED: "bold green",
    WatchAction.PUSHED: "bold green",
    WatchAction.WAITING: "yellow",
    WatchAction.FAILED: "bold red",
}
_FAILED = (WatchAction.FAILED, WatchAction.WAITING)


def print_watch(console: Console, result: WatchResult) -> None:
    """Print the result. The headline alone answers the question."""
    signs = signs_of(console)
    put(console, headline(result))
    console.print()
    head = ("image", "changed", "dry run" if result.dry_run else "done", "findings", "result")
    put(
        console,
        table((_row(image, signs) for image in result.images), right=(3,), head=head, fill=(0, 1)),
    )
    section(console, "What is known now", table(_details(result, signs, failed=False), fill=(0, 1)))
    section(console, "Failed", table(_details(result, signs, failed=True), fill=(0, 1)))
    section(console, "Notes", (shown(note, signs) for note in result.notes))
    section(console, "Next", (shown(step, signs) for step in _next(result)))


def headline(result: WatchResult) -> Text:
    """Return the answer in one line: the number of images of each kind."""
    counts = {deed: sum(image.deed is deed for image in result.images) for deed in WatchAction}
    parts = [f"{counts[deed]:,} {deed.value}" for deed in WatchAction if counts[deed]]
    style = (
        "bold red"
        if counts[WatchAction.FAILED]
        else "bold yellow"
        if counts[WatchAction.WAITING]
        else "bold green"
    )
    return Text.assemble(
        (counted(len(result.images), "image"), style),
        f": {', '.join(parts)}; {duration(result.seconds)}",
        overflow="fold",
    )


def watch_lines(result: WatchResult) -> Iterator[str]:
    """Yield the lines of `--quiet`, one for each image."""
    for image in result.images:
        detail = f": {image.detail}" if image.detail else ""
        why = f" ({', '.join(image.changed)})" if image.changed else ""
        yield shown(
            f"{image.tag}"
            f" {image.deed.value}{why}{f' {image.digest}' if image.digest else ''}{detail}"
        )


def _row(image: ImageOutcome, signs: Signs) -> tuple[str | Text, ...]:
    return (
        shown(image.tag, signs),
        shown(", ".join(image.changed), signs),
        Text(image.deed.value, style=_STYLES.get(image.deed, "bold")),
        _findings(image, signs),
        shown(short_digest(image.digest), signs) if image.digest else "",
    )


def _findings(image: ImageOutcome, signs: Signs) -> str:
    if image.after is None:
        return ""
    return (
        number(image.after)
        if image.before in (None, image.after)
        else f"{number(image.before)} {signs.arrow} {number(image.after)}"
    )


def _details(result: WatchResult, signs: Signs, *, failed: bool) -> Iterator[tuple[str, str]]:
    for image in result.images:
        if image.detail and (image.deed in _FAILED) is failed:
            yield shown(image.tag, signs), shown(image.detail, signs)


def _next(result: WatchResult) -> Iterator[str]:
    reports = [
        image
        for image in result.images
        if image.deed is WatchAction.FAILED and image.report_directory
    ]
    for image in reports[:3]:
        yield f"{image.tag}: the evidence is in {image.report_directory}"
    if any(image.deed is WatchAction.WAITING for image in result.images):
        yield "--again tries those that wait at once"
