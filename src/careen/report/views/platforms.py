"""Terminal view of a hardened index: one line for each platform, and what was not run."""

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from careen.model.platforms import Made, PlatformResult, PlatformsResult
from careen.report.terminal_output.figures import change, counted, size
from careen.report.terminal_output.screen import Signs, short_digest, shown, signs_of
from careen.report.terminal_output.tables import put, section, table
from careen.report.terminal_output.terminal import adequacy_line, tests_line
from careen.report.verdict_line import verdict_line

_STYLES = {
    Made.NATIVE: "green",
    Made.EMULATED: "green",
    Made.DERIVED: "yellow",
    Made.KEPT: "yellow",
}
NOT_TESTED = {
    Made.DERIVED: "derived by package, and not tested",
    Made.KEPT: "kept as it was",
}


def print_platforms(console: Console, result: PlatformsResult) -> None:
    """Print each platform with its sizes, the notes, and each verdict last."""
    signs = signs_of(console)
    title = Text.assemble(
        ("careen  ", "dim"),
        (shown(result.reference, signs), "bold"),
        f" {signs.arrow} ",
        (shown(", ".join(result.promoted), signs), "bold green"),
        overflow="fold",
    )
    put(console, title)
    console.print()
    rows = [_row(each, signs) for each in result.platforms]
    put(
        console,
        table(rows, right=(2, 3, 4), head=("platform", "made", "before", "after", "change")),
    )
    section(
        console, "Notes", table(((signs.bullet, note) for note in _notes(result, signs)), fill=1)
    )
    console.print()
    put(console, Text(shown(f"report  {result.report_directory}", signs), overflow="fold"))
    for each in result.platforms:
        if each.summary is not None:
            put(console, Text.assemble(f"{each.platform}  ", verdict_line(each.summary, signs)))
        else:
            put(console, Text(f"{each.platform}  {NOT_TESTED[each.made]}", style="yellow"))


def final_lines(result: PlatformsResult) -> str:
    """Return the one line of `--quiet`: the result's locations and the digest of the index."""
    return shown(" ".join((*result.promoted, result.digest)))


def _row(each: PlatformResult, signs: Signs) -> tuple[str, Text, str, str, str]:
    made = Text(each.made.value, style=_STYLES[each.made])
    if each.before is None or each.after is None:
        return each.platform, made, signs.unknown, signs.unknown, ""
    changed = change(each.before, each.after, minus=signs.minus, unknown=signs.unknown)
    return each.platform, made, size(each.before), size(each.after), changed


def _notes(result: PlatformsResult, signs: Signs) -> Iterator[str]:
    for each in result.platforms:
        for note in _platform_notes(each):
            yield shown(f"{each.platform}: {note}", signs)
    if result.left_out:
        yield shown(
            f"not in the result, as --platform leaves them out: {', '.join(result.left_out)}", signs
        )
    yield f"index {short_digest(result.digest)}"


def _platform_notes(each: PlatformResult) -> Iterator[str]:
    if each.summary is not None:
        yield tests_line(each.summary)
        if line := adequacy_line(each.summary):
            yield f"adequacy {line}"
    if each.why:
        yield f"not run: {each.why}; {NOT_TESTED[each.made]}"
    if each.made is Made.DERIVED:
        names = ", ".join(each.removed[:5]) or "none"
        more = f" and {len(each.removed) - 5} more" if len(each.removed) > 5 else ""  # noqa: PLR2004
        yield f"{counted(len(each.removed), 'package')} removed: {names}{more}"
    if each.attestations:
        what = counted(each.attestations, "attestation")
        if each.attestations_carried:
            yield f"{what} carried"
        else:
            yield f"{what} of the original left out: they describe what it was"
