"""SARIF in: packages from purls where a tool states them, else from its own words, else unknown and
said so.
"""

import json
from typing import Any

import pytest

from careen.errors import InputError
from careen.evidence.scanners.read import read_report
from careen.evidence.scanners.report import ForeignReport
from careen.model.findings.advisory import Severity, VendorStatus

TRIVY_RULE = {
    "id": "CVE-2024-0001",
    "name": "OsPackageVulnerability",
    "shortDescription": {"text": "openssl: something"},
    "help": {
        "text": (
            "Vulnerability CVE-2024-0001\nSeverity: HIGH\nPackage: libssl3\nFixed Version:"
            " 3.0.16\nLink: x"
        )
    },
    "properties": {"tags": ["vulnerability", "security", "HIGH"], "security-severity": "7.5"},
}


def trivy_result(package: str, fixed: str = "3.0.16") -> dict[str, Any]:
    words = (
        f"Package: {package}\nInstalled Version: 3.0.15\nVulnerability CVE-2024-0001\nSeverity:"
        f" HIGH\nFixed Version: {fixed}\nLink: [CVE-2024-0001](x)"
    )
    return {"ruleId": "CVE-2024-0001", "ruleIndex": 0, "level": "error", "message": {"text": words}}


def sarif(name: str, rules: Any, *results: Any, **run: Any) -> ForeignReport:
    driver = {"name": name, "version": "1.2", "rules": rules}
    document = {
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": list(results), **run}],
    }
    return read_report(json.dumps(document).encode(), "x.sarif")


def test_trivys_rule_is_shared_its_message_is_not() -> None:
    read = sarif(
        "Trivy",
        [TRIVY_RULE],
        trivy_result("libssl3"),
        trivy_result("openssl", ""),
        properties={"imageName": "app:1", "repoDigests": ["app@sha256:d"]},
    )
    assert (read.origin, read.subject, read.digest, read.problems) == (
        "trivy 1.2",
        "app:1",
        "sha256:d",
        (),
    )
    assert [
        (one.id, one.name, one.version, one.fixed, one.status, one.severity)
        for one in read.findings
    ] == [
        ("CVE-2024-0001", "libssl3", "3.0.15", ("3.0.16",), VendorStatus.FIXED, Severity.HIGH),
        ("CVE-2024-0001", "openssl", "3.0.15", (), VendorStatus.AFFECTED, Severity.HIGH),
    ]
    assert {one.package for one in read.findings} == {
        ""
    }  # Trivy's SARIF does not say of which type it is
    assert read.findings[0].severity_source == "trivy"


GRYPE_RULE = {
    "id": "GHSA-2222-3333-4444-lib",
    "name": "PythonMatcherExactDirectMatch",
    "help": {
        "text": (
            "Vulnerability GHSA-2222-3333-4444\nSeverity: critical\nPackage: lib\nVersion: 1.0\nFix"
            " Version: 1.5,2.0\nType: python\nLocation: /x\nLink: y"
        )
    },
    "properties": {"purls": ["pkg:pypi/lib@1.0"], "security-severity": "9.8"},
}


def test_grypes_rule_says_everything() -> None:
    read = sarif(
        "grype",
        [GRYPE_RULE],
        {
            "ruleId": "GHSA-2222-3333-4444-lib",
            "message": {"text": "A critical vulnerability in python package: lib, version 1.0"},
        },
    )
    (one,) = read.findings
    assert (one.id, one.package, one.name, one.version, one.fixed, one.severity) == (
        "GHSA-2222-3333-4444",
        "pkg:pypi/lib@1.0",
        "lib",
        "1.0",
        ("1.5", "2.0"),
        Severity.CRITICAL,
    )


def test_grype_without_a_purl_names_the_type() -> None:
    rule = {**GRYPE_RULE, "properties": {}}
    assert sarif("grype", [rule], {"ruleId": rule["id"]}).findings[0].package == "pkg:pypi/lib@1.0"


def test_any_tool_that_states_purls() -> None:
    rule = {
        "id": "CVE-2024-0003",
        "properties": {
            "purls": ["no purl", "pkg:npm/%40a/b@2"],
            "fixed_version": "2.1",
            "security-severity": "4.0",
            "tags": ["CVE-2024-0003"],
        },
    }
    (one,) = sarif("some-scanner", [rule], {"ruleIndex": 0, "level": "error"}).findings
    assert (one.id, one.package, one.name, one.version, one.fixed, one.severity) == (
        "CVE-2024-0003",
        "pkg:npm/%40a/b@2",
        "b",
        "2",
        ("2.1",),
        Severity.MEDIUM,
    )


def test_osv_scanners_words() -> None:
    (one,) = sarif(
        "osv-scanner",
        [{"id": "CVE-2024-0004"}],
        {
            "ruleId": "CVE-2024-0004",
            "message": {"text": "Package 'lib@1.0' is vulnerable to 'CVE-2024-0004'."},
        },
    ).findings
    assert (one.name, one.version) == ("lib", "1.0")


def test_a_finding_without_a_package_is_one_and_said_to_be() -> None:
    where = [{"physicalLocation": {"artifactLocation": {"uri": "usr/lib/x.jar"}}}]
    read = sarif(
        "some-scanner",
        [],
        {
            "ruleId": "CVE-2024-0005",
            "level": "warning",
            "message": {"text": "bad"},
            "locations": where,
        },
    )
    (one,) = read.findings
    assert (one.id, one.package, one.name, one.severity) == (
        "CVE-2024-0005",
        "",
        "",
        Severity.MEDIUM,
    )
    assert one.matches[0].reason == "some-scanner 1.2 names no package; it points at usr/lib/x.jar"
    assert read.problems == (
        "runs: 1 results name no package: their findings cannot be joined with what is installed",
    )


def test_what_is_no_vulnerability_or_suppressed_is_counted() -> None:
    results = [
        {"ruleId": "DS002", "message": {"text": "no USER"}},
        {"ruleId": "aws-access-key-id"},
        {**trivy_result("libssl3"), "suppressions": [{"kind": "external", "status": "accepted"}]},
        {**trivy_result("libssl3"), "suppressions": [{"kind": "external", "status": "rejected"}]},
    ]
    read = sarif("Trivy", [TRIVY_RULE], *results)
    assert [one.name for one in read.findings] == ["libssl3"]
    assert read.problems == (
        "runs[0]: 2 results are not about a known vulnerability and are left out",
        "runs[0]: 1 results are suppressed in the report and are left out",
    )


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"version": "2.0.0", "runs": [{}]}, "x.sarif: version: expected '2.1.0', got '2.0.0'"),
        ({"version": "2.1.0", "runs": []}, "x.sarif: a SARIF document without a run"),
    ],
)
def test_another_version_and_nothing_are_refused(document: Any, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        read_report(json.dumps(document).encode(), "x.sarif")
    assert str(caught.value) == reason
