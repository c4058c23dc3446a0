"""Findings, feeds, ports and releases: what is not known is not evaluable, and never a pass."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from careen.model.compliance.result import Result
from careen.model.findings.advisory import Feed, Severity
from careen.model.findings.finding import Finding, Uncovered
from careen.model.findings.triage import ScanReport
from careen.model.packages.package import Ecosystem, Inventory
from careen.model.rbom import RunKind, RuntimeBom
from careen.model.runs.trace import SensorKind
from tests.support.compliance import release, results, subject
from tests.support.images import file
from tests.support.scan_reports import INVENTORY, LIBSSL, REPORT, finding
from tests.support.triage import bom, bound

FAIL, OPEN, PASS = Result.FAIL, Result.NOT_EVALUABLE, Result.PASS
TRACKER = Feed("debian-tracker", "x", "2026-11-30", "2026-12-01T00:00:00Z", 4)
KEV = Feed("kev", "x", "2026-11-30", "2026-12-01T00:00:00Z", 4)
CLEAN = replace(REPORT, findings=(), suppressed=(), uncovered=(), feeds=(TRACKER, KEV), warnings=())
FINDINGS = ("no-known-exploited", "no-fixable-findings")


def judged(folder: Path, report: ScanReport) -> Mapping[str, Result]:
    with subject(folder) as image:
        found = results(replace(image, findings=report))
        return {name: each.result for name, each in found.items()}


def with_finding(one: Finding) -> ScanReport:
    return replace(CLEAN, findings=(replace(REPORT.findings[0], finding=one),))


def test_an_image_that_was_wholly_compared_passes(tmp_path: Path) -> None:
    found = judged(tmp_path, CLEAN)
    assert {found[each] for each in (*FINDINGS, "advisories-fresh")} == {PASS}


@pytest.mark.parametrize(
    ("severity", "fixed", "expected"),
    [
        (Severity.CRITICAL, ("2",), FAIL),
        (Severity.HIGH, ("2",), FAIL),
        (Severity.UNKNOWN, ("2",), OPEN),
        (Severity.UNKNOWN, (), PASS),
        (Severity.MEDIUM, ("2",), PASS),
    ],
)
def test_a_fix_of_a_vulnerability(
    tmp_path: Path, severity: Severity, fixed: tuple[str, ...], expected: Result
) -> None:
    report = with_finding(finding("CVE-2026-1", LIBSSL, severity, fixed=fixed))
    assert judged(tmp_path, report)["no-fixable-findings"] is expected


@pytest.mark.parametrize("feeds", [(TRACKER,), (TRACKER, replace(KEV, records=0))])
def test_without_the_list_of_exploited_vulnerabilities(
    tmp_path: Path, feeds: tuple[Feed, ...]
) -> None:
    found = judged(tmp_path, replace(CLEAN, feeds=feeds))
    assert [found[each] for each in FINDINGS] == [OPEN, PASS]


def only(*ecosystems: Ecosystem) -> Inventory:
    kept = {k: each for k, each in INVENTORY.packages.items() if each.ecosystem in ecosystems}
    return replace(INVENTORY, packages=kept)


@pytest.mark.parametrize(
    "report",
    [
        replace(CLEAN, feeds=()),
        replace(CLEAN, inventory=only()),
        replace(CLEAN, inventory=replace(only(), distribution=None)),
        replace(CLEAN, inventory=only(Ecosystem.PYPI)),
        replace(CLEAN, uncovered=(Uncovered("npm", 1, "no feed"),)),
        replace(CLEAN, problems=("a version that cannot be read",)),
    ],
)
def test_what_was_not_compared_is_not_clean(tmp_path: Path, report: ScanReport) -> None:
    found = judged(tmp_path, report)
    assert {found[each] for each in FINDINGS} == {OPEN}


def test_packages_of_a_language_alone_can_be_compared(tmp_path: Path) -> None:
    inventory = replace(only(Ecosystem.PYPI), distribution=None)
    found = judged(tmp_path, replace(CLEAN, inventory=inventory))
    assert {found[each] for each in FINDINGS} == {PASS}


@pytest.mark.parametrize(
    ("date", "imported", "expected"),
    [
        ("2099-01-01", "2026-12-01", OPEN),
        ("", "", OPEN),
        ("yesterday", "2026-12-01", OPEN),
        ("2026-12-02T05:00:00Z", "", PASS),
        ("", "2026-12-01T00:00:00Z", PASS),
        ("2026-11-20", "2026-12-01", FAIL),
    ],
)
def test_the_date_of_a_feed(tmp_path: Path, date: str, imported: str, expected: Result) -> None:
    feed = replace(TRACKER, date=date, imported=imported)
    assert judged(tmp_path, replace(CLEAN, feeds=(feed, KEV)))["advisories-fresh"] is expected


def test_no_feed_is_not_fresh(tmp_path: Path) -> None:
    assert judged(tmp_path, replace(CLEAN, feeds=()))["advisories-fresh"] is OPEN


def of_runs(kind: RunKind) -> RuntimeBom:
    made = bom({})
    return replace(made, runs=tuple(replace(each, kind=kind) for each in made.runs))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (bom({}, [bound(8080)]), PASS),
        (bom({}), PASS),
        (bom({}, [bound(9090)]), FAIL),
        (bom({}, lost=3), OPEN),
        (bom({}, [bound(9090)], lost=3), FAIL),
        (bom({}, sensor=SensorKind.FANOTIFY), OPEN),
        (of_runs(RunKind.ATTACHED), OPEN),
        (of_runs(RunKind.CARRIED), OPEN),
    ],
)
def test_an_rbom_that_could_not_see_all_ports_is_no_evidence(
    tmp_path: Path, given: RuntimeBom, expected: Result
) -> None:
    with subject(tmp_path) as image:
        assert results(replace(image, rbom=given))["listeners-stated"].result is expected


@pytest.mark.parametrize(
    ("name", "version", "expected"),
    [
        ("centos", "8", FAIL),
        ("centos", "9", PASS),
        ("centos", "11", OPEN),
        ("rocky", "8.10", PASS),
        ("rhel", "8.10", PASS),
    ],
)
def test_centos_has_dates_of_its_own(
    tmp_path: Path, name: str, version: str, expected: Result
) -> None:
    with subject(tmp_path, file("etc/os-release", release(version, name))) as image:
        assert results(image)["release-supported"].result is expected
