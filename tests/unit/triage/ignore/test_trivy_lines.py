"""Trivy's list of findings to leave out."""

import datetime as dt
from pathlib import Path

import pytest

from careen.errors import ConfigError
from careen.triage.ignore.apply import apply_ignore_rules
from careen.triage.ignore.load import load_ignore_file
from careen.triage.ignore.rule import MAX_RULES, UNEXPLAINED
from careen.triage.ignore.trivy_lines import parse_trivy_ignore
from tests.support.triage import triaged

LIST = b"""# Accept the risk,
# as the input is ours
CVE-2018-14618

# not needed any more

CVE-2022-40897 exp:2030-01-31   # pinned by the vendor
ghsa-aaaa-bbbb-cccc
"""


def test_identifiers_ends_and_reasons() -> None:
    rules = parse_trivy_ignore(LIST, ".trivyignore")
    assert [
        (rule.identifier, rule.package, rule.reason, rule.until, rule.where) for rule in rules
    ] == [
        ("CVE-2018-14618", "", "Accept the risk, as the input is ours", None, ".trivyignore:3"),
        ("CVE-2022-40897", "", "pinned by the vendor", dt.date(2030, 1, 30), ".trivyignore:7"),
        ("GHSA-AAAA-BBBB-CCCC", "", UNEXPLAINED, None, ".trivyignore:8"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "CVE-2024-1 until=2026-01-01",
        "CVE-2024-1 exp:2026-02-30",
        "CVE-2024-1 exp:2026-01-01 more",
        "*",
        "a b",
        "\N{BELL}",
    ],
)
def test_what_is_none_is_refused_with_its_line(line: str) -> None:
    with pytest.raises(ConfigError, match=r"^list:2: "):
        parse_trivy_ignore(f"# first\n{line}\n".encode(), "list")


def test_no_more_rules_than_of_ours() -> None:
    with pytest.raises(ConfigError, match="more than the"):
        parse_trivy_ignore(b"CVE-1\n" * (MAX_RULES + 1), "list")


def test_the_name_of_a_file_says_its_form(tmp_path: Path) -> None:
    theirs, ours = tmp_path / ".trivyignore", tmp_path / "list"
    theirs.write_bytes(LIST)
    ours.write_bytes(LIST)
    assert len(load_ignore_file(theirs).rules) == 3
    with pytest.raises(ConfigError, match="a rule needs a reason"):
        load_ignore_file(ours)


def test_such_a_rule_takes_a_finding_out() -> None:
    items = (triaged("curl", identifier="CVE-2018-14618"), triaged("curl", identifier="CVE-2024-1"))
    done = apply_ignore_rules(items, parse_trivy_ignore(LIST, "list"), dt.date(2026, 1, 1))
    assert [item.finding.id for item in done.findings] == ["CVE-2024-1"]
    assert done.suppressed[0].by == "list:3"
