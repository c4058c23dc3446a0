"""The plain, borderless tables and sections of every view."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from careen.report.screen import heading

INDENT = 2


def table(rows: Iterable[Sequence[str | Text]], right: Sequence[int] = (), head: Sequence[str] = (), fill: int | None = None) -> Table:
    """Return a table of two-space columns. `right` names the columns that are flush right, `fill` the one that may be folded to fit and takes the rest
    of the width (the others are never broken).
    """
    listed = [*rows]
    columns = max((len(row) for row in listed), default=len(head))
    out = Table(box=None, show_header=bool(head), pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", expand=False)
    for number in range(columns):
        out.add_column(
            head[number] if number < len(head) else "",
            justify="right" if number in right else "left",
            no_wrap=number != fill,
            overflow="fold",
        )
    for row in listed:
        out.add_row(*row)
    return out


def section(console: Console, title: str, body: Table | Iterable[str | Text]) -> None:
    """Print an empty line, the title, and the body indented; nothing when the body is empty."""
    from rich.padding import Padding

    content = body if isinstance(body, Table) else [*body]
    if (isinstance(content, Table) and content.row_count == 0) or content == []:
        return
    console.print()
    console.print(heading(title))
    for item in [content] if isinstance(content, Table) else content:
        shown_item = Text(item, overflow="fold") if isinstance(item, str) else item
        console.print(Padding(shown_item, (0, 0, 0, INDENT), expand=False))
