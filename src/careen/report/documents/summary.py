"""Writer of `summary.json` (docs/schema/summary-1.schema.json).

Unknown values are null, never 0.
"""

from typing import Any

from careen import __version__
from careen.model.attestations.ended import EndedDocuments
from careen.model.findings.findings_count import FindingsCount
from careen.model.measure import Measure
from careen.model.summary import (
    STAGES,
    ExplorationTotals,
    PatchTotals,
    SensorSummary,
    StageSeconds,
    Summary,
    SymbolTotals,
    TestTotals,
)
from careen.report.completeness_words import evidence_members
from careen.report.documents.document import masked_json
from careen.report.documents.repair import flaky_records, round_record
from careen.report.old_feeds import age_of

FORMAT = "careen-summary"
VERSION = 1


def summary_json(summary: Summary) -> bytes:
    """Return the document's bytes. Seconds are rounded to milliseconds."""
    tests = summary.tests
    return masked_json(
        {
            "format": FORMAT,
            "version": VERSION,
            "level": summary.level.value,
            "promoted": list(summary.promoted),
            "original": _measure(summary.original),
            "hardened": _measure(summary.hardened),
            "workloads": list(summary.workloads),
            "checked": summary.checked,
            "tests": None
            if tests is None
            else {"original": _totals(tests.original), "hardened": _totals(tests.hardened)},
            "sensor": _sensor(summary.sensor),
            "patched": None if summary.patched is None else _patched(summary.patched),
            "exploration": None
            if summary.exploration is None
            else _exploration(summary.exploration),
            "adequacy": None
            if summary.adequacy is None
            else {"score": summary.adequacy.score, "verdict": summary.adequacy.verdict},
            "deviations": None if summary.verdict is None else len(summary.verdict.steady()),
            "repair": [round_record(each) for each in summary.rounds],
            "flaky": flaky_records(summary.flaky),
            "seconds": _seconds(summary.seconds),
            "removed": [
                {
                    "purl": share.purl,
                    "outcome": share.outcome.value,
                    "bytes": share.removed_bytes,
                    "files": share.removed_files,
                }
                for share in summary.removed
            ],
            "symbols": None if summary.symbols is None else _symbols(summary.symbols),
            "kept": [
                {
                    "code": share.code,
                    "detail": share.detail,
                    "bytes": share.bytes,
                    "files": share.files,
                }
                for share in summary.kept
            ],
            "ended": None if summary.ended is None else _ended(summary.ended),
            "plan_sha256": summary.plan_sha256 or None,
            "rbom_sha256": summary.rbom_sha256 or None,
            "report_directory": summary.report_directory,
            "notes": list(summary.notes),
            "next_steps": list(summary.next_steps),
            "careen": __version__,
        }
    )


def _sensor(sensor: SensorSummary) -> dict[str, Any]:
    seen = evidence_members(sensor.completeness)
    return {
        "kind": sensor.kind,
        "kernel": sensor.kernel or None,
        **seen,
        "emulated": sensor.emulated,
        "overhead_note": sensor.overhead_note,
    }


def _patched(totals: PatchTotals) -> dict[str, Any]:
    return {
        "upgrades": [
            {"name": name, "from": old or None, "to": new} for name, old, new in totals.upgrades
        ],
        "closed": totals.closed,
        "dropped": [{"names": names, "reason": reason} for names, reason in totals.dropped],
        "blocked": totals.blocked,
    }


def _ended(ended: EndedDocuments) -> dict[str, Any]:
    return {
        "documents": [
            {
                "kind": each.kind.value,
                "type": each.type,
                "digest": each.digest,
                "about": each.about,
                "place": each.place,
            }
            for each in ended.documents
        ],
        "unknown": list(ended.unknown),
    }


def _symbols(totals: SymbolTotals) -> dict[str, Any]:
    return {
        "files": totals.files,
        "bytes": totals.bytes,
        "left": [{"reason": reason, "files": files} for reason, files in totals.left],
    }


def _measure(measure: Measure) -> dict[str, Any]:
    return {
        "reference": measure.reference,
        "digest": measure.digest,
        "size_bytes": measure.size_bytes,
        "files": measure.files,
        "packages": dict(sorted(measure.packages.items())),
        "elf_files": measure.elf_files,
        "elf_bytes": measure.elf_bytes,
        "executables": measure.executables,
        "setuid": measure.setuid,
        "shells": measure.shells,
        "findings": None if measure.findings is None else _findings(measure.findings),
    }


def _findings(count: FindingsCount) -> dict[str, Any]:
    known = not count.compared.nothing
    fields = (
        "total",
        "critical",
        "high",
        "executed",
        "executed_by_health_check_only",
        "loaded",
        "kev",
        "fixable",
    )
    return {
        **{field: getattr(count, field) if known else None for field in fields},
        "packages": count.compared.packages,
        "compared": count.compared.compared,
        "oldest_feed_days": age_of(count.database.values(), count.counted),
        "database": dict(sorted(count.database.items())),
    }


def _exploration(totals: ExplorationTotals) -> dict[str, Any]:
    return {
        "experiments": totals.experiments,
        "skipped": totals.skipped,
        "tries": totals.tries,
        "files": totals.files,
        "bytes": totals.bytes,
        "not_ready": list(totals.not_ready),
    }


def _totals(totals: TestTotals | None) -> dict[str, Any] | None:
    return (
        None
        if totals is None
        else {"passed": totals.passed, "cases": totals.cases, "seconds": round(totals.seconds, 3)}
    )


def _seconds(seconds: StageSeconds) -> dict[str, float | None]:
    stages = {name: getattr(seconds, name) for name in (*STAGES, "total")}
    return {name: None if value is None else round(value, 3) for name, value in stages.items()}
