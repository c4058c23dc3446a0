"""What is known of an image's behaviour: from its RBOM and its plan."""

from collections.abc import Mapping
from dataclasses import dataclass

from careen.model.paths import ImagePath
from careen.model.plan import Plan, Reason
from careen.model.rbom import RuntimeBom
from careen.model.runs.drift import DriftKind
from careen.model.runs.trace import Endpoint, SensorKind, Use

Address = tuple[str, str, str, int]
"""Direction, family, address and port of an endpoint."""


@dataclass(frozen=True, slots=True)
class Known:
    """Programs, code, addresses and system calls that are expected, and paths that are gone.

    `not_compared` gives the reason for each kind of deviation that this cannot show.
    """

    executables: frozenset[str]
    libraries: frozenset[str]
    endpoints: frozenset[Address]
    syscalls: frozenset[str]
    removed: Mapping[ImagePath, Reason]
    not_compared: Mapping[DriftKind, str]


def address_of(end: Endpoint) -> Address:
    """Return what tells one endpoint from another."""
    return end.direction, end.family, end.address, end.port


def known(bom: RuntimeBom, plan: Plan | None, machine: str) -> Known:
    """Return what any run of the RBOM did, and what the plan removes; `machine` is this one's."""
    executed, mapped = set[str](), set[str]()
    for file in bom.files:
        uses = {use.use for use in file.uses}
        if Use.EXECUTED in uses:
            executed.add(file.path)
        if Use.MAPPED in uses:
            mapped.add(file.path)
    return Known(
        frozenset(executed),
        frozenset(mapped | executed),
        frozenset(map(address_of, bom.endpoints)),
        frozenset(name for names in bom.syscalls.values() for name in names),
        {} if plan is None else plan.remove,
        _not_compared(bom, plan, machine),
    )


def _not_compared(bom: RuntimeBom, plan: Plan | None, machine: str) -> Mapping[DriftKind, str]:
    traced = any(run.sensor.kind is SensorKind.EBPF for run in bom.runs)
    out: dict[DriftKind, str] = {}
    if Use.MAPPED not in _seen(bom):
        out[DriftKind.LIBRARY] = "the RBOM's sensor did not see what was mapped"
    if not traced:
        out[DriftKind.ENDPOINT] = "the RBOM's sensor did not see addresses"
        out[DriftKind.SYSCALL] = "the RBOM's sensor did not see system calls"
    elif bom.emulated:
        out[DriftKind.SYSCALL] = "an emulator made the system calls of the RBOM"
    elif others := {run.sensor.architecture for run in bom.runs} - {machine}:
        out[DriftKind.SYSCALL] = f"the RBOM is of a machine with {min(others)}, not {machine}"
    if plan is None:
        out[DriftKind.REMOVED] = "no plan was given"
    return out


def _seen(bom: RuntimeBom) -> frozenset[Use]:
    """Return the uses that some run's sensor could see."""
    return frozenset(use for run in bom.runs for use in run.sensor.evidence)
