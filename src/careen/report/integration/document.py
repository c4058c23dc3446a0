"""Writer of `ci.json` (docs/schema/ci-1.schema.json)."""

from typing import Any

from careen.model.findings.triage import Triaged
from careen.model.integration import KnownFinding, Outcome
from careen.report.documents.document import masked_json
from careen.report.integration.changes import compared
from careen.report.integration.words import decisions, not_known, verdict

FORMAT = "careen-ci"
VERSION = 1


def outcome_json(outcome: Outcome) -> bytes:
    """Return the document's bytes. What is unknown is null, never 0."""
    report, found = outcome.report, compared(outcome)
    known = not not_known(report)
    return masked_json(
        {
            "format": FORMAT,
            "version": VERSION,
            "name": outcome.name,
            "mode": outcome.mode,
            "step": outcome.decision.step,
            "reasons": list(outcome.decision.reasons),
            "status": outcome.status,
            "verdict": verdict(outcome),
            "failure": outcome.failure or None,
            "image": {"reference": outcome.image, "digest": outcome.image_digest},
            "result": {"digest": outcome.result_digest or None, "promoted": list(outcome.places)},
            "findings": {
                "total": len(report.findings) if report is not None and known else None,
                "new": [_now(item) for item in found.new] if found else None,
                "closed": [_then(each) for each in found.closed] if found else None,
                "worse": [{**_now(each.item), "why": each.why} for each in found.worse]
                if found
                else None,
                "excepted": [_then(each) for each in found.excepted] if found else None,
            },
            "crossed": list(report.crossed) if report is not None else [],
            "decide": list(decisions(outcome)),
            "figures": [
                {"title": each.title, "before": each.before, "after": each.after}
                for each in outcome.figures
            ],
            "evidence": outcome.evidence,
            "attested": list(outcome.attested),
            "files": dict(outcome.files),
            "seconds": outcome.seconds,
            "work_seconds": outcome.saved_seconds or None,
        }
    )


def _now(item: Triaged) -> dict[str, Any]:
    finding = item.finding
    return {
        "id": finding.id,
        "package": finding.name,
        "installed": finding.version,
        "severity": finding.severity,
        "tier": item.tier,
        "fixed": list(finding.fixed),
    }


def _then(each: KnownFinding) -> dict[str, Any]:
    return {
        "id": each.id,
        "package": each.name,
        "installed": each.installed,
        "severity": each.severity,
        "tier": each.tier,
    }
