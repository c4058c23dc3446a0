"""Tables of counts that fit the screen without cropping a number."""

from collections.abc import Iterator, Sequence

from rich.table import Table

from careen.report.terminal_output.tables import table

GAP = 2  # spaces between columns


def count_tables(
    rows: Sequence[Sequence[str]], head: Sequence[str], short: Sequence[str], width: int
) -> Iterator[Table]:
    """Yield tables of a label and counts, at most `width` columns wide.

    The heads are those of `head` if they fit, else those of `short`. Columns that still do not fit
    go to a further table, which repeats the labels.
    """
    heads = head if _total(_widths(rows, head)) <= width else short
    widths = _widths(rows, heads)
    start = 1
    while start < len(heads):
        end = start + 1
        while end < len(heads) and _total([widths[0], *widths[start : end + 1]]) <= width:
            end += 1
        keep = (0, *range(start, end))
        yield table(
            ([row[i] for i in keep] for row in rows),
            right=range(1, len(keep)),
            head=[heads[i] for i in keep],
        )
        start = end


def _widths(rows: Sequence[Sequence[str]], head: Sequence[str]) -> list[int]:
    return [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + GAP * (len(widths) - 1)
