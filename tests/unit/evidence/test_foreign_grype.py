"""Grype's JSON reports in."""

import json
from typing import Any

import pytest

from careen.evidence.scanners.read import read_report
from careen.evidence.scanners.report import ForeignPackage, ForeignReport
from careen.model.findings.advisory import CvssScore, EpssScore, KevEntry, Severity, VendorStatus

MATCH: dict[str, Any] = {
    "vulnerability": {
        "id": "GHSA-2222-3333-4444",
        "namespace": "github:language:python",
        "severity": "Critical",
        "dataSource": "https://example.org/ghsa",
        "cvss": [
            {
                "source": "ghsa",
                "version": "3.1",
                "vector": "CVSS:3.1/AV:N",
                "metrics": {"baseScore": 9.8},
            }
        ],
        "epss": [{"cve": "CVE-2024-0002", "epss": 0.03, "percentile": 0.42, "date": "2026-01-01"}],
        "knownExploited": [
            {
                "cve": "CVE-2024-0002",
                "vendorProject": "Example",
                "product": "Lib",
                "dateAdded": "2025-05-01",
                "dueDate": "2025-05-22",
                "knownRansomwareCampaignUse": "Known",
            }
        ],
        "fix": {"versions": ["1.5", "2.0"], "state": "fixed"},
    },
    "relatedVulnerabilities": [
        {"id": "CVE-2024-0002", "description": "A flaw.", "urls": ["https://example.org/nvd"]}
    ],
    "matchDetails": [{"found": {"versionConstraint": "<1.5 (python)"}}],
    "artifact": {
        "name": "lib",
        "version": "1.0",
        "type": "python",
        "purl": "pkg:pypi/lib@1.0",
        "locations": [{"path": "/site/lib-1.0.dist-info/METADATA"}],
    },
}


def report(*matches: Any, **more: Any) -> ForeignReport:
    document = {
        "matches": list(matches),
        "source": {
            "type": "image",
            "target": {
                "userInput": "app:1",
                "manifestDigest": "sha256:m",
                "imageID": "sha256:i",
                "repoDigests": ["app@sha256:r"],
            },
        },
        "descriptor": {"name": "grype", "version": "0.90.0", "timestamp": "2026-01-01T00:00:00Z"},
        **more,
    }
    return read_report(json.dumps(document).encode(), "report.json")


def test_a_finding_goes_by_its_cve_and_keeps_the_tools_words() -> None:
    read = report(MATCH)
    assert (read.origin, read.subject, read.digest, read.created) == (
        "grype 0.90.0",
        "app:1",
        "sha256:r",
        "2026-01-01T00:00:00Z",
    )
    (one,) = read.findings
    assert (one.id, one.aliases, one.package) == (
        "CVE-2024-0002",
        ("GHSA-2222-3333-4444",),
        "pkg:pypi/lib@1.0",
    )
    assert (one.severity, one.severity_source, one.status, one.fixed) == (
        Severity.CRITICAL,
        "grype",
        VendorStatus.FIXED,
        ("1.5", "2.0"),
    )
    assert (one.matches[0].record, one.matches[0].feed) == (
        "GHSA-2222-3333-4444",
        "grype: github:language:python",
    )
    assert one.matches[0].reason == "grype 0.90.0 lists lib 1.0, affected are <1.5 (python)"
    assert one.scores == (CvssScore("ghsa", "3.1", "CVSS:3.1/AV:N", 9.8, Severity.CRITICAL),)
    assert one.epss == EpssScore("CVE-2024-0002", 0.03, 0.42, "2026-01-01")
    assert one.kev == KevEntry(
        "CVE-2024-0002", "2025-05-01", "2025-05-22", "Example Lib", ransomware=True
    )
    assert (one.summary, one.references) == (
        "A flaw.",
        ("https://example.org/ghsa", "https://example.org/nvd"),
    )
    assert read.packages == (
        ForeignPackage(
            "pkg:pypi/lib@1.0", "pypi", "lib", "1.0", "/site/lib-1.0.dist-info/METADATA"
        ),
    )


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("fixed", VendorStatus.FIXED),
        ("not-fixed", VendorStatus.AFFECTED),
        ("wont-fix", VendorStatus.WONT_FIX),
        ("unknown", VendorStatus.AFFECTED),
        ("", VendorStatus.AFFECTED),
    ],
)
def test_each_state_of_a_fix_has_its_status(state: str, status: VendorStatus) -> None:
    assert (
        report({**MATCH, "vulnerability": {"id": "CVE-1", "fix": {"state": state}}})
        .findings[0]
        .status
        is status
    )


@pytest.mark.parametrize(
    ("artifact", "purl"),
    [
        ({"name": "bash", "version": "5", "type": "deb"}, "pkg:deb/bash@5"),
        (
            {"name": "github.com/a/b", "version": "v1", "type": "go-module"},
            "pkg:golang/github.com/a/b@v1",
        ),
        ({"name": "mystery", "version": "1", "type": "wordpress-plugin"}, ""),
    ],
)
def test_a_purl_is_made_where_the_type_is_known(artifact: dict[str, str], purl: str) -> None:
    assert report({**MATCH, "artifact": artifact}).findings[0].package == purl


def test_what_is_left_out_is_said() -> None:
    read = report({"artifact": {}}, ignoredMatches=[MATCH])
    assert (read.findings, read.problems) == (
        (),
        (
            "matches[0]: names no vulnerability",
            "ignoredMatches: 1 findings were suppressed by grype itself and are left out",
        ),
    )


@pytest.mark.parametrize(
    ("target", "subject", "digest"),
    [
        ("/some/path", "/some/path", ""),
        ({"userInput": "x", "imageID": "sha256:i"}, "x", "sha256:i"),
    ],
)
def test_what_was_scanned_may_be_no_image(target: Any, subject: str, digest: str) -> None:
    read = report(source={"type": "directory", "target": target})
    assert (read.subject, read.digest) == (subject, digest)
