"""Whose a use is: it names its run by the workload alone."""

from collections.abc import Iterable

from careen.model.rbom import Run, RunKind


def ambiguous_origins(runs: Iterable[Run]) -> tuple[str, ...]:
    """Return the names, sorted, that stand for an exploration and for a run of another kind: what
    careen tried would pass for what a workload did.
    """
    explored, others = set[str](), set[str]()
    for run in runs:
        (explored if run.kind is RunKind.EXPLORATION else others).add(run.workload)
    return tuple(sorted(explored & others))
