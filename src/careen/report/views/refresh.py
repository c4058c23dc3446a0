"""Terminal view of a pass of `careen base refresh`."""

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from careen.model.catalog.refresh import RefreshAction, RefreshOutcome, RefreshResult
from careen.report.terminal_output.figures import counted, duration, number
from careen.report.terminal_output.screen import Signs, short_digest, shown, signs_of
from careen.report.terminal_output.tables import put, section, table

_STYLES = {
    RefreshAction.UNCHANGED: "dim",
    RefreshAction.PROMOTED: "bold green",
    RefreshAction.WAITING: "yellow",
    RefreshAction.HELD: "bold red",
    RefreshAction.FAILED: "bold red",
}
_NOT_PROMOTED = (RefreshAction.HELD, RefreshAction.WAITING, RefreshAction.FAILED)


def print_refresh(console: Console, result: RefreshResult) -> None:
    """Print the result. The headline alone answers the question."""
    signs = signs_of(console)
    put(console, headline(result))
    console.print()
    head = ("base", "variant", "dry run" if result.dry_run else "done", "findings", "digest")
    put(console, table((_row(x, signs) for x in result.bases), right=(3,), head=head, fill=0))
    section(console, "Changed", table(_changed(result, signs), fill=(0, 1)))
    section(console, "Known now", table(_details(result, signs, held=False), fill=(0, 1)))
    section(console, "Not promoted", table(_details(result, signs, held=True), fill=(0, 1)))
    section(console, "Unproven", table(_unproven(result, signs), fill=(0, 1)))
    section(console, "Notes", (shown(note, signs) for note in result.notes))


def headline(result: RefreshResult) -> Text:
    """Return the answer in one line: the number of images of each kind."""
    counts = {deed: sum(x.action is deed for x in result.bases) for deed in RefreshAction}
    parts = [f"{counts[deed]:,} {deed.value}" for deed in RefreshAction if counts[deed]]
    bad = counts[RefreshAction.HELD] or counts[RefreshAction.FAILED]
    style = "bold red" if bad else "bold yellow" if counts[RefreshAction.WAITING] else "bold green"
    return Text.assemble(
        (counted(len(result.bases), "image"), style),
        f": {', '.join(parts) or 'nothing to do'}; {duration(result.seconds)}",
        overflow="fold",
    )


def refresh_lines(result: RefreshResult) -> Iterator[str]:
    """Yield the lines of `--quiet`, one for each image."""
    for each in result.bases:
        name = each.names[0] if each.names else f"{each.entry} {each.variant}"
        why = f" ({', '.join(each.changed)})" if each.changed else ""
        detail = f": {each.detail}" if each.detail else ""
        doubt = f" (unproven: {each.unproven})" if each.unproven else ""
        digest = f" {each.served}" if each.served else ""
        yield shown(f"{name} {each.action.value}{why}{digest}{detail}{doubt}")


def _row(each: RefreshOutcome, signs: Signs) -> tuple[str | Text, ...]:
    return (
        shown(each.entry, signs),
        each.variant,
        Text(each.action.value, style=_STYLES.get(each.action, "")),
        _findings(each, signs),
        shown(short_digest(each.served), signs) if each.served else "",
    )


def _findings(each: RefreshOutcome, signs: Signs) -> str:
    if each.after is None:
        return ""
    if each.before in (None, each.after):
        return number(each.after)
    return f"{number(each.before or 0)} {signs.arrow} {number(each.after)}"


def _changed(result: RefreshResult, signs: Signs) -> Iterator[tuple[str, str]]:
    for each in result.bases:
        if each.changed:
            yield (
                shown(f"{each.entry} {each.variant}", signs),
                shown(", ".join(each.changed), signs),
            )


def _unproven(result: RefreshResult, signs: Signs) -> Iterator[tuple[str, str]]:
    for each in result.bases:
        if each.unproven:
            yield shown(f"{each.entry} {each.variant}", signs), shown(each.unproven, signs)


def _details(result: RefreshResult, signs: Signs, *, held: bool) -> Iterator[tuple[str, str]]:
    for each in result.bases:
        if each.detail and (each.action in _NOT_PROMOTED) is held:
            yield shown(f"{each.entry} {each.variant}", signs), shown(each.detail, signs)
