"""Actions on a container that is ready, which can be combined."""

import contextlib
import time
from collections.abc import Iterator

from careen.errors import ToolError
from careen.explore.experiment import Drive, ReadyContainer
from careen.model.runs.exploration import Answer
from careen.tools.exchange import BODY, readable

SIGNAL_SECONDS = 3.0
END_SECONDS = 10.0
GRACE = 10.0
STILL_RUNNING = "it goes on"


def in_turn(*drives: Drive) -> Drive:
    """Return a drive that runs the drives in order."""

    def drive(live: ReadyContainer) -> Iterator[Answer]:
        for each in drives:
            yield from each(live)

    return drive


def executed(name: str, argv: tuple[str, ...], timeout: float) -> Drive:
    """Return a drive that runs a command inside, such as the image's HEALTHCHECK."""

    def drive(live: ReadyContainer) -> Iterator[Answer]:
        begun = time.monotonic()
        late = False
        try:
            with live.checking():
                done = live.container.exec(argv, timeout * live.patience)
            late = done.status is None
            status, body, note = (
                done.status,
                _bounded(done.output),
                f"not finished in {timeout:g} s" if late else "",
            )
        except ToolError:
            status, body, note = None, "", "the container had ended"
        yield Answer(
            name, "exec", status, {}, body, note, "", begun, time.monotonic() - begun, late
        )

    return drive


def signalled(name: str, seconds: float = SIGNAL_SECONDS) -> Drive:
    """Return a drive that sends a signal and waits up to `seconds` for the end.

    If the original kept running, the wait is not longer on other images. What the kernel keeps from
    the container is sent and not waited for.
    """
    went_on: bool | None = None

    def drive(live: ReadyContainer) -> Iterator[Answer]:
        nonlocal went_on
        begun = time.monotonic()
        try:
            # Some engines return the last value read once the container has ended: read it now.
            live.container.memory_peak()
            unheard = live.container.ignores(name)
            live.container.signal(name)
            limit = seconds if went_on else seconds * live.patience
            status = None if unheard else live.container.wait(limit)
            note = STILL_RUNNING if status is None else ""
            went_on = status is None if went_on is None else went_on
        except ToolError:
            status, note = None, "the container had ended"
        yield Answer(
            f"signal {name}", "signal", status, {}, "", note, "", begun, time.monotonic() - begun
        )

    return drive


def killed(live: ReadyContainer) -> Iterator[Answer]:
    """Kill the container without an answer, where its orderly end is not new."""
    live.container.memory_peak()  # as above
    with contextlib.suppress(ToolError):  # it has already ended
        live.container.signal("KILL")
        live.container.wait(GRACE)
    yield from ()


def restarted(live: ReadyContainer) -> Iterator[Answer]:
    """Restart the container on the same root and wait until it is ready; status 0 if it is."""
    begun = time.monotonic()
    try:
        note = live.restart(GRACE)
    except ToolError:
        note = "it cannot be started again"
    yield Answer(
        "restart", "run", None if note else 0, {}, "", note, "", begun, time.monotonic() - begun
    )


def ended(name: str) -> Drive:
    """Return a drive that yields how a batch job ended."""

    def drive(live: ReadyContainer) -> Iterator[Answer]:
        begun = time.monotonic()
        state = live.container.state()
        note = (
            "killed because it ran out of memory"
            if state.oom_killed
            else "ended by us: its time was over"
            if state.running
            else ""
        )
        status = None if state.running else state.exit_code
        yield Answer(
            name,
            "run",
            status,
            {},
            _bounded(live.container.logs()),
            note,
            "",
            begun,
            0.0,
            state.running,
        )

    return drive


def run_again(limit: float) -> Drive:
    """Return a drive that starts a batch job a second time and waits for its end."""

    def drive(live: ReadyContainer) -> Iterator[Answer]:
        begun = time.monotonic()
        late = False
        try:
            live.container.restart(GRACE)
            status = live.container.wait(limit * live.patience)
            late = status is None
            note = "ended by us: its time was over" if late else ""
        except ToolError:
            status, note = None, "it cannot be started again"
        yield Answer(
            "second run",
            "run",
            status,
            {},
            _bounded(live.container.logs()),
            note,
            "",
            begun,
            time.monotonic() - begun,
            late,
        )

    return drive


def _bounded(output: str) -> str:
    """Return the last 64 KiB of the output."""
    return readable(output.encode("utf-8", "replace")[-BODY:].decode("utf-8", "ignore").encode())
