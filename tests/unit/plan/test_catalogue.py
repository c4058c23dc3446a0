"""The page of all rules: current, complete, and with sources that a stranger can look up."""

from pathlib import Path

from careen.plan.catalogue import rule_table
from careen.plan.core.rules import RuleSet, load_rules, parse_rules

PAGE = Path(__file__).parents[3] / "docs" / "rules.md"
OWN = b"""version = 1
[[rule]]
id = "mine"
reason = "a | b"
source = "our runbook"
keep = ["/a", "/b", "/c", "/d"]
[rule.when]
libc = ["glibc"]
[rule.unless]
executed = ["x"]
"""


def test_the_documented_rules_are_the_rules() -> None:
    assert PAGE.read_text(encoding="utf-8") == rule_table(load_rules()), (
        "docs/rules.md is stale: run `make docs`"
    )


def test_a_rules_line_says_what_it_does_when_and_why() -> None:
    last = rule_table(RuleSet(parse_rules(OWN, "own.toml"))).splitlines()[-1]
    assert (
        last
        == "| `mine` | keeps `/a`, `/b`, `/c` and 1 more | libc `glibc`; not: executed `x` | a \\|"
        " b | our runbook |"
    )


def test_no_source_points_to_a_document_that_is_not_there() -> None:
    vague = ("trap", "found here", "issue of")
    assert [
        rule.id for rule in load_rules().rules if any(word in rule.source for word in vague)
    ] == []
