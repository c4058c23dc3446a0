"""The runs of an RBOM whose sensor could not see what a policy needs."""

from careen.model.rbom import Run, RunKind, RuntimeBom
from careen.model.runs.names import names_of_runs
from careen.model.runs.trace import SensorKind, Use


def workload_runs(bom: RuntimeBom) -> tuple[Run, ...]:
    """Return the runs that system calls and endpoints are of: all but exploration."""
    return tuple(run for run in bom.runs if run.kind is not RunKind.EXPLORATION)


def without_system_calls(bom: RuntimeBom) -> str:
    """Return the names of the workloads whose system calls and endpoints were not seen, or ""."""
    return names_of_runs(
        run for run in workload_runs(bom) if run.sensor.kind is not SensorKind.EBPF
    )


def without_writes(bom: RuntimeBom) -> str:
    """Return the names of the workloads of which it was not seen what they write, or ""."""
    return names_of_runs(
        run for run in workload_runs(bom) if Use.WRITTEN not in run.sensor.evidence
    )
