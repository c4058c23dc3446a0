"""Stop limits: a container that ignores its stop signal is killed sooner the next time."""

import time
from dataclasses import replace

from careen.model.runs.engine import Container
from careen.model.runs.workload import Workload, WorkloadResult

SHORT_STOP_SECONDS = 2.0
_KILLED = 137  # 128 + SIGKILL, by the convention of container engines


def stop_or_kill(container: Container, limit: float) -> bool:
    """Stop a container; return whether it was killed after `limit` seconds."""
    was_running = container.state().running
    begun = time.monotonic()
    container.stop(limit)
    waited = time.monotonic() - begun >= limit  # a status of 137 may be the container's own
    state = container.state()
    return was_running and waited and not state.oom_killed and state.exit_code == _KILLED


def learned(workload: Workload, result: WorkloadResult) -> Workload:
    """Return the workload for later runs, with a short stop limit if it had to be waited for."""
    limits = workload.limits
    if not result.killed_after or limits.stop <= SHORT_STOP_SECONDS:
        return workload
    return replace(workload, limits=replace(limits, stop=SHORT_STOP_SECONDS))


def stop_note(name: str, signal: str, limit: float, *, unheard: bool) -> str:
    """Return a line that says that a workload had to be killed, and what to do about it.

    `unheard`: its first process dropped the signal.
    """
    if unheard:
        return (
            f"workload {name!r} has no handler for {signal} in its first process, and was killed"
            f" at once: handle {signal}, or start the program below an init"
        )
    return (
        f"workload {name!r} did not end on {signal} within {limit:g} s and was killed; later stops"
        f" of this run wait {min(limit, SHORT_STOP_SECONDS):g} s: handle {signal}, or give"
        " --stop-timeout"
    )
