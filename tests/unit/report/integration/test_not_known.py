"""What differs from the last good run: told only where it is known."""

import io
import json
from dataclasses import replace

import pytest

from careen.model.findings.finding import Uncovered
from careen.model.findings.triage import ScanReport
from careen.model.integration import Decision, KnownFinding, Mode, Outcome, Step
from careen.model.packages.package import Ecosystem
from careen.pipeline.integrating.stored import known_of
from careen.report.integration.changes import compared
from careen.report.integration.document import outcome_json
from careen.report.integration.markdown import comment
from careen.report.integration.view import print_outcome
from careen.report.integration.words import verdict
from careen.report.terminal_output.screen import open_console
from tests.support.scan_reports import REPORT

COVERED = replace(REPORT, uncovered=(), crossed=())
NOTHING = replace(
    COVERED,
    findings=(),
    uncovered=(Uncovered("deb", len(REPORT.inventory.packages), "no feed"),),
)
LAST = known_of(COVERED, None) or ()


def outcome(report: ScanReport | None, failure: str = "") -> Outcome:
    """A run after one with the findings of REPORT."""
    return Outcome(
        name="web",
        mode=Mode.HARDEN,
        decision=Decision(Step.SCAN, ("the advisories have changed",)),
        image="web:1",
        image_digest="sha256:a",
        result_digest="" if failure else "sha256:b",
        places=(),
        report=report,
        last=LAST,
        failure=failure,
        status=1 if failure else 0,
    )


def printed(found: Outcome) -> str:
    out = io.StringIO()
    print_outcome(open_console(out), found)
    return out.getvalue()


@pytest.mark.parametrize(
    ("report", "why"),
    [(None, "no advisory database"), (NOTHING, "packages not compared with any advisory")],
)
def test_what_is_not_known_is_not_closed(report: ScanReport | None, why: str) -> None:
    found = outcome(report)
    assert compared(found) is None
    text = comment(found)
    assert "closed" not in text
    assert "new finding" not in text
    (line,) = (line for line in text.splitlines() if line.startswith("**Compared"))
    assert line.startswith("**Compared with the last run**: not known: ")
    assert why in line.replace("\\", "")
    assert f"changes  not known: {'all' if report else why}" in printed(found)
    assert json.loads(outcome_json(found))["findings"] == dict.fromkeys(
        ("total", "new", "closed", "worse", "excepted")
    )


def test_the_last_findings_stay_until_others_are_known() -> None:
    assert known_of(None, LAST) == LAST
    assert known_of(NOTHING, LAST) == LAST
    assert known_of(replace(COVERED, crossed=("kev",)), LAST[:1]) == LAST[:1]
    assert known_of(replace(COVERED, findings=COVERED.findings[:1]), LAST) == LAST[:1]


def test_a_finding_without_a_feed_is_not_known_any_more() -> None:
    all_ = REPORT.inventory.packages.values()
    deb, npm, generic = (
        [each for each in all_ if each.ecosystem is kind]
        for kind in (Ecosystem.DEB, Ecosystem.NPM, Ecosystem.GENERIC)
    )
    packages = [*deb[:1], *npm, *generic]
    last = tuple(
        KnownFinding(f"CVE-{i}", each.purl, each.name, each.version, "high", "present", kev=False)
        for i, each in enumerate(packages)
    )
    report = replace(
        COVERED,
        inventory=replace(REPORT.inventory, packages={each.purl: each for each in packages}),
        findings=(),
        uncovered=(
            Uncovered("npm", len(npm), "no feed"),
            Uncovered("bundled software", len(generic), "none"),
        ),
    )
    found = compared(replace(outcome(report), last=last))
    assert found is not None
    assert {each.package for each in found.unknown} == {each.purl for each in (*npm, *generic)}
    assert [each.package for each in found.closed] == [deb[0].purl]
    assert known_of(report, last) == found.unknown
    assert "Not known any more" in comment(replace(outcome(report), last=last))
    left = {each.purl: each for each in (*deb[:1], *generic)}
    without = replace(report, inventory=replace(REPORT.inventory, packages=left), uncovered=())
    removed = compared(replace(outcome(without), last=last))
    assert removed is not None
    assert removed.unknown == ()


def test_the_findings_of_a_failed_run_are_those_of_the_original() -> None:
    found = outcome(replace(COVERED, findings=COVERED.findings[:1]), "the tests failed")
    assert compared(found) is None
    text = comment(found)
    assert "1 finding in the original" in text
    assert "the last run" not in text
    assert "changes " not in printed(found)
    assert json.loads(outcome_json(found))["findings"]["closed"] is None
    assert verdict(found) == "web: failed, nothing was promoted: the tests failed"
