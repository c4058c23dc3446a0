"""The SARIF log of a scan against the official schema, and against what code scanning asks for
beyond it.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from careen.model.findings.advisory import CvssScore, Severity
from careen.model.findings.questions import Answer, Answered, FourQuestions
from careen.model.findings.triage import Priority, ScanReport, Suppressed, Tier, Triaged
from careen.model.paths import ImagePath
from careen.report.scan.sarif import MAX_RESULTS, scan_sarif
from tests.support.scan_reports import BABEL, FINDINGS, LIBSSL, REPORT, finding, ssl_finding

SCHEMA = json.loads((Path(__file__).parent / "schemas/sarif-2.1.0.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())


def run_of(report: ScanReport) -> dict[str, Any]:
    log = json.loads(scan_sarif(report))
    VALIDATOR.validate(log)
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


def test_the_log_is_valid_and_a_broken_one_is_not() -> None:
    log = json.loads(scan_sarif(REPORT))
    VALIDATOR.validate(log)
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert not VALIDATOR.is_valid(log)


def test_one_rule_for_an_identifier_and_one_result_for_a_package() -> None:
    run = run_of(REPORT)
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [
        "CVE-2026-0001",
        "CVE-2021-44228",
        "GHSA-xxxx-yyyy-zzzz",
        "CVE-2020-9999",
        "CVE-2019-1111",
    ]
    assert [result["ruleId"] for result in run["results"]] == [
        rules[result["ruleIndex"]]["id"] for result in run["results"]
    ]
    assert [result["level"] for result in run["results"]] == [
        "error",
        "warning",
        "note",
        "note",
        "note",
        "warning",
    ]
    assert rules[0]["properties"]["security-severity"] == "9.8"
    assert rules[2]["properties"]["security-severity"] == "5.5"
    assert "upgrade to 3.0.17-1~deb12u1" in rules[0]["help"]["text"]
    assert rules[0]["fullDescription"]["text"] == "A heap overflow in the TLS handshake."
    assert all(len(rule["properties"]["tags"]) <= 20 for rule in rules)


@pytest.mark.parametrize(
    ("severity", "score", "shown"),
    [
        (Severity.CRITICAL, 5.0, "9.0"),
        (Severity.HIGH, 5.0, "7.0"),
        (Severity.MEDIUM, 0.0, "4.0"),
        (Severity.LOW, 0.0, "0.1"),
        (Severity.LOW, 9.8, "9.8"),
        (Severity.UNKNOWN, 5.0, "5.0"),
        (Severity.CRITICAL, None, "9.5"),
        (Severity.UNKNOWN, None, "0.0"),
    ],
)
def test_the_score_is_not_below_the_severity_that_a_vendor_states(
    severity: Severity, score: float | None, shown: str
) -> None:
    scores = (CvssScore("nvd", "3.1", "", score, Severity.UNKNOWN),)
    one = replace(finding("CVE-2026-7", BABEL, severity), scores=scores)
    item = Triaged(one, Tier.NOT_PROFILED, Priority.TRACK, ())
    (rule,) = run_of(replace(REPORT, findings=(item,), suppressed=()))["tool"]["driver"]["rules"]
    assert rule["properties"]["security-severity"] == shown


def test_a_result_is_at_its_packages_record_in_the_image() -> None:
    run = run_of(REPORT)
    places = [
        result["locations"][0]["physicalLocation"]["artifactLocation"] for result in run["results"]
    ]
    assert places[0] == {"uri": "var/lib/dpkg/status", "uriBaseId": "IMAGE"}
    assert places[3] == {"uri": "app/node_modules/%40babel/core/package.json", "uriBaseId": "IMAGE"}
    assert run["originalUriBaseIds"]["IMAGE"]["uri"] == "file:///"
    first = run["results"][0]["message"]["text"]
    assert first.startswith(
        "libssl3 3.0.15-1~deb12u1 in registry.example.org/team/app:1.2 has CVE-2026-0001: executed,"
        " fixed in 3.0.17-1~deb12u1. mapped by"
    )


def test_a_package_of_a_foreign_report_is_at_the_images_name() -> None:
    item = Triaged(
        replace(finding("CVE-2026-7", BABEL, Severity.LOW), package="pkg:gem/rack@1"),
        Tier.NOT_PROFILED,
        Priority.TRACK,
        (),
    )
    run = run_of(replace(REPORT, findings=(item,), suppressed=()))
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"] == {
        "uri": "registry.example.org/team/app%3A1.2"
    }


def test_what_is_suppressed_says_by_whom() -> None:
    results = run_of(REPORT)["results"]
    assert [result.get("suppressions") for result in results[:5]] == [None] * 5
    assert results[5]["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": ".careenignore:3: the parser is never reached (until 2026-12-31)",
        }
    ]


def test_the_fingerprint_outlives_an_upgrade_and_tells_packages_apart() -> None:
    old = run_of(REPORT)["results"]
    newer = replace(FINDINGS[0], finding=replace(ssl_finding(LIBSSL, "3.0.18"), version="3.0.16"))
    new = run_of(replace(REPORT, findings=(newer, *FINDINGS[1:])))["results"]
    assert [one["partialFingerprints"] for one in old] == [
        one["partialFingerprints"] for one in new
    ]
    assert len({one["partialFingerprints"]["primaryLocationLineHash"] for one in old}) == len(old)


def test_a_result_answers_the_four_questions_with_their_sources() -> None:
    asked = FourQuestions(
        Answered(Answer.YES, "RBOM: a program that uses it listens on 8000"),
        Answered(Answer.NO, "AU in CVSS 4.0, cisa-adp"),
        Answered(Answer.UNKNOWN, "no CVSS vector"),
        Answered(Answer.YES, "a" * 5_000),
    )
    item = replace(FINDINGS[0], questions=asked)
    first, second = run_of(replace(REPORT, findings=(item, FINDINGS[1]), suppressed=()))["results"]
    found = first["properties"]["questions"]
    assert list(found) == ["exposed", "automatable", "totalControl", "exploited"]
    assert found["exposed"] == {
        "answer": "yes",
        "source": "RBOM: a program that uses it listens on 8000",
    }
    assert [one["answer"] for one in found.values()] == ["yes", "no", "unknown", "yes"]
    assert len(found["exploited"]["source"]) == 1_000
    unasked = second["properties"]["questions"].values()
    assert {one["answer"] for one in unasked} == {"unknown"}


@pytest.mark.no_cover
def test_too_many_results_are_cut_from_the_end_and_the_log_says_so() -> None:
    many = tuple(
        replace(FINDINGS[3], finding=replace(FINDINGS[3].finding, id=f"CVE-2026-{number:06}"))
        for number in range(MAX_RESULTS)
    )
    (run,) = json.loads(scan_sarif(replace(REPORT, findings=(FINDINGS[0], *many), suppressed=())))[
        "runs"
    ]  # the schema would take minutes
    assert len(run["results"]) == MAX_RESULTS
    assert run["results"][0]["ruleId"] == "CVE-2026-0001"
    notes = [
        note["message"]["text"] for note in run["invocations"][0]["toolExecutionNotifications"]
    ]
    assert notes == [
        "the feed kev is 12 days old",
        "1 more finding is left out: the limit is 25000",
    ]


@pytest.mark.parametrize(
    "text", ["\ud800 \udcff", "a\nb\0c", "x" * 100_000, "<script>|`[x](javascript:1)"]
)
def test_hostile_text_stays_text(text: str) -> None:
    evil = replace(
        FINDINGS[0].finding,
        id=text,
        summary=text,
        name=text,
        version=text,
        aliases=(text,),
        fixed=(text,),
    )
    record = replace(REPORT.inventory.packages[LIBSSL], record=ImagePath(f"/a/{text[:200]}"))
    inventory = replace(REPORT.inventory, packages={LIBSSL: record})
    report = replace(
        REPORT,
        subject=text,
        inventory=inventory,
        findings=(replace(FINDINGS[0], finding=evil, reasons=(text,)),),
        suppressed=(Suppressed(FINDINGS[1], text, text),),
        warnings=(text,),
    )
    run = run_of(report)
    assert all(len(result["message"]["text"]) <= 1000 for result in run["results"])
    assert len(run["tool"]["driver"]["rules"][0]["shortDescription"]["text"]) <= 1000


def test_equal_reports_give_equal_bytes() -> None:
    assert scan_sarif(REPORT) == scan_sarif(replace(REPORT))
