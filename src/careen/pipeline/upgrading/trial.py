"""Run the user's tests on an image without a sensor."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from careen.model.runs.workload import Workload, WorkloadResult
from careen.pipeline.profiling.observe import Subject
from careen.pipeline.proof.unwatched import run_unwatched
from careen.pipeline.run.session import Session


@dataclass(frozen=True, slots=True)
class Tests:
    """The user's workloads with all their tests; `log_directory` None keeps no logs."""

    __test__ = False  # not a pytest class

    workloads: tuple[Workload, ...]
    log_directory: Path | None = None

    def logs(self, name: str) -> Path | None:
        """Return the directory for the logs of the image of that name."""
        return self.log_directory / name if self.log_directory is not None else None


def run_tests(
    subject: Subject, tests: Sequence[Workload], session: Session
) -> tuple[WorkloadResult, ...]:
    """Run each workload on the image up to the first failure.

    Raises ToolError if the engine fails.
    """
    out: list[WorkloadResult] = []
    for workload in tests:
        out.append(run_unwatched(subject, workload, session))
        if not out[-1].passed:
            break
    return tuple(out)


def failure(results: Sequence[WorkloadResult]) -> str:
    """Return why the tests failed, in one line; "" if they passed."""
    return next(
        (
            f"workload {result.workload!r}: {result.reason}"
            for result in results
            if not result.passed
        ),
        "",
    )
