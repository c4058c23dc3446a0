"""POA&M rows as CSV, for agencies and for providers that are not on VDR yet."""

import datetime as dt
from collections.abc import Iterator

from careen.evidence.fedramp.reports import said
from careen.formats.csv_text import csv_bytes
from careen.model.compliance.fedramp import Disposition, State, Tracked, Tracking
from careen.model.findings.advisory import Severity

FILE = "fedramp-poam.csv"
COLUMNS = (
    *("POAM ID", "Controls", "Weakness Name", "Weakness Description", "Weakness Detector Source"),
    *("Weakness Source Identifier", "Asset Identifier", "Point of Contact", "Resources Required"),
    *("Overall Remediation Plan", "Original Detection Date", "Scheduled Completion Date"),
    *("Planned Milestones", "Milestone Changes", "Status Date", "Vendor Dependency"),
    *("Last Vendor Check-in Date", "Vendor Dependent Product Name", "Original Risk Rating"),
    *("Adjusted Risk Rating", "Risk Adjustment", "False Positive", "Operational Requirement"),
    *("Deviation Rationale", "Supporting Documents", "Comments", "Auto-Approve"),
    *("Binding Operational Directive 22-01 tracking", "BOD 22-01 Due Date", "CVE", "Service Name"),
)
# The ratings of the Rev5 continuous monitoring, and days to remediate. Others have none.
_RATED = {
    Severity.CRITICAL: ("High", 30),
    Severity.HIGH: ("High", 30),
    Severity.MEDIUM: ("Moderate", 90),
    Severity.LOW: ("Low", 180),
    Severity.NEGLIGIBLE: ("Low", 180),
}
_UNKNOWN = "unknown"


def poam_csv(tracking: Tracking) -> bytes:
    """Return one row for each vulnerability that is still there. Only known cells are filled."""
    there = (each for each in tracking.items if each.state is not State.REMEDIATED)
    return csv_bytes(COLUMNS, (tuple(_row(each, tracking)) for each in there))


def _row(item: Tracked, tracking: Tracking) -> Iterator[str]:
    risk, days = _RATED.get(item.severity, (_UNKNOWN, None))
    waiting = not item.fixed
    completion = "" if days is None else _day(item.detected + dt.timedelta(days=days))
    cells = dict.fromkeys(COLUMNS, "") | {
        "POAM ID": item.tracking,
        "Controls": "RA-5, SI-2",
        "Weakness Name": item.id,
        "Weakness Description": item.description,
        "Weakness Detector Source": tracking.scanner,
        "Weakness Source Identifier": item.id,
        "Asset Identifier": f"{tracking.image} {tracking.digest}",
        "Overall Remediation Plan": _plan(item),
        "Original Detection Date": _day(item.detected),
        "Scheduled Completion Date": completion,
        "Status Date": _day(tracking.time),
        "Vendor Dependency": "Yes" if waiting else "No",
        "Vendor Dependent Product Name": ", ".join(item.packages) if waiting else "",
        "Original Risk Rating": risk,
        "Adjusted Risk Rating": "N/A",
        "Risk Adjustment": "No",
        "False Positive": _false_positive(item),
        "Operational Requirement": _required(item),
        "Deviation Rationale": item.rationale,
        "Comments": "; ".join(f"{each.name}: {each.answer}" for each in item.given),
        "Binding Operational Directive 22-01 tracking": _listed(item),
        "BOD 22-01 Due Date": "" if item.due.kev_by is None else item.due.kev_by.isoformat(),
        "CVE": next((each for each in (item.id, *item.aliases) if each.startswith("CVE-")), ""),
        "Service Name": tracking.image,
    }
    return iter(cells.values())


def _plan(item: Tracked) -> str:
    if item.decision is not None and item.decision.next_at is not None:
        return f"reduce to N{item.decision.next_rating} by {said(item.decision.next_at)}"
    return f"upgrade to {' or '.join(item.fixed)}" if item.fixed else "no fix is known"


def _false_positive(item: Tracked) -> str:
    if item.decision is not None and item.decision.disposition is Disposition.FALSE_POSITIVE:
        return "Yes"
    return "No"


def _required(item: Tracked) -> str:
    """Return whether somebody accepted it: the time that has passed is no requirement."""
    return "Yes" if item.state is State.ACCEPTED and not item.aged else "No"


def _listed(item: Tracked) -> str:
    """Return whether CISA's list has it; an answer that is not known stays unknown."""
    answers = {each.name: each.answer for each in item.given}
    if "KEV" in answers:
        return "Yes"
    return "No" if answers.get("exploited") == "no" else _UNKNOWN


def _day(time: dt.datetime) -> str:
    return said(time)[:10]
