"""Tracked vulnerabilities: grouping, clocks, proposals, acceptance, and history."""

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from careen.compliance.fedramp.clocks import due_of
from careen.compliance.fedramp.rules import load_rules
from careen.model.compliance.fedramp import PastFinding, PastScan, State
from careen.model.findings.questions import Answer, Answered, FourQuestions
from careen.model.findings.triage import ScanReport, Tier
from careen.model.runs.completeness import Completeness, Gap
from tests.support.fedramp import DECIDED, HEAD, NOW, TODAY, one, service, tracking
from tests.support.scan_reports import LIBSSL, REPORT

DAY = dt.timedelta(days=1)
CREATED = dt.datetime(2026, 3, 1, 10, tzinfo=dt.UTC)
OPEN = HEAD + '[[decision]]\nid = "CVE-2026-0001"\nevaluated = "2026-03-01T12:00:00Z"\n'


def asked(exposed: Answer, automatable: Answer, exploited: Answer) -> FourQuestions:
    answers = (Answered(each, "a source") for each in (exposed, automatable, exploited))
    first, second, last = answers
    return FourQuestions(first, second, Answered(Answer.UNKNOWN, "none"), last)


def with_first(tier: Tier, questions: FourQuestions, **more: object) -> ScanReport:
    first = REPORT.findings[0]
    bare = replace(first.finding, kev=None)
    changed = replace(first, finding=bare, tier=tier, questions=questions)
    return replace(REPORT, findings=(changed,), **more)  # type: ignore[arg-type]


def past(
    days: int, *names: str, packages: frozenset[str] = frozenset({"pkg:deb/debian/a@1"})
) -> PastScan:
    found = {name: PastFinding(f"{name} in a 1", packages) for name in names}
    return PastScan(CREATED - days * DAY, "sha256:0", found, "a report")


def test_findings_of_one_identifier_are_one_vulnerability() -> None:
    found = tracking(None)
    assert [each.id for each in found.items] == [
        "CVE-2019-1111",
        "CVE-2021-44228",
        "CVE-2026-0001",
        "GHSA-xxxx-yyyy-zzzz",
    ]
    assert len(one(found, "CVE-2026-0001").packages) == 2
    assert one(found, "CVE-2026-0001").tracking == "registry.example.org/team/app:CVE-2026-0001"


def test_without_the_provider_nothing_is_evaluated() -> None:
    found = one(tracking(None, now=CREATED), "CVE-2021-44228")
    assert found.decision is None
    assert (found.due.evaluate_by, found.due.reduce_by, found.due.overdue) == (None, None, None)
    assert found.proposal.internet_reachable is None


@pytest.mark.parametrize(("klass", "days"), [("a", 14), ("b", 7), ("c", 5), ("d", 2)])
def test_evaluation_is_due_by_class(tmp_path: Path, klass: str, days: int) -> None:
    provider = service(tmp_path, HEAD.replace('"c"', f'"{klass}"'))
    late = CREATED + days * DAY + dt.timedelta(seconds=1)
    found = one(tracking(provider, now=late), "CVE-2021-44228")
    assert found.due.evaluate_by == CREATED + days * DAY
    assert found.due.overdue is True
    assert f"class {klass.upper()}" in found.due.explanation
    before = one(tracking(provider, now=late - DAY), "CVE-2021-44228")
    assert before.due.overdue is False


@pytest.mark.parametrize(
    ("likely", "internet", "hours"),
    [("true", "true", 96), ("true", "false", 192), ("false", None, 1536)],
)
def test_reduction_is_due_by_rating_and_exposure(
    tmp_path: Path, likely: str, internet: str | None, hours: int
) -> None:
    more = "" if internet is None else f"internet_reachable = {internet}\n"
    provider = service(tmp_path, f"{OPEN}rating = 4\nlikely_exploitable = {likely}\n{more}")
    report = with_first(Tier.EXECUTED, asked(Answer.UNKNOWN, Answer.UNKNOWN, Answer.NO))
    evaluated = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
    by = evaluated + dt.timedelta(hours=hours)
    found = one(tracking(provider, report=report, now=by), "CVE-2026-0001")
    assert (found.due.reduce_by, found.due.overdue) == (by, False)
    late = one(tracking(provider, report=report, now=by + DAY), "CVE-2026-0001")
    assert late.due.overdue is True
    assert "VDR-TFR-PVR" in late.due.explanation


def test_a_time_is_said_in_utc_whatever_its_offset() -> None:
    rules = load_rules(None, TODAY)
    detected = CREATED.astimezone(dt.timezone(dt.timedelta(hours=5, minutes=30)))
    due = due_of(detected, None, None, ("c", rules.classes["c"]), CREATED + 6 * DAY)
    assert due.explanation.startswith("not evaluated by 2026-03-06T10:00:00Z")


def test_a_decision_without_a_rating_leaves_overdue_unknown(tmp_path: Path) -> None:
    report = with_first(Tier.EXECUTED, asked(Answer.UNKNOWN, Answer.UNKNOWN, Answer.NO))
    found = one(tracking(service(tmp_path, OPEN), report=report), "CVE-2026-0001")
    assert found.due.overdue is None
    assert found.due.explanation.endswith("service.toml:6: the decision has no rating")


def test_n1_has_no_clock(tmp_path: Path) -> None:
    report = with_first(Tier.EXECUTED, asked(Answer.UNKNOWN, Answer.UNKNOWN, Answer.NO))
    text = f"{OPEN}rating = 1\nlikely_exploitable = false\n"
    found = one(tracking(service(tmp_path, text), report=report), "CVE-2026-0001")
    assert (found.due.reduce_by, found.due.overdue) == (None, False)


def test_a_kev_is_overdue_after_its_day_whatever_was_decided(tmp_path: Path) -> None:
    for provider in (None, service(tmp_path)):
        found = one(tracking(provider), "CVE-2026-0001")
        assert found.due.kev_by == dt.date(2026, 1, 26)
        assert found.due.overdue is True
        assert "by 2026-01-26 (VDR-TFR-KEV)" in found.due.explanation


YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN


@pytest.mark.parametrize(
    ("tier", "answers", "likely"),
    [
        (Tier.EXECUTED, (YES, UNKNOWN, UNKNOWN), True),  # automation is assumed
        (Tier.EXECUTED, (YES, NO, UNKNOWN), None),
        (Tier.EXECUTED, (UNKNOWN, YES, UNKNOWN), None),
        (Tier.EXECUTED, (UNKNOWN, UNKNOWN, YES), True),
        (Tier.OPENED, (UNKNOWN, UNKNOWN, NO), None),
        (Tier.PRESENT, (UNKNOWN, YES, NO), False),
        (Tier.PRESENT, (UNKNOWN, YES, YES), None),
        (Tier.PRESENT, (UNKNOWN, YES, UNKNOWN), None),  # unknown is not no
        (Tier.NOT_PROFILED, (UNKNOWN, YES, NO), None),
    ],
)
def test_exploitability_is_proposed_only_by_evidence(
    tier: Tier, answers: tuple[Answer, Answer, Answer], likely: bool | None
) -> None:
    found = one(tracking(None, report=with_first(tier, asked(*answers))), "CVE-2026-0001")
    assert found.proposal.likely_exploitable is likely
    assert found.proposal.disposition is None


@pytest.mark.parametrize("observed", [None, "incomplete", "another"])
def test_what_was_not_watched_well_proposes_nothing(observed: str | None) -> None:
    seen = REPORT.observed
    assert seen is not None
    if observed == "incomplete":
        seen = replace(seen, completeness=Completeness((Gap("events", 3),)))
    elif observed == "another":
        seen = replace(seen, exact=False)
    report = with_first(
        Tier.PRESENT, asked(UNKNOWN, YES, NO), observed=None if observed is None else seen
    )
    found = one(tracking(None, report=report), "CVE-2026-0001")
    assert found.proposal.likely_exploitable is None
    assert found.given[0].answer == "unknown"


def test_reachability_needs_the_provider(tmp_path: Path) -> None:
    report = with_first(Tier.EXECUTED, asked(YES, YES, NO))
    closed = HEAD.replace("internet = true", "internet = false")
    for text, wanted in (
        (HEAD, True),
        (closed, False),
        (HEAD.replace("internet = true\n", ""), None),
    ):
        found = one(tracking(service(tmp_path, text), report=report), "CVE-2026-0001")
        assert found.proposal.internet_reachable is wanted


def test_no_rating_is_proposed_for_an_unknown_severity() -> None:
    first = REPORT.findings[0]
    bare = replace(first, finding=replace(first.finding, severity=type(first.finding.severity)(0)))
    found = one(tracking(None, report=replace(REPORT, findings=(bare,))), "CVE-2026-0001")
    assert found.proposal.rating is None


def test_an_exception_or_the_provider_accepts(tmp_path: Path) -> None:
    found = tracking(service(tmp_path))
    accepted = {each.id: each.rationale for each in found.of(State.ACCEPTED)}
    assert accepted == {
        "CVE-2019-1111": ".careenignore:3: the parser is never reached (until 2026-12-31)",
        "CVE-2021-44228": "The logger is never started.",
    }


def test_a_vex_statement_is_a_note_and_accepts_nothing() -> None:
    stated = replace(REPORT.suppressed[0], by="https://example.org/vex")
    found = one(tracking(None, report=replace(REPORT, suppressed=(stated,))), "CVE-2019-1111")
    assert found.state is State.ACTIVE
    assert "https://example.org/vex: the parser is never reached" in found.note


def test_192_days_after_its_evaluation_it_is_accepted(tmp_path: Path) -> None:
    provider = service(tmp_path, HEAD + DECIDED)
    evaluated = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
    at = evaluated + 192 * DAY
    assert one(tracking(provider, now=at), "CVE-2026-0001").state is State.ACTIVE
    late = one(tracking(provider, now=at + DAY), "CVE-2026-0001")
    assert late.state is State.ACCEPTED
    assert "192 days" in late.rationale


def test_the_first_scan_that_saw_it_dates_the_detection(tmp_path: Path) -> None:
    scans = (past(30, "CVE-2026-0001"), past(60, "CVE-2026-0001"), past(-5, "CVE-2021-44228"))
    found = tracking(service(tmp_path), past=scans)
    assert one(found, "CVE-2026-0001").detected == CREATED - 60 * DAY
    assert one(found, "CVE-2021-44228").detected == CREATED  # a later scan says nothing
    assert found.begins == CREATED - 60 * DAY


def test_what_is_gone_with_its_package_is_remediated() -> None:
    scans = (past(60, "CVE-1", "CVE-2"), past(30, "CVE-1"))
    found = tracking(None, past=scans)
    gone = {each.id: each.ended for each in found.of(State.REMEDIATED)}
    assert gone == {"CVE-1": CREATED, "CVE-2": CREATED - 30 * DAY}


def test_what_is_gone_from_the_same_package_is_not() -> None:
    found = tracking(None, past=(past(60, "CVE-1", packages=frozenset({LIBSSL})),))
    assert found.of(State.REMEDIATED) == ()
    assert any("CVE-1 was found before and is not now" in note for note in found.notes)


def test_gaps_are_told() -> None:
    notes = tracking(None, report=replace(REPORT, observed=None)).notes
    assert any("no provider's file" in note for note in notes)
    assert any("no earlier scan" in note for note in notes)
    assert any("Rocky Linux 9 were not compared" in note for note in notes)
    assert any("no RBOM" in note for note in notes)
    assert tracking(None, now=NOW).time == NOW


def test_a_last_report_dates_by_what_it_says_of_each(tmp_path: Path) -> None:
    last = past(4, "CVE-2026-0001", "GHSA-jfh8-c2jp-5v3q")
    dated = {
        name: replace(found, detected=CREATED - 40 * DAY, aliases=("CVE-2021-44228", "DSA-1"))
        for name, found in last.found.items()
    }
    found = tracking(service(tmp_path, HEAD), past=(replace(last, found=dated),))
    assert one(found, "CVE-2026-0001").detected == CREATED - 40 * DAY
    assert one(found, "CVE-2021-44228").detected == CREATED - 40 * DAY  # by its other name
    assert one(found, "CVE-2026-0001").due.overdue is True
    assert one(found, "GHSA-xxxx-yyyy-zzzz").detected == CREATED
    assert found.of(State.REMEDIATED) == ()


def test_what_was_remediated_before_stays_so() -> None:
    last = past(4, "CVE-1")
    ended = replace(last.found["CVE-1"], detected=CREATED - 90 * DAY, ended=CREATED - 50 * DAY)
    found = tracking(None, past=(replace(last, found={"CVE-1": ended}),))
    assert one(found, "CVE-1").ended == CREATED - 50 * DAY
    assert one(found, "CVE-1").detected == CREATED - 90 * DAY


GAP = replace(REPORT.uncovered[0], what="npm")


@pytest.mark.parametrize(
    ("purl", "change", "remediated"),
    [
        ("pkg:deb/debian/zlib@1", {"feeds": ()}, False),
        ("pkg:deb/debian/zlib@1", {"feeds": REPORT.feeds[1:]}, False),  # KEV alone
        ("pkg:deb/debian/zlib@1", {}, True),  # another gap: no version of it is there
        ("pkg:deb/debian/libssl3@1", {}, False),  # a gap of the distribution
        ("pkg:deb/debian/libssl3@1", {"uncovered": (GAP,)}, True),
        ("pkg:npm/%40babel/core@1", {"uncovered": (GAP,)}, False),
        ("pkg:npm/%40babel/core@1", {"uncovered": ()}, True),
        ("pkg:npm/other@1", {"uncovered": (GAP,)}, True),
        ("pkg:deb/debian/zlib@1", {"inventory": replace(REPORT.inventory, packages={})}, False),
        ("zlib", {}, False),
    ],
)
def test_remediated_is_only_what_was_compared(
    purl: str, change: dict[str, Any], remediated: bool
) -> None:
    scans = (past(9, "CVE-2020-1", packages=frozenset({purl})),)
    found = tracking(None, report=replace(REPORT, **change), past=scans)
    assert [each.id for each in found.of(State.REMEDIATED)] == ["CVE-2020-1"] * remediated
    noted = [each for each in found.notes if each.startswith("CVE-2020-1 was found before")]
    assert len(noted) == (not remediated)


@pytest.mark.parametrize(
    ("ending", "overdue", "kev"),
    [
        ('disposition = "Fully Mitigated"\n', True, True),
        ('disposition = "Partially Mitigated"\n', True, True),
        ('disposition = "False Positive"\n', False, False),
        ('accepted = "it is behind the gateway"\n', True, True),
    ],
)
def test_what_is_settled_has_no_clock_but_cisa_s(
    tmp_path: Path, ending: str, overdue: bool, kev: bool
) -> None:
    text = f"{OPEN}rating = 4\nlikely_exploitable = true\ninternet_reachable = true\n{ending}"
    provider, late = service(tmp_path, text), NOW + 30 * DAY
    report = with_first(Tier.EXECUTED, asked(Answer.UNKNOWN, Answer.UNKNOWN, Answer.NO))
    found = one(tracking(provider, report=report, now=late), "CVE-2026-0001")
    partly = "Partially" in ending
    assert (found.due.reduce_by is not None, found.due.overdue) == (partly, partly)
    listed = one(tracking(provider, now=late), "CVE-2026-0001")
    assert (listed.due.kev_by is not None, listed.due.overdue) == (kev, overdue)


def test_what_an_entry_accepts_has_no_reduction_clock(tmp_path: Path) -> None:
    text = (
        HEAD
        + '[[decision]]\nid = "CVE-2019-1111"\nevaluated = "2026-03-01T12:00:00Z"\nrating = 5\nlikely_exploitable = false\n'
    )
    found = one(tracking(service(tmp_path, text), now=NOW + 60 * DAY), "CVE-2019-1111")
    assert found.state is State.ACCEPTED
    assert (found.due.reduce_by, found.due.overdue) == (None, False)
