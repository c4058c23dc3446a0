"""Bounded waits for a container: until it is ready, until it ends, or while it is observed."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from careen.errors import ToolError
from careen.model.runs.engine import Container, ContainerState, Listening
from careen.workload.plain import last_lines
from careen.workload.probe import Probe

FIRST_PAUSE = 0.05
LONGEST_PAUSE = 0.5
LONG_PAUSE = 0.1
SHARE, PRECISION = 20, 0.02
"""Longest pause: as a multiple of the look before it and of the time so far, or else LONG_PAUSE."""
SAY_AFTER = 15.0
_SIGNALS = 128
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Answered:
    """The container answered after `seconds`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class NotReady:
    """The container ended or the limit passed; `reason` is one line."""

    reason: str


def describe_end(container: Container, state: ContainerState) -> str:
    """Return how a container ended: `exit status 139 by SIGSEGV, last output: …`.

    Does not raise if the output cannot be read.
    """
    parts = [_exit(state.exit_code)]
    if state.oom_killed:
        parts.append("killed because it ran out of memory")
    if state.error:
        parts.append(last_lines(state.error, 1))
    try:
        said = last_lines(container.logs())
    except ToolError:
        said = ""
    parts.append(f"last output: {said}" if said else "it printed nothing")
    return ", ".join(parts)


def _exit(status: int | None) -> str:
    """Return the exit status in words; above 128 it is a signal, by the shell's convention."""
    if status is None:
        return "exit status unknown"
    try:
        return f"exit status {status}" + (
            f" by {signal.Signals(status - 128).name}" if status > _SIGNALS else ""
        )
    except ValueError:
        return f"exit status {status}"


def wait_ready(
    container: Container,
    probe: Probe,
    limit: float,
    progress: Callable[[str], None],
    asked: tuple[int, ...] = (),
) -> Answered | NotReady:
    """Call `probe` until it returns None, the container ends, or `limit` seconds pass.

    `asked` are the container's ports that the probe connects to, if it does.
    """
    begun = time.monotonic()
    pause = FIRST_PAUSE
    told = begun
    while True:
        looked = time.monotonic()
        missing = probe(max(begun + limit - looked, 0.1))
        now = time.monotonic()
        if missing is None:
            return Answered(now - begun)
        state = container.state()
        if not state.running:
            return NotReady(
                f"the container ended before it was ready ({describe_end(container, state)})"
            )
        if now - begun >= limit:
            said = last_lines(container.logs())
            hint = elsewhere(container, asked)
            return NotReady(
                f"not ready after {limit:g} s: {last_lines(missing, 1)}{hint}"
                + (f"; last output: {said}" if said else "")
            )
        if now - told >= SAY_AFTER:
            told = now
            hint = elsewhere(container, asked)
            progress(f"still waiting after {now - begun:.0f} s: {last_lines(missing, 1)}{hint}")
        time.sleep(min(pause, max(begun + limit - now, 0.0)))
        # A connection costs next to nothing, a command in the container costs much.
        most = max(SHARE * (now - looked), PRECISION * (now - begun), LONG_PAUSE)
        pause = min(pause * 1.5, most, LONGEST_PAUSE)


def elsewhere(container: Container, asked: tuple[int, ...]) -> str:
    """Return "; it listens on port 8000, not on 8080", or "" if a port of `asked` is open.

    Also "" if `asked` is empty, or if the container's ports are unknown.
    """
    ports = container.listening() if asked else None
    if ports is None or any(each.port in asked and not each.is_local for each in ports):
        return ""
    wanted = ", ".join(map(str, asked[:_SHOWN]))
    if not ports:
        return f"; the container listens on no port, {wanted} is waited for"
    if local := [str(each.port) for each in ports if each.port in asked]:
        on = ", ".join(local[:_SHOWN])
        return f"; the container listens on port {on} of its own loopback only, not on 0.0.0.0"
    return f"; the container listens on port {_named(ports)}, not on {wanted}"


def _named(ports: tuple[Listening, ...]) -> str:
    shown = [f"{each.port}{' (loopback)' if each.is_local else ''}" for each in ports[:_SHOWN]]
    return ", ".join(shown) + (f" and {len(ports) - _SHOWN} more" if len(ports) > _SHOWN else "")


def observe(container: Container, seconds: float) -> str:
    """Watch a service for `seconds`; return "" if it stays up, else one line on how it ended."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        time.sleep(min(LONGEST_PAUSE, left))
        state = container.state()
        if not state.running:
            return f"the container ended while it was observed ({describe_end(container, state)})"
    return ""
