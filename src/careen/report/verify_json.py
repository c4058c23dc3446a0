"""`verify.json` (docs/schema/verify-1.schema.json): the whole verdict on a hardened image."""

from typing import Any

from careen.model.difference import Difference
from careen.model.vain import VainLookup
from careen.model.verdict import Verdict
from careen.model.workload import TestResult, WorkloadResult
from careen.report.document import to_json

FORMAT = "careen-verify"
VERSION = 1
MAX_DIFFERENCES = 10_000


def verify_json(verdict: Verdict) -> bytes:
    """Return the document's bytes. The environment of the tests is left out (it may hold secrets), and so is what they printed (that lies in the logs).

    Of changes outside the plan the first 10,000 are listed; `outside_total` counts all.
    """
    return to_json({
        "format": FORMAT,
        "version": VERSION,
        "passed": verdict.passed,
        "failures": list(verdict.failures()),
        "warnings": list(verdict.warnings()),
        "structure": list(verdict.structure),
        "config": list(verdict.config),
        "outside": [_difference(item) for item in verdict.outside[:MAX_DIFFERENCES]],
        "outside_total": len(verdict.outside),
        "workloads": {
            "original": [_workload(result) for result in verdict.original],
            "hardened": [_workload(result) for result in verdict.hardened],
        },
        "looked_for_in_vain": {name: [_vain(lookup) for lookup in found] for name, found in sorted(verdict.vain.items())},
    })  # fmt: skip


def _workload(result: WorkloadResult) -> dict[str, Any]:
    return {
        "workload": result.workload,
        "passed": result.passed,
        "reason": result.reason,
        "checked": result.checked,
        "ready_seconds": _rounded(result.ready_seconds),
        "seconds": _rounded(result.seconds),
        "exit_code": result.exit_code,
        "tests": [_test(test) for test in result.tests],
    }


def _test(test: TestResult) -> dict[str, Any]:
    return {
        "place": test.test.place.value,
        "command": test.test.command,
        "passed": test.passed,
        "reason": test.reason,
        "exit_status": test.exit_status,
        "seconds": _rounded(test.seconds),
        "cases": test.cases,
    }


def _difference(item: Difference) -> dict[str, Any]:
    return {"path": item.path, "change": item.change.value, "what": list(item.what), "before": item.before, "after": item.after}


def _vain(lookup: VainLookup) -> dict[str, Any]:
    return {
        "path": lookup.path,
        "errno": lookup.errno,
        "use": lookup.use.value,
        "executable": lookup.executable,
        "phases": sorted(phase.value for phase in lookup.phases),
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
