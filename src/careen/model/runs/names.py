"""Names of an RBOM's runs, for sentences."""

from collections.abc import Iterable

from careen.model.rbom import Run, RuntimeBom
from careen.model.runs.trace import SensorKind

_SHOWN = 5


def names_of_runs(runs: Iterable[Run]) -> str:
    """Return the names of the workloads of some runs, the first of many, or ""."""
    names = list(dict.fromkeys(run.workload for run in runs))
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def names_of_blind_runs(bom: RuntimeBom) -> str:
    """Return the names of the runs without eBPF, beside others with it, or ""."""
    blind = [run for run in bom.runs if run.sensor.kind is not SensorKind.EBPF]
    return names_of_runs(blind) if len(blind) < len(bom.runs) else ""
