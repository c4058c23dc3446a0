"""Terminal view of `careen base migrate`."""

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from careen.model.catalog.migration import Migration, StageMove
from careen.report.terminal_output.figures import counted
from careen.report.terminal_output.screen import Signs, shown, signs_of
from careen.report.terminal_output.tables import put, section, table, verbatim


def print_migration(
    console: Console, found: Migration, *, written: bool, catalogs: Sequence[Path] = ()
) -> None:
    """Print each stage with its reason, the steps that need more than `runtime`, and the patch.

    `catalogs` are the user's own, which the commands to build the bases name.
    """
    signs = signs_of(console)
    put(
        console, Text.assemble(("careen base migrate  ", "dim"), (shown(found.path, signs), "bold"))
    )
    console.print()
    rows = [_stage(stage, signs) for stage in found.stages]
    put(console, table(rows, head=("line", "stage", "FROM", "reason"), right=(0,), fill=(2, 3)))
    steps = [row for stage in found.stages for row in _steps(stage, signs)]
    head = ("line", "step", "needs", "instead")
    if steps:
        section(
            console,
            "Steps that need more than the variant runtime",
            table(steps, right=(0,), head=head, fill=(1, 3)),
        )
    section(console, "Notes", [shown(note, signs) for note in found.notes])
    bases = dict.fromkeys(_build(stage, catalogs) for stage in found.stages if stage.after)
    title = "The bases, if you have not built them"
    verbatim(console, title, (shown(line, signs) for line in bases))
    if found.patch:
        verbatim(console, "Patch", (shown(line, signs) for line in _lines(found.patch)))
    console.print()
    moved = f"{counted(found.moved, 'stage')} of {len(found.stages)} moved"
    if found.proof is not None:
        moved += "; the test passes on both images"
    if written and found.patch:
        moved += f"; written: {shown(found.path, signs)}"
    put(console, moved)


def print_patch(console: Console, found: Migration) -> None:
    """Print the patch to a terminal, with what could steer it escaped."""
    signs = signs_of(console)
    for line in _lines(found.patch):
        put(console, shown(line, signs))


def _build(stage: StageMove, catalogs: Sequence[Path]) -> str:
    """Return the command that builds the base of a stage."""
    words = ["careen", "base", "build", stage.entry, "--variant", stage.variant, "-t", stage.after]
    words += [word for path in catalogs for word in ("--catalog", str(path))]
    return shlex.join(words)


def _lines(patch: str) -> list[str]:
    return patch.removesuffix("\n").split("\n") if patch else []


def _stage(stage: StageMove, signs: Signs) -> tuple[str, ...]:
    images = f"{stage.before} {signs.arrow} {stage.after}" if stage.after else stage.before
    return str(stage.line), shown(stage.name, signs), shown(images, signs), stage.reason


def _steps(stage: StageMove, signs: Signs) -> Iterator[tuple[str, ...]]:
    for step in stage.steps:
        yield str(step.line), shown(step.step, signs), step.need.value, step.advice
