"""The exact text of a scan and of one finding, at 80 and 120 columns, and in plain ASCII.

A wanted change of a text is made in the file under `tests/golden/report/` too; the assertion shows
both.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from careen.model.findings.advisory import EpssScore, Severity, VendorStatus
from careen.model.findings.finding import Uncovered
from careen.model.findings.finding_explanation import FindingExplanation, UnaffectedPackage
from careen.model.findings.triage import ScanReport, Triaged
from careen.model.runs.trace import Use
from careen.report.count_tables import count_tables
from careen.report.old_feeds import old_feeds
from careen.report.scan.finding_view import print_finding
from careen.report.scan.view import Listing, print_scan
from careen.report.terminal_output.tables import put
from careen.triage.triage import triage
from tests.support.made_records import advisory, entry
from tests.support.scan_reports import (
    AUTOMAKE,
    BABEL,
    BUNDLED,
    CRYPTOGRAPHY,
    INVENTORY,
    LIBSSL,
    LOG4J,
    MUSL,
    NUMPY,
    NUMPY_COPY,
    REPORT,
    SUPPRESSED,
    finding,
    ssl_finding,
)
from tests.support.screens import drawn
from tests.support.triage import IMAGE, bom, bound, checked, use

EXPECTED = Path(__file__).parent / "report"
PYTHON = "/usr/bin/python3.11"
SITE = "/usr/lib/python3/site-packages"

SEEN = bom(
    {
        "/usr/lib/libssl.so.3": use(Use.MAPPED, PYTHON, "serve"),
        f"{SITE}/cryptography/__init__.py": use(Use.OPENED, PYTHON, "serve"),
        f"{SITE}/cryptography.libs/libcrypto-fb8d5b21.so.3": checked(
            Use.MAPPED, "/usr/bin/curl", "serve"
        ),
        "/usr/bin/automake": use(Use.LOOKED_UP, "/bin/sh", "serve"),
    },
    [bound(8000, PYTHON)],
)
RAISED = EpssScore("CVE-2026-0004", 0.21, 0.9, "2026-02-28")
FOUND: tuple[Triaged, ...] = triage(
    (
        ssl_finding(LIBSSL, "3.0.17-1~deb12u1"),
        ssl_finding(BUNDLED, "3.2.1"),
        finding(
            "CVE-2026-0003",
            CRYPTOGRAPHY,
            Severity.CRITICAL,
            "GHSA-1111-2222-3333",
            fixed=("42.0.10",),
        ),
        replace(
            finding("CVE-2026-0004", CRYPTOGRAPHY, Severity.MEDIUM, fixed=("42.0.8",)), epss=RAISED
        ),
        replace(finding("CVE-2026-0005", CRYPTOGRAPHY, Severity.UNKNOWN), severity_source=""),
        finding(
            "CVE-2021-44228", LOG4J, Severity.CRITICAL, "GHSA-jfh8-c2jp-5v3q", fixed=("2.15.0",)
        ),
        finding("GHSA-xxxx-yyyy-zzzz", BABEL, Severity.MEDIUM),
        replace(
            finding("CVE-2020-9999", AUTOMAKE, Severity.NEGLIGIBLE), status=VendorStatus.WONT_FIX
        ),
        replace(finding("CVE-2020-8888", MUSL, Severity.LOW), status=VendorStatus.UNDETERMINED),
    ),
    INVENTORY,
    SEEN,
    IMAGE,
    feeds=REPORT.feeds,
)
SCAN = replace(
    REPORT,
    findings=FOUND,
    uncovered=(
        Uncovered(
            "Rocky Linux 9", 1, "no feed of it is in the database", ("nodejs 1:20.11.1-1.module",)
        ),
        Uncovered(
            "bundled software",
            7,
            "the database holds no feed of Bitnami",
            ("python 3.11.9", "openssl 3.2.0"),
        ),
    ),
    crossed=(
        (
            "executed-critical: 2 findings: CVE-2026-0001 in libssl3 3.0.15-1~deb12u1,"
            " CVE-2026-0003 in cryptography 42.0.0"
        ),
    ),
)
EXPLAINED = FindingExplanation(
    "CVE-2026-0001",
    REPORT.subject,
    REPORT.digest,
    records=(
        advisory(
            "CVE-2026-0001",
            entry("Debian:12", "openssl", "+0 -3.0.17-1~deb12u1"),
            feed="debian-tracker",
        ),
        replace(
            advisory("GHSA-aaaa-bbbb-cccc", entry("PyPI", "cryptography", "+0"), feed="osv:PyPI"),
            withdrawn="2026-02-01T00:00:00Z",
        ),
    ),
    findings=tuple(item for item in FOUND if item.finding.id == "CVE-2026-0001"),
    suppressed=(),
    feeds=REPORT.feeds,
    passed=(
        UnaffectedPackage(
            "pkg:pypi/numpy@1.26.4",
            "GHSA-aaaa-bbbb-cccc",
            "osv:PyPI",
            "1.26.4 is in no affected range of PyPI numpy",
        ),
    ),
)

SOURCE = tuple(  # binary packages of one source: their findings and fixes are the same
    replace(
        one, package=f"pkg:deb/debian/{name}@5.40.1-6?arch=amd64", name=name, version="5.40.1-6"
    )
    for name in ("perl", "perl-base", "libperl5.40", "perl-modules-5.40")
    for one in (
        finding("CVE-2026-0010", LIBSSL, Severity.CRITICAL, fixed=("5.40.1-7",)),
        finding("CVE-2026-0011", LIBSSL, Severity.HIGH, fixed=("5.40.1-7",)),
    )
)
COPIES = (
    finding("CVE-2026-0020", NUMPY, Severity.CRITICAL, fixed=("1.26.5",)),
    finding("CVE-2026-0020", NUMPY_COPY, Severity.CRITICAL, fixed=("1.26.5",)),
)
JOINED = replace(
    SCAN, findings=triage((*SOURCE, *COPIES), INVENTORY, None, IMAGE), observed=None, crossed=()
)
JOINED_FINDING = tuple(item for item in JOINED.findings if item.finding.id == "CVE-2026-0010")
OLD = replace(
    SCAN,
    created="2026-03-31T10:00:00Z",
    warnings=(old_feeds(SCAN.feeds, "2026-03-31T10:00:00Z"), *SCAN.warnings),
)

HEADERS = replace(
    FOUND[-1], kernel_headers=True, finding=replace(FOUND[-1].finding, name="linux-libc-dev")
)
WITH_HEADERS = replace(SCAN, findings=(*FOUND[:-1], HEADERS))

VIEWS: Mapping[str, Callable[[Console], None]] = {
    "scan": lambda console: print_scan(console, SCAN),
    "scan-all": lambda console: print_scan(console, SCAN, Listing(everything=True)),
    "scan-details": lambda console: print_scan(console, SCAN, Listing(details=True)),
    "scan-all-details": lambda console: print_scan(
        console, SCAN, Listing(everything=True, details=True)
    ),
    "scan-headers": lambda console: print_scan(console, WITH_HEADERS),
    "scan-unprofiled": lambda console: print_scan(
        console,
        replace(
            SCAN, findings=triage((f.finding for f in FOUND), INVENTORY, None, IMAGE), observed=None
        ),
    ),
    "scan-joined": lambda console: print_scan(console, JOINED),
    "scan-joined-all": lambda console: print_scan(console, JOINED, Listing(everything=True)),
    "scan-old": lambda console: print_scan(console, OLD),
    "scan-suppressed": lambda console: print_scan(
        console, replace(SCAN, suppressed=SUPPRESSED * 6), Listing(suppressed=True)
    ),
    "scan-nothing": lambda console: print_scan(
        console, replace(SCAN, findings=(), suppressed=(), uncovered=(), crossed=())
    ),
    "finding": lambda console: print_finding(console, EXPLAINED),
    "finding-joined": lambda console: print_finding(
        console, replace(EXPLAINED, identifier="CVE-2026-0010", findings=JOINED_FINDING)
    ),
    "finding-suppressed": lambda console: print_finding(
        console, replace(EXPLAINED, identifier="CVE-2019-1111", findings=(), suppressed=SUPPRESSED)
    ),
    "finding-passed": lambda console: print_finding(console, replace(EXPLAINED, findings=())),
    "finding-unknown": lambda console: print_finding(
        console, replace(EXPLAINED, findings=(), passed=(), records=())
    ),
}


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("name", VIEWS)
def test_the_text_is_exactly_this(name: str, width: int) -> None:
    assert drawn(VIEWS[name], width) == (EXPECTED / f"{name}-{width}.txt").read_text()


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
@pytest.mark.parametrize("name", VIEWS)
def test_no_line_is_wider_than_the_terminal_or_ends_in_blanks(name: str, width: int) -> None:
    lines = drawn(VIEWS[name], width).splitlines()
    assert [line for line in lines if len(line) > width or line != line.rstrip()] == []


@pytest.mark.parametrize("name", VIEWS)
def test_a_terminal_without_unicode_gets_ascii(name: str) -> None:
    assert drawn(VIEWS[name], 80, "ascii").isascii()


@pytest.mark.parametrize("width", [60, 72, 80])
@pytest.mark.parametrize("label", ["not profiled", "executed"])
def test_a_count_is_never_cropped(label: str, width: int) -> None:
    counts = [f"{123_456 + i:,}" for i in range(9)]
    head = (
        "",
        "critical",
        "high",
        "medium",
        "low",
        "negligible",
        "unknown",
        "KEV",
        "fixable",
        "all",
    )
    short = ("", "crit.", "high", "med.", "low", "negl.", "unkn.", "KEV", "fix", "all")

    def view(console: Console) -> None:
        for part in count_tables([(label, *counts)], head, short, console.width):
            put(console, part)

    text = drawn(view, width)
    assert [word for word in text.split() if word[0].isdigit()] == counts
    assert {word for word in text.split() if word[0].isalpha()} - {*label.split()} in (
        {*head} - {""},
        {*short} - {""},
    )
    assert max(map(len, text.splitlines())) <= width


def test_without_a_kev_feed_the_column_is_unknown() -> None:
    findings = tuple(
        replace(item, finding=replace(item.finding, kev=None)) for item in SCAN.findings
    )
    report = replace(SCAN, findings=findings, suppressed=())

    def column(shown: ScanReport) -> list[str]:
        lines = drawn(lambda console: print_scan(console, shown), 120).splitlines()
        (start,) = (i for i, line in enumerate(lines) if "KEV" in line and "fixable" in line)
        rows = lines[start + 1 : lines.index("", start)]
        return [row.split()[-3] for row in rows]

    without = replace(report, feeds=tuple(feed for feed in SCAN.feeds if feed.name != "kev"))
    assert set(column(without)) == {"?"}
    assert set(column(report)) == {"0"}


@pytest.mark.parametrize("width", [60, 72, 80])
def test_a_scan_with_many_findings_has_its_numbers_whole(width: int) -> None:
    feeds = tuple(
        replace(
            feed,
            name=f"secdb:Alpine:v3.20/{feed.name}",
            records=123_456,
            date="2025-01-01",
            refused=1_479,
        )
        for feed in SCAN.feeds
    )
    many = tuple(item for item in FOUND for _ in range(1_234))
    lines = drawn(
        lambda console: print_scan(console, replace(SCAN, findings=many, feeds=feeds)), width
    ).splitlines()
    assert any(line.endswith("only present") for line in lines)
    words = " ".join(lines).split()
    assert words.count("123,456") == 2
    assert words.count("1,479") == 2
    assert f"{4 * 1_234:,}" in words  # critical
    assert words.count(f"{9 * 1_234:,}") == 2  # the headline, and the sum of all tiers
    assert max(map(len, lines)) <= width
