"""A provider's file, a basis, and the tracked vulnerabilities of the scan of `scan_reports`."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from careen.compliance.fedramp.rules import load_rules
from careen.compliance.fedramp.service import load_service
from careen.compliance.fedramp.track import Basis, track
from careen.model.compliance.fedramp import PastScan, Service, Tracked, Tracking
from careen.model.findings.triage import ScanReport
from tests.support.scan_reports import REPORT

NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
TODAY = dt.date(2026, 12, 1)
HEAD = """version = 1
class = "c"
package_overview = "https://example.org/package.json"
internet = true
"""
DECIDED = """
[[decision]]
id = "cve-2026-0001"
evaluated = "2026-03-01T12:00:00Z"
rating = 4
likely_exploitable = true
internet_reachable = true
impact = "All sessions of one agency."
next_at = "2026-03-04T00:00:00Z"
next_rating = 2
note = "The gateway filters the handshake."

[[decision]]
id = "GHSA-jfh8-c2jp-5v3q"
evaluated = 2026-02-01T00:00:00+01:00
likely_exploitable = false
rating = 2
accepted = "The logger is never started."
"""


def service(folder: Path, text: str = HEAD + DECIDED, now: dt.datetime = NOW) -> Service:
    """Read a provider's file."""
    (path := folder / "service.toml").write_text(text)
    return load_service(path, now)[0]


def tracking(
    provider: Service | None,
    *,
    report: ScanReport = REPORT,
    past: Sequence[PastScan] = (),
    now: dt.datetime = NOW,
) -> Tracking:
    """Track the findings of a report."""
    basis = Basis(
        load_rules(None, TODAY),
        provider,
        "careen 1 with debian-tracker of 2026-02-28",
        now,
        past,
        frozenset({".careenignore:3"}),
    )
    return track(report, basis)


def one(found: Tracking, name: str) -> Tracked:
    """Return the vulnerability of an identifier."""
    return next(each for each in found.items if each.id == name)


def hostile() -> ScanReport:
    """Return the report with texts that are no plain ones."""
    first = REPORT.findings[0]
    finding = replace(first.finding, summary="=cmd|' /C calc'!A0 \udce9 \x1b[31m <b>\r\n")
    return replace(
        REPORT,
        subject='=HYPERLINK("x")\n',
        findings=(replace(first, finding=finding), *REPORT.findings[1:]),
    )
