"""Cells of CSV: no formula, no control character, and the text comes back."""

import csv
import io

import pytest

from careen.formats.csv_text import MAX_CELL, cell, csv_bytes


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "  =", "|", "%"])
def test_a_formula_becomes_text(start: str) -> None:
    assert cell(f"{start}1+1").startswith("'")


@pytest.mark.parametrize("text", ["plain", 'a "quoted", b', "ü; 1 = 2", "", "'kept"])
def test_other_texts_come_back(text: str) -> None:
    rows = list(csv.reader(io.StringIO(csv_bytes(["head"], [[text]]).decode(), newline="")))
    assert rows == [["head"], [text]]


def test_controls_and_halves_of_characters_are_replaced() -> None:
    assert cell("a\x00b\x1b[31m\x85\u2028c\udce9") == "a b [31m  c?"
    assert len(cell("x" * (MAX_CELL + 1))) == MAX_CELL
