"""`verify.json` (docs/schema/verify-1.schema.json): the whole verdict on a hardened image, and the test logs beside it."""

import re
from collections.abc import Mapping
from typing import Any

from careen.model.difference import Difference
from careen.model.vain import VainLookup
from careen.model.verdict import Verdict
from careen.model.workload import TestResult, WorkloadResult
from careen.report.canonical import to_json

FORMAT = "careen-verify"
VERSION = 1
MAX_DIFFERENCES = 10_000
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


def verify_json(verdict: Verdict) -> bytes:
    """Return the document's bytes. The environment of the tests is left out (it may hold secrets); their output lies in the files of `log_files`.

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
            "original": [_workload(result, index, "original") for index, result in enumerate(verdict.original, 1)],
            "hardened": [_workload(result, index, "hardened") for index, result in enumerate(verdict.hardened, 1)],
        },
        "looked_for_in_vain": {name: [_vain(lookup) for lookup in found] for name, found in sorted(verdict.vain.items())},
    })  # fmt: skip


def log_files(verdict: Verdict) -> Mapping[str, bytes]:
    """Return the output of every test and container by file name (relative, no folder): what `log` in verify.json names."""
    out: dict[str, bytes] = {}
    for side, results in (("original", verdict.original), ("hardened", verdict.hardened)):
        for index, result in enumerate(results, 1):
            out[_container_log(result, index, side)] = _bytes(result.logs)
            for number, test in enumerate(result.tests, 1):
                out[_test_log(result, index, number, side)] = _bytes(test.output)
    return out


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _stem(result: WorkloadResult, index: int) -> str:
    """A file name for a workload: its number keeps two names that clean up alike apart."""
    return f"{index}-{_UNSAFE.sub('-', result.workload).strip('-')[:60] or 'workload'}"


def _container_log(result: WorkloadResult, index: int, side: str) -> str:
    return f"container-{_stem(result, index)}-{side}.log"


def _test_log(result: WorkloadResult, index: int, number: int, side: str) -> str:
    return f"test-{_stem(result, index)}-{number}-{side}.log"


def _workload(result: WorkloadResult, index: int, side: str) -> dict[str, Any]:
    return {
        "workload": result.workload,
        "passed": result.passed,
        "reason": result.reason,
        "checked": result.checked,
        "ready_seconds": _rounded(result.ready_seconds),
        "seconds": _rounded(result.seconds),
        "exit_code": result.exit_code,
        "log": _container_log(result, index, side),
        "tests": [_test(test, _test_log(result, index, number, side)) for number, test in enumerate(result.tests, 1)],
    }


def _test(test: TestResult, log: str) -> dict[str, Any]:
    return {
        "place": test.test.place.value,
        "command": test.test.command,
        "passed": test.passed,
        "reason": test.reason,
        "exit_status": test.exit_status,
        "seconds": _rounded(test.seconds),
        "cases": test.cases,
        "log": log,
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
