"""Writer of `verify.json` (docs/schema/verify-1.schema.json)."""

from typing import Any

from careen.model.comparing.difference import Difference
from careen.model.runs.behaviour import Compared, Deviation
from careen.model.runs.vain import FailedLookup
from careen.model.runs.workload import HealthResult, TestResult, WorkloadResult
from careen.model.verdict import Verdict
from careen.report.documents.document import masked_json
from careen.report.documents.repair import flaky_records, round_record

FORMAT = "careen-verify"
VERSION = 1
MAX_DIFFERENCES = 10_000
MAX_LOOKUPS = 10_000


def verify_json(verdict: Verdict) -> bytes:
    """Return the document's bytes.

    The tests' environment and output are left out. The first 10,000 changes outside the plan are
    listed (`outside_total` counts all), and for each container the first 10,000 failed lookups. The
    comparison lists at most 2,000 deviations; `compared.passed_over` counts the others.
    """
    # The environment may hold secrets; the output is in the logs.
    return masked_json(
        {
            "format": FORMAT,
            "version": VERSION,
            "passed": verdict.passed,
            "failures": list(verdict.failures()),
            "warnings": list(verdict.warnings()),
            "structure": list(verdict.structure),
            "config": list(verdict.config),
            "outside": [_difference(item) for item in verdict.outside[:MAX_DIFFERENCES]],
            "outside_total": len(verdict.outside),
            "declared": {
                "databases": len(verdict.declared.rewritten),
                "times": len(verdict.declared.times),
                "byte_code_headers": len(verdict.declared.stamps),
            },
            "workloads": {
                "original": [_workload(result) for result in verdict.original],
                "hardened": [_workload(result) for result in verdict.hardened],
            },
            "looked_for_in_vain": {
                name: [_vain(lookup) for lookup in found[:MAX_LOOKUPS]]
                for name, found in sorted(verdict.vain.items())
            },
            "deviations": [_deviation(item) for item in verdict.deviations],
            "compared": _compared(verdict.compared),
            "flaky": flaky_records(verdict.flaky),
            "rounds": [{"number": item.number, **round_record(item)} for item in verdict.rounds],
        }
    )


def _workload(result: WorkloadResult) -> dict[str, Any]:
    return {
        "workload": result.workload,
        "passed": result.passed,
        "reason": result.reason,
        "checked": result.checked,
        "ready_seconds": _rounded(result.ready_seconds),
        "seconds": _rounded(result.seconds),
        "exit_code": result.exit_code,
        "health": _health(result.health),
        "tests": [_test(test) for test in result.tests],
    }


def _health(result: HealthResult | None) -> dict[str, Any] | None:
    return None if result is None else {"exit_status": result.status, "tries": result.tries}


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
    return {
        "path": item.path,
        "change": item.change.value,
        "what": list(item.what),
        "before": item.before,
        "after": item.after,
    }


def _vain(lookup: FailedLookup) -> dict[str, Any]:
    return {
        "path": lookup.path,
        "errno": lookup.errno,
        "use": lookup.use.value,
        "executable": lookup.executable,
        "phases": sorted(phase.value for phase in lookup.phases),
    }


def _deviation(item: Deviation) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "weight": item.weight.value,
        "where": item.where,
        "before": item.before,
        "after": item.after,
        "cause": list(item.cause),
    }


def _compared(compared: Compared) -> dict[str, Any]:
    return {
        "cases": compared.cases,
        "answers": compared.answers,
        "experiments": compared.experiments,
        "requests": compared.requests,
        "lines": compared.lines,
        "libraries": compared.libraries,
        "passed_over": list(compared.passed_over),
        "noise": list(compared.noise),
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
