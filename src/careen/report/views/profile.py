"""Terminal view of `careen profile`."""

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from careen.model.rbom import RuntimeBom
from careen.model.runs.workload import WorkloadResult
from careen.report.completeness_words import evidence_words
from careen.report.terminal_output.figures import counted, duration, number
from careen.report.terminal_output.screen import shown


def profile_lines(
    bom: RuntimeBom, results: Sequence[WorkloadResult], target: Path
) -> Iterator[str]:
    """Yield the lines about an RBOM that is written to `target`.

    `results` are those of the workloads run for it, empty after a merge.
    """
    seen = bom.completeness
    loss = (
        evidence_words(seen)
        if seen.complete
        else f"{evidence_words(seen)}: this RBOM cannot be used to strip"
    )
    kinds = ", ".join(sorted({run.sensor.kind.value for run in bom.runs}))
    runs = counted(len(bom.runs), "run")
    yield (
        f"{counted(len(bom.files), 'path')} used, {number(len(bom.missed))} looked up but missing,"
        f" in {runs}; {kinds} sensor, {loss}"
    )
    for result in results:
        yield shown(f"workload {result.workload}: {_test_outcome(result)}")
    yield shown(f"written: {target}")
    image, file = shlex.quote(bom.image.reference), shlex.quote(str(target))
    yield shown(f"next: careen scan {image} --rbom {file} shows which findings can run")
    if seen.complete:
        yield shown(
            f"      careen plan {image} --rbom {file} shows what is not needed; careen harden"
            f" {image} --test CMD runs all steps"
        )


def _test_outcome(result: WorkloadResult) -> str:
    """Return how the tests of a workload went."""
    # Only workloads that passed get into an RBOM.
    if not result.tests:
        return f"{result.checked}: no test was run, in {duration(result.seconds)}"
    counts = [test.cases for test in result.tests if test.cases is not None]
    cases = f" ({counted(sum(counts), 'case')})" if counts else ""
    return (
        f"{counted(len(result.tests), 'test')} passed{cases} in"
        f" {duration(sum(test.seconds for test in result.tests))}"
    )
