"""Tables of the terminal: what does not fit is folded, never cut."""

import io

import pytest

from careen.report.terminal_output.screen import open_console
from careen.report.terminal_output.tables import put, section, table, verbatim

ROW = ("onnxruntime-cpu:debian-13", "a reason that is long enough to be folded", "2026-12-01")
LONG = ("x" * 45, "y" * 45, "2026-12-01")


def printed(rows: list[tuple[str, ...]], width: int, fill: tuple[int, ...]) -> list[str]:
    console = open_console(out := io.StringIO(), width)
    put(console, table(rows, fill=fill))
    return out.getvalue().splitlines()


def test_a_column_that_may_be_folded_is_folded_first() -> None:
    lines = printed([ROW], 60, (1,))
    assert lines[0].startswith("onnxruntime-cpu:debian-13  a reason")
    assert lines[0].endswith("  2026-12-01")


@pytest.mark.parametrize("fill", [(), (0,), (1,)])
@pytest.mark.parametrize("row", [ROW, LONG, (*ROW, *LONG)])
def test_nothing_is_cut_where_folding_these_columns_does_not_suffice(
    row: tuple[str, ...], fill: tuple[int, ...]
) -> None:
    lines = printed([row], 60, fill)
    assert max(map(len, lines)) <= 60
    for char in "xy":
        assert "".join(lines).count(char) == "".join(row).count(char)
    assert sum(line.count("2") for line in lines) == "".join(row).count("2")


def test_an_indented_table_is_folded_to_what_is_left() -> None:
    console = open_console(out := io.StringIO(), 60)
    section(console, "Title", table([("a" * 30, "b" * 28)]))
    assert (out.getvalue().count("a"), out.getvalue().count("b")) == (30, 28)


def test_lines_to_be_copied_are_not_folded() -> None:
    console = open_console(out := io.StringIO(), 60)
    verbatim(console, "Title", ["word " * 30, ""])
    verbatim(console, "Nothing", [])
    assert out.getvalue() == f"\nTitle\n  {('word ' * 30).rstrip()}\n\n"
