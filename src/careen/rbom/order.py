"""Canonical order of an RBOM's contents: equal contents give equal values and bytes."""

from collections.abc import Iterable, Mapping
from functools import cache

from careen.model.rbom import FileUse, MissedPath
from careen.model.runs.trace import Endpoint, Phase, Use

_USES = {use: i for i, use in enumerate(Use)}
PHASES = tuple(Phase)


def use_rank(use: Use) -> int:
    """Return a use's rank, 0 for the strongest."""
    return _USES[use]


def phases_in_order(phases: Iterable[Phase]) -> tuple[Phase, ...]:
    """Return the phases in the order in which they happen."""
    return _in_order(frozenset(phases))


@cache
def _in_order(phases: frozenset[Phase]) -> tuple[Phase, ...]:
    # The uses of an image share a handful of sets.
    return tuple(phase for phase in PHASES if phase in phases)


def file_use_key(use: FileUse) -> tuple[int, str, str]:
    """Return a sort key: strongest use first, then program, then workload."""
    return use_rank(use.use), use.executable, use.origin


def missed_key(missed: MissedPath) -> tuple[str, int, str, str]:
    """Return a sort key: path, then error, program and workload."""
    return missed.path, missed.errno, missed.executable, missed.origin


def syscalls_in_order(
    sets: Iterable[Mapping[Phase, tuple[str, ...]]],
) -> Mapping[Phase, tuple[str, ...]]:
    """Join the system calls by phase, names sorted; phases without calls are left out."""
    out: dict[Phase, set[str]] = {}
    for one in sets:
        for phase, names in one.items():
            out.setdefault(phase, set()).update(names)
    return {phase: tuple(sorted(out[phase])) for phase in PHASES if out.get(phase)}


def endpoints_in_order(endpoints: Iterable[Endpoint]) -> tuple[Endpoint, ...]:
    """Join endpoints that differ only in their phases, and sort them."""
    out: dict[tuple[str, str, str, int, str], set[Phase]] = {}
    for endpoint in endpoints:
        key = (
            endpoint.direction,
            endpoint.family,
            endpoint.address,
            endpoint.port,
            endpoint.executable,
        )
        out.setdefault(key, set()).update(endpoint.phases)
    return tuple(
        Endpoint(*key[:4], frozenset(phases), key[4]) for key, phases in sorted(out.items())
    )
