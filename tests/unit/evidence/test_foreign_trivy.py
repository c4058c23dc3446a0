"""Trivy's JSON reports in."""

import json
from typing import Any

import pytest

from careen.errors import InputError
from careen.evidence.scanners.read import read_report
from careen.evidence.scanners.report import ForeignPackage, ForeignReport
from careen.model.findings.advisory import CvssScore, Severity, VendorStatus
from careen.model.findings.finding import Match

DIGEST = "sha256:" + "d" * 64
OPENSSL: dict[str, Any] = {
    "VulnerabilityID": "CVE-2024-1111",
    "VendorIDs": ["DSA-1-1"],
    "PkgName": "libssl3",
    "PkgIdentifier": {"PURL": "pkg:deb/debian/libssl3@3.0.15-1?arch=amd64&distro=debian-12.8"},
    "InstalledVersion": "3.0.15-1",
    "FixedVersion": "3.0.16-1, 3.0.17-1",
    "Status": "fixed",
    "Severity": "HIGH",
    "DataSource": {"ID": "debian", "Name": "Debian Security Tracker"},
    "Title": "openssl: something",
    "PublishedDate": "2024-01-01T00:00:00Z",
    "References": ["https://example.org/1"],
    "CVSS": {
        "nvd": {
            "V2Vector": "AV:N/AC:L/Au:N/C:P/I:N/A:N",
            "V2Score": 9.3,
            "V3Vector": "CVSS:3.0/AV:N",
            "V3Score": 9.8,
        },
        "ghsa": {"V40Score": 4.1},
    },
}


def report(*results: Any, **more: Any) -> ForeignReport:
    document = {
        "SchemaVersion": 2,
        "Trivy": {"Version": "0.67.0"},
        "CreatedAt": "2026-01-01T00:00:00Z",
        "ArtifactName": "app:1",
        "Metadata": {
            "RepoDigests": [f"registry.example.org/app@{DIGEST}"],
            "ImageID": "sha256:" + "c" * 64,
        },
        "Results": list(results),
        **more,
    }
    return read_report(json.dumps(document).encode(), "report.json")


def result(*vulnerabilities: Any, kind: str = "debian", **more: Any) -> dict[str, Any]:
    return {
        "Target": "x",
        "Class": "os-pkgs",
        "Type": kind,
        "Vulnerabilities": list(vulnerabilities),
        **more,
    }


def test_a_finding_keeps_the_tools_words() -> None:
    read = report(result(OPENSSL))
    assert (read.origin, read.subject, read.digest, read.created, read.problems) == (
        "trivy 0.67.0",
        "app:1",
        DIGEST,
        "2026-01-01T00:00:00Z",
        (),
    )
    (one,) = read.findings
    assert (one.id, one.aliases, one.name, one.version) == (
        "CVE-2024-1111",
        ("DSA-1-1",),
        "libssl3",
        "3.0.15-1",
    )
    assert one.package == "pkg:deb/debian/libssl3@3.0.15-1?arch=amd64&distro=debian-12.8"
    assert (one.severity, one.severity_source, one.status, one.fixed) == (
        Severity.HIGH,
        "trivy",
        VendorStatus.FIXED,
        ("3.0.16-1", "3.0.17-1"),
    )
    reason = "trivy 0.67.0 lists libssl3 3.0.15-1"
    assert one.matches == (
        Match(
            "CVE-2024-1111",
            "trivy: Debian Security Tracker",
            reason,
            VendorStatus.FIXED,
            ("3.0.16-1", "3.0.17-1"),
        ),
    )
    assert one.scores == (
        CvssScore("ghsa", "4.0", "", 4.1, Severity.MEDIUM),
        CvssScore("nvd", "3.0", "CVSS:3.0/AV:N", 9.8, Severity.CRITICAL),
        CvssScore(
            "nvd", "2.0", "AV:N/AC:L/Au:N/C:P/I:N/A:N", 9.3, Severity.HIGH
        ),  # CVSS 2 has no `critical`
    )
    assert (one.summary, one.published, one.references) == (
        "openssl: something",
        "2024-01-01T00:00:00Z",
        ("https://example.org/1",),
    )


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("affected", VendorStatus.AFFECTED),
        ("fixed", VendorStatus.FIXED),
        ("will_not_fix", VendorStatus.WONT_FIX),
        ("fix_deferred", VendorStatus.DEFERRED),
        ("end_of_life", VendorStatus.END_OF_LIFE),
        ("not_affected", VendorStatus.NOT_AFFECTED),
        ("under_investigation", VendorStatus.UNDETERMINED),
        ("unknown", VendorStatus.UNDETERMINED),
        (None, VendorStatus.FIXED),  # an older report: a fixed version says it
    ],
)
def test_each_status_has_its_word(word: str | None, status: VendorStatus) -> None:
    assert report(result({**OPENSSL, "Status": word})).findings[0].status is status


def test_an_older_report_without_purls_gets_them_from_the_type() -> None:
    bare = {"VulnerabilityID": "CVE-1", "PkgName": "org.example:lib", "InstalledVersion": "1"}
    assert report(result(bare, kind="jar")).findings[0].package == "pkg:maven/org.example/lib@1"
    scoped = {**bare, "PkgName": "@scope/lib"}
    assert report(result(scoped, kind="node-pkg")).findings[0].package == "pkg:npm/%40scope/lib@1"
    assert (
        report(result({**bare, "PkgRef": "pkg:pypi/lib@1"}, kind="python-pkg")).findings[0].package
        == "pkg:pypi/lib@1"
    )
    assert report(result({**bare, "PkgName": "x"}, kind="cocoapods")).findings[0].package == ""


def test_one_finding_in_two_places_is_one() -> None:
    other = {**OPENSSL, "Severity": "CRITICAL", "FixedVersion": "3.0.18-1", "PkgPath": "opt/x"}
    (one,) = report(result(OPENSSL), result(other)).findings
    assert (one.severity, one.fixed) == (Severity.CRITICAL, ("3.0.16-1", "3.0.17-1", "3.0.18-1"))


def test_packages_are_told_where_the_report_lists_them() -> None:
    listed = {
        "Name": "idna",
        "Version": "3.6",
        "Identifier": {"PURL": "pkg:pypi/idna@3.6"},
        "FilePath": "site/idna-3.6.dist-info/METADATA",
    }
    read = report({"Type": "python-pkg", "Packages": [listed]})
    assert read.packages == (
        ForeignPackage(
            "pkg:pypi/idna@3.6", "pypi", "idna", "3.6", "site/idna-3.6.dist-info/METADATA"
        ),
    )


def test_what_is_left_out_is_said() -> None:
    read = report(
        result({"PkgName": "x"}, OPENSSL, ExperimentalModifiedFindings=[{}, {}]), SchemaVersion=1
    )
    assert len(read.findings) == 1
    assert read.problems == (
        "SchemaVersion: expected 2, got 1; what could be read was read",
        "Results[0].Vulnerabilities[0]: names no vulnerability",
        "Results[0]: 2 findings were suppressed by trivy itself and are left out",
    )


def test_a_report_without_findings_is_one() -> None:
    assert report().findings == ()
    assert report(Results=None).findings == ()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"[]", "report.json: no scan report: expected a JSON object, got []"),
        (
            b'{"bomFormat": "CycloneDX"}',
            (
                "no scan report: expected Trivy JSON, Grype JSON or SARIF 2.1.0, got a JSON object"
                " with bomFormat"
            ),
        ),
        (b"{}", "got a JSON object with no members"),
        (b'{"SchemaVersion": 2', "report.json: not valid JSON"),
    ],
)
def test_what_is_no_report_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        read_report(data, "report.json")
    assert reason in str(caught.value)
