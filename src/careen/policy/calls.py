"""Which system calls a workload may make, each with its reason."""

from collections.abc import Iterator, Mapping

from careen.model.policies.policy import AllowedCall, Calls, CallSource
from careen.model.rbom import RuntimeBom
from careen.model.runs.trace import Phase
from careen.policy.subject import Defaults
from careen.policy.tables import floor, variants

# Docker's default answers it with ENOSYS, so that C libraries take `clone`, whose flags a filter
# can read.
HIDDEN = "clone3"
_EMULATED = (
    "an emulator made the system calls of the profiled runs, so those of the workload are unknown:"
    " profile the image on a machine of its own architecture"
)
_NONE_SEEN = "the sensor of the profiled runs records no system calls: profile with the eBPF sensor"


def allowed_calls(
    bom: RuntimeBom, architecture: str, defaults: Defaults, capabilities: frozenset[str]
) -> Calls:
    """Return the observed calls, their variants, and the floor.

    Nothing beyond docker's default profile (for `capabilities`) is allowed. If the RBOM knows no
    calls, the result says why.
    """
    observed = _observed(bom)
    if not observed:
        return Calls(architecture, unknown=_EMULATED if bom.emulated else _NONE_SEEN)
    permitted = defaults.allowed(capabilities) - {HIDDEN}
    found: dict[str, AllowedCall] = {}
    for call in _candidates(observed):
        if call.name in permitted:
            found.setdefault(call.name, call)
    return Calls(
        architecture,
        tuple(found[name] for name in sorted(found)),
        len(defaults.allowed(defaults.capabilities)),
        tuple(sorted(observed.keys() - permitted - {HIDDEN})),
    )


def _observed(bom: RuntimeBom) -> Mapping[str, str]:
    """Return the names of the observed calls with the phases of each."""
    phases: dict[str, list[str]] = {}
    for phase in Phase:
        for name in bom.syscalls.get(phase, ()):
            phases.setdefault(name, []).append(phase.value)
    return {name: ", ".join(found) for name, found in phases.items()}


def _candidates(observed: Mapping[str, str]) -> Iterator[AllowedCall]:
    for name, phases in observed.items():
        yield AllowedCall(name, CallSource.OBSERVED, phases)
    for name, reason in floor().items():
        yield AllowedCall(name, CallSource.FLOOR, reason)
    for same in variants():
        for name in sorted(same & observed.keys())[:1]:
            for other in sorted(same - observed.keys()):
                yield AllowedCall(other, CallSource.VARIANT, f"does what {name} does")
