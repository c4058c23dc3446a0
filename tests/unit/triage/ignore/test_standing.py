"""When an entry is due, when it ends, and what a scan says of it."""

import datetime as dt

import pytest

from careen.errors import ConfigError
from careen.triage.ignore.apply import apply_ignore_rules
from careen.triage.ignore.careen_lines import parse_ignore_file
from careen.triage.ignore.rule import Rule
from careen.triage.ignore.standing import Standing, standing_of
from tests.support.triage import triaged

TODAY = dt.date(2026, 8, 16)
TORCH = triaged("torch", identifier="CVE-2025-32434")


def rule(days: str) -> Rule:
    (found,) = parse_ignore_file(f"CVE-2025-32434 {days} reason=x".encode(), "list")
    return found


@pytest.mark.parametrize(
    ("days", "end", "standing"),
    [
        ("", "None", Standing.IN_FORCE),
        ("review_by=2026-08-31", "2026-09-14", Standing.IN_FORCE),
        ("review_by=2026-08-30", "2026-09-13", Standing.DUE),
        ("review_by=2026-08-02", "2026-08-16", Standing.DUE),
        ("review_by=2026-08-01", "2026-08-15", Standing.EXPIRED),
        ("review_by=2026-08-01 until=2026-12-31", "2026-12-31", Standing.DUE),
        ("review_by=9999-12-31", "9999-12-31", Standing.IN_FORCE),
        ("until=2026-08-31", "2026-08-31", Standing.IN_FORCE),
        ("until=2026-08-30", "2026-08-30", Standing.DUE),
        ("until=2026-08-16", "2026-08-16", Standing.DUE),
        ("until=2026-08-15", "2026-08-15", Standing.EXPIRED),
    ],
)
def test_an_entry_ends_at_its_end_or_two_weeks_after_a_missed_review(
    days: str, end: str, standing: Standing
) -> None:
    found = rule(days)
    assert str(found.end) == end
    assert standing_of(found, 1, TODAY) is standing
    assert standing_of(found, 0, TODAY) is Standing.IDLE
    suppressed = apply_ignore_rules([TORCH], [found], TODAY).suppressed
    assert bool(suppressed) is (standing is not Standing.EXPIRED)
    assert [str(item.until or None) for item in suppressed] == [end] * len(suppressed)


def test_an_end_before_the_review_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"^list:1: it ends on 2026-01-01, before its review_by"):
        rule("review_by=2026-01-02 until=2026-01-01")
    assert rule("review_by=2026-01-01 until=2026-01-01").end == dt.date(2026, 1, 1)


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ("review_by=2026-08-20", "due for review by 2026-08-20; it ends after 2026-09-03"),
        ("review_by=2026-08-10", "due for review since 2026-08-10; it ends after 2026-08-24"),
        ("until=2026-08-20", "ends after 2026-08-20; review it"),
        ("review_by=2026-08-01", "expired on 2026-08-15, so 1 finding counts again; review it"),
    ],
)
def test_a_scan_says_what_is_due(days: str, said: str) -> None:
    found = apply_ignore_rules([TORCH], [rule(days)], TODAY)
    assert found.warnings == (f"list:1: CVE-2025-32434: {said}",)


def test_what_is_not_about_vulnerabilities_is_counted_in_one_sentence() -> None:
    lines = b"AVD-AWS-0104 reason=x\nCVE-2025-32434 reason=x\nDS002 reason=x\n"
    found = apply_ignore_rules([TORCH], parse_ignore_file(lines, "list"), TODAY)
    assert found.warnings == (
        "list: 2 entries are not about a vulnerability, such as AVD-AWS-0104: not applied",
    )


def test_an_entry_for_what_vex_has_settled_is_not_idle() -> None:
    settled = [TORCH.finding]
    assert apply_ignore_rules([], [rule("")], TODAY, None, settled).warnings == ()
    assert "matches no finding" in apply_ignore_rules([], [rule("")], TODAY).warnings[0]
