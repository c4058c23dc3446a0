"""The exact text of `careen rules` at 80 and 120 columns: the list, one in full, and what each did
in two plans.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from careen.model.rulebook import Clause, Effect, IdleRule, Rulebook, RuleKind, RuleRow, RuleText
from careen.report.views.rules import print_rule, print_rules
from tests.support.screens import drawn

EXPECTED = Path(__file__).parent / "report"
LEVELS = ("closure", "package")
MECHANISM = RuleText(
    id="dlopen",
    kind=RuleKind.MECHANISM,
    origin="closure",
    own=True,
    levels=LEVELS,
    what="Library names in the bytes of a kept file. Not its dynamic string table.",
    does=(),
    when=(),
    unless=(),
    why="a name is no NEEDED entry",
    source="",
)
FAMILY = RuleText(
    "blas-variants",
    RuleKind.RULE,
    "30-families.toml",
    True,
    LEVELS,
    "",
    (
        Clause(
            "siblings",
            "keeps beside each other",
            ("libmkl_*.so*", "libopenblas*.so*", "libblas*.so*", "libdnnl*.so*", "libtbb*.so*"),
        ),
    ),
    (Clause("libc", "libc", ("glibc",)), Clause("kept", "kept", ("**/libtorch_cpu.so",))),
    (Clause("executed", "not: executed", ("ldconfig",)),),
    "the processor decides which kernel library is opened",
    "oneMKL developer guide, dispatching",
)
MINE = replace(
    FAMILY,
    id="mine",
    origin="/srv/\x1b[31mmine.toml",
    own=False,
    when=(),
    unless=(),
    why="we \u202e know",
    source="our runbook",
)
NOTHING = Effect(held=False, kept_paths=0, removed_paths=0, kept_bytes=0, removed_bytes=0)
SOME = Effect(held=True, kept_paths=1_204, removed_paths=3, kept_bytes=56_800_000, removed_bytes=12)
BOOK = Rulebook((RuleRow(MECHANISM, ()), RuleRow(FAMILY, ()), RuleRow(MINE, ())))
COUNTED = Rulebook(
    (
        RuleRow(MECHANISM, (SOME, replace(SOME, kept_bytes=None, removed_bytes=None))),
        RuleRow(FAMILY, (NOTHING, replace(SOME, removed_paths=0))),
        RuleRow(MINE, (NOTHING, NOTHING)),
    ),
    ("a/plan.json", "b/plan.json"),
    (IdleRule("mine", "its conditions never held"), IdleRule("other", "its conditions never held")),
    ("b/plan.json: no index.json of the same image lies beside it, so bytes are not known",),
)
VIEWS: Mapping[str, Callable[[Console], None]] = {
    "rules": lambda console: print_rules(console, BOOK),
    "rules-one": lambda console: print_rule(
        console, replace(COUNTED, rows=COUNTED.rows[1:2], idle=())
    ),
    "rules-counted": lambda console: print_rules(console, COUNTED),
}


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("name", VIEWS)
def test_the_text_is_exactly_this(name: str, width: int) -> None:
    assert drawn(VIEWS[name], width) == (EXPECTED / f"{name}-{width}.txt").read_text()


@pytest.mark.parametrize("name", VIEWS)
def test_no_line_is_wider_than_the_terminal_or_ends_in_blanks(name: str) -> None:
    for width in (60, 100, 200):
        assert [
            line
            for line in drawn(VIEWS[name], width).splitlines()
            if len(line) > width or line != line.rstrip()
        ] == []


def test_names_of_files_and_reasons_do_not_reach_the_terminal_raw() -> None:
    text = drawn(VIEWS["rules"], 120)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert drawn(VIEWS["rules-counted"], 80, "ascii").isascii()
