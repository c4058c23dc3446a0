"""`.careenignore`: what a rule takes out, when it ends, and what is wrong with a file, by line."""

import datetime as dt
from pathlib import Path

import pytest

from careen.errors import ConfigError
from careen.model.findings.triage import Suppressed
from careen.triage.applied import Applied
from careen.triage.ignore.apply import apply_ignore_rules
from careen.triage.ignore.careen_lines import parse_ignore_file
from careen.triage.ignore.load import load_ignore_file
from careen.triage.ignore.rule import MAX_RULES
from tests.support.triage import package, triaged

TODAY = dt.date(2026, 8, 16)
TORCH = triaged(
    package("torch", purl="pkg:pypi/torch@2.5.1?location=/opt/x"),
    identifier="CVE-2025-32434",
    aliases=("GHSA-53q9-r3pm-6pq6",),
)
PERL = triaged("perl-base", identifier="CVE-2024-1111")
BOTH = (TORCH, PERL)


def apply(text: str, today: dt.date = TODAY) -> Applied:
    return apply_ignore_rules(BOTH, parse_ignore_file(text.encode(), ".careenignore"), today)


def test_a_rule_takes_a_finding_out_and_says_who_says_so() -> None:
    found = apply(
        '# ours\n\nCVE-2025-32434 torch until=2026-12-31 reason="weights are our own"  # see the'
        " wiki\n"
    )
    assert found == Applied(
        (PERL,), (Suppressed(TORCH, ".careenignore:3", "weights are our own", "2026-12-31"),), ()
    )


@pytest.mark.parametrize(
    "rule",
    [
        "CVE-2025-32434",
        "cve-2025-32434",
        "GHSA-53q9-r3pm-6pq6 torch",
        "CVE-2025-32434 tor*",
        "CVE-2025-32434 pkg:pypi/torch@*",
        "CVE-2025-32434 pkg:pypi/torch@2.5.1",
        "CVE-2025-32434 pkg:pypi/torch@2.5.1?location=/opt/x",
        "* torch",
        "CVE-2025-32434 until=2026-08-16",  # the last day is included
    ],
)
def test_what_a_rule_names(rule: str) -> None:
    assert apply(f"{rule} reason=x").findings == (PERL,)


@pytest.mark.parametrize(
    "rule",
    [
        "CVE-2025-3243",
        "CVE-2025-32434 perl",
        "CVE-2025-32434 Torch",
        "CVE-2025-32434 pkg:pypi/torch@2.5",
        "* torc",
    ],
)
def test_what_a_rule_does_not_name_stays_and_the_rule_is_said_to_be_idle(rule: str) -> None:
    found = apply(f"{rule} reason=x")
    assert found.findings == BOTH
    assert found.warnings == (
        (
            f".careenignore:1: {rule.upper() if ' ' not in rule else rule}: matches no finding;"
            " `careen ignore IMAGE --prune` says whether it is still needed"
        ),
    )


def test_an_expired_rule_holds_no_more_and_is_said() -> None:
    found = apply("CVE-2025-32434 until=2026-08-15 reason=x")
    assert (found.findings, found.suppressed) == (BOTH, ())
    assert found.warnings == (
        (
            ".careenignore:1: CVE-2025-32434: expired on 2026-08-15, so 1 finding counts again;"
            " review it"
        ),
    )


def test_after_an_expired_rule_the_next_one_speaks() -> None:
    found = apply(
        "CVE-2025-32434 until=2026-08-15 reason=old\nCVE-2025-32434 reason=new\nCVE-2025-32434"
        " reason=never"
    )
    assert [(item.by, item.reason, item.until) for item in found.suppressed] == [
        (".careenignore:2", "new", "")
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("CVE-1 torch", '.careenignore:1: a rule needs a reason="…"'),
        ('CVE-1 reason="  "', ".careenignore:1: a rule needs a reason"),
        ("\n\nCVE-1 reason='it", ".careenignore:3: a quotation mark is not closed"),
        (
            "CVE-1 until=2026-02-30 reason=x",
            ".careenignore:1: until: expected a day that exists as YYYY-MM-DD, got '2026-02-30'",
        ),
        ("CVE-1 until=tomorrow reason=x", "got 'tomorrow'"),
        ("CVE-1 until=20261231 reason=x", "got '20261231'"),
        (
            "CVE-1 until=2026-12-31 until=2027-12-31 reason=x",
            ".careenignore:1: until is there twice",
        ),
        ("CVE-1 torch perl reason=x", "got 'perl'"),
        ("CVE-1 because=x", "got 'because=x'"),
        (
            "* reason=x",
            ".careenignore:1: a rule for every finding of every package hides everything",
        ),
        ("* * reason=x", "hides everything"),
        (f"CVE-1 {'*a' * 9} reason=x", "8 stars"),
        (f"CVE-1 {'a' * 501} reason=x", "500 characters"),
        (
            "CVE-1 reason=x\n" * (MAX_RULES + 1),
            f".careenignore:{MAX_RULES + 1}: more than the {MAX_RULES} rules",
        ),
        ("CVE-1 \x1b[31m=x y reason=x", r"got 'y'"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_ignore_file(text.encode(), ".careenignore")
    assert said in str(caught.value)
    assert str(caught.value).startswith(".careenignore:")
    assert "\n" not in str(caught.value)


def test_bytes_that_are_no_text_are_told_with_their_line() -> None:
    with pytest.raises(ConfigError, match=r"^f:2: not UTF-8 text"):
        parse_ignore_file(b"# x\nCVE-1 reason=\xff", "f")


def test_a_file_of_an_editor_that_writes_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / ".careenignore"
    path.write_bytes('﻿CVE-1 reason="a \\"quoted\\" word"\r\n'.encode())
    (rule,) = load_ignore_file(path).rules
    assert (rule.identifier, rule.reason, rule.where) == ("CVE-1", 'a "quoted" word', f"{path}:1")


def test_a_glob_against_a_hostile_name_takes_no_time() -> None:
    hostile = triaged(package("a" * 100_000, purl="pkg:pypi/" + "a" * 100_000))
    rules = parse_ignore_file(f"{hostile.finding.id} {'*a' * 8}b reason=x".encode(), "f")
    assert apply_ignore_rules([hostile], rules, TODAY).findings == (hostile,)


def test_a_name_with_the_signs_of_a_glob_is_matched_as_it_is() -> None:
    odd = triaged(package("[x]", purl="pkg:generic/[x]@1"), identifier="CVE-1")
    rules = parse_ignore_file(b"CVE-1 pkg:generic/[x]@1 reason=x", "f")
    assert apply_ignore_rules([odd], rules, TODAY).findings == ()
