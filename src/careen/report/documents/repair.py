"""Repair records shared by `summary.json` and `verify.json`."""

from collections.abc import Iterable
from typing import Any

from careen.model.repair import Flaky, Round


def round_record(item: Round) -> dict[str, Any]:
    """Return one round; seconds are rounded to milliseconds."""
    return {
        "failure": item.failure,
        "restored": [
            {"path": path.path, "how": path.how, "why": path.why, "rule": path.rule}
            for path in item.restored
        ],
        "paths": item.paths,
        "bytes": item.bytes,
        "seconds": round(item.seconds, 3),
        "passed": item.passed,
    }


def flaky_records(items: Iterable[Flaky]) -> list[dict[str, Any]]:
    """Return the tests that do not always pass on the original."""
    return [
        {"workload": item.workload, "test": item.test, "passed": item.passed, "runs": item.runs}
        for item in items
    ]
