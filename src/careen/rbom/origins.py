"""Checks of the names that uses carry for their run."""

from collections.abc import Iterable

from careen.model.rbom import Run, RunKind


def ambiguous_origins(runs: Iterable[Run]) -> tuple[str, ...]:
    """Return, sorted, the names that an exploration shares with a run of another kind."""
    # A use names its run by the workload alone, so exploration would pass for workload use.
    explored, others = set[str](), set[str]()
    for run in runs:
        (explored if run.kind is RunKind.EXPLORATION else others).add(run.workload)
    return tuple(sorted(explored & others))
