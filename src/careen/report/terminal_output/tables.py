"""Borderless tables and sections, used by every view."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import TypeVar

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from careen.report.terminal_output.figures import change
from careen.report.terminal_output.screen import Signs

INDENT = 2
_Cell = TypeVar("_Cell", str, str | Text)
_GAP = 2
_NARROW = 12
"""What is left for a column that may be folded before the others are folded, too."""


class _Whole(Table):
    """A table that folds all its columns if the console has less than `needed` of them."""

    needed = 0

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if options.max_width < self.needed:  # rich would cut what it must not fold
            for column in self.columns:
                column.no_wrap = False
        yield from super().__rich_console__(console, options)


def changed(before: int, after: int, signs: Signs) -> Text:
    """Return the change in percent: green for less, yellow for more."""
    style = "green" if after < before else "" if after == before else "yellow"
    return Text(change(before, after, minus=signs.minus, unknown=signs.unknown), style=style)


def table(
    rows: Iterable[Sequence[str | Text]],
    right: Sequence[int] = (),
    head: Sequence[str] = (),
    fill: int | Sequence[int] = (),
    optional: Sequence[int] = (),
) -> Table:
    """Return a table with two spaces between columns.

    `right` names the right-aligned columns. `fill` names those that are folded to fit. If that
    does not suffice, all are: nothing is cut. `optional` names those that are left out if no row
    has anything there.
    """
    foldable = (fill,) if isinstance(fill, int) else fill
    listed = [*rows]
    if empty := {number for number in optional if not any(str(row[number]) for row in listed)}:
        listed = [_without(row, empty) for row in listed]
        head = _without(head, empty)
        right, foldable = _moved(right, empty), _moved(foldable, empty)
    columns = max((len(row) for row in listed), default=len(head))
    while columns > max(1, len(head)) and not any(
        row[columns - 1 : columns] and str(row[columns - 1]) for row in listed
    ):
        columns -= 1  # an empty last column would take space from the others
    out = _Whole(
        box=None,
        show_header=bool(head),
        pad_edge=False,
        padding=(0, _GAP, 0, 0),
        header_style="dim",
        expand=False,
    )
    for number in range(columns):
        out.add_column(
            head[number] if number < len(head) else "",
            justify="right" if number in right else "left",
            no_wrap=number not in foldable,
            overflow="fold",
        )
    for row in listed:
        out.add_row(*row[:columns])
    widths = [
        _width(row[number] for row in (head, *listed) if number < len(row))
        for number in range(columns)
    ]
    out.needed = _GAP * (columns - 1) + sum(
        min(width, _NARROW) if number in foldable else width for number, width in enumerate(widths)
    )
    return out


def _width(cells: Iterable[str | Text]) -> int:
    return max((cell_len(line) for cell in cells for line in str(cell).splitlines()), default=0)


def _without(row: Sequence[_Cell], empty: AbstractSet[int]) -> tuple[_Cell, ...]:
    return tuple(cell for number, cell in enumerate(row) if number not in empty)


def _moved(columns: Sequence[int], empty: AbstractSet[int]) -> tuple[int, ...]:
    """Return the numbers that `columns` have without those that are empty."""
    return tuple(
        number - sum(1 for each in empty if each < number)
        for number in columns
        if number not in empty
    )


def put(console: Console, body: RenderableType) -> None:
    """Print `body` without trailing spaces on its lines."""
    # Output is copied into logs and messages.
    for line in console.render_lines(body, pad=False):
        text = Text.assemble(*((segment.text, segment.style or "") for segment in line))
        text.rstrip()
        console.print(text, soft_wrap=True)


def section(console: Console, title: str, body: Table | Iterable[str]) -> None:
    """Print an empty line, the title, and the indented body; nothing if the body is empty."""
    rows = body if isinstance(body, Table) else table(((text,) for text in body), fill=0)
    if rows.row_count:
        console.print()
        console.print(Text(title, style="bold"))
        put(console, Padding(rows, (0, 0, 0, INDENT), expand=False))


def verbatim(console: Console, title: str, lines: Iterable[str]) -> None:
    """Print an empty line, the title, and lines to be copied: none is folded."""
    for number, line in enumerate(lines):
        if number == 0:
            console.print()
            console.print(Text(title, style="bold"))
        console.print(Text(f"{' ' * INDENT}{line}".rstrip()), soft_wrap=True)
