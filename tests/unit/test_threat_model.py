"""Each defence of the threat model names a test that is there."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs" / "threat-model.md").read_text()
NAMED = re.compile(r"`((?:[a-z0-9]+/)+test_\w+)(?:::(\w+))?`")


def rows() -> list[list[str]]:
    table = PAGE.partition("## Boundaries, defences, tests")[2].partition("\n## ")[0]
    lines = [line for line in table.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def test_every_row_has_an_asset_an_attacker_a_boundary_a_defence_and_a_test() -> None:
    assert len(rows()) > 20
    for row in rows():
        assert len(row) == 5, row
        assert all(row), row
        assert NAMED.search(row[4]), row


def test_every_test_that_is_named_exists() -> None:
    missing = []
    for file, function in NAMED.findall(PAGE):
        path = TESTS / f"{file}.py"
        if not path.exists() or (function and f"def {function}(" not in path.read_text()):
            missing.append(f"{file}::{function}")
    assert missing == []


def test_the_attackers_and_assets_of_the_rows_are_those_of_the_page() -> None:
    head = PAGE.partition("## Boundaries")[0]
    known = {
        line.split(" | ")[0].strip("| ") for line in head.splitlines() if line.startswith("| ")
    }
    for row in rows():
        for names in row[:2]:
            assert set(names.split(", ")) <= known, row
