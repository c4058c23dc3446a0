"""What is done with a container that is ready, in pieces that are put together."""

import contextlib
import time
from collections.abc import Iterator

from careen.errors import ToolError
from careen.explore.experiment import Drive, Live
from careen.model.exploration import Answer
from careen.tools.exchange import BODY, readable

SIGNAL_SECONDS = 3.0
END_SECONDS = 10.0
GRACE = 10.0
GOES_ON = "it goes on"


def in_turn(*drives: Drive) -> Drive:
    """One after the other."""

    def drive(live: Live) -> Iterator[Answer]:
        for each in drives:
            yield from each(live)

    return drive


def executed(name: str, argv: tuple[str, ...], timeout: float) -> Drive:
    """Run a command inside: the image's HEALTHCHECK."""

    def drive(live: Live) -> Iterator[Answer]:
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
    """Send a signal to the first process, and see whether and how it ends within `seconds`; where
    it went on the first time, that is as long as it is waited for on other images, too.
    """
    went_on: bool | None = None

    def drive(live: Live) -> Iterator[Answer]:
        nonlocal went_on
        begun = time.monotonic()
        try:
            # some engines cannot tell once it has ended, and then know what they were last asked
            live.container.memory_peak()
            live.container.signal(name)
            status = live.container.wait(seconds if went_on else seconds * live.patience)
            note = GOES_ON if status is None else ""
            went_on = status is None if went_on is None else went_on
        except ToolError:
            status, note = None, "the container had ended"
        yield Answer(
            f"signal {name}", "signal", status, {}, "", note, "", begun, time.monotonic() - begun
        )

    return drive


def killed(live: Live) -> Iterator[Answer]:
    """End it at once, where its end in order is nothing new; that is no try, and has no answer."""
    live.container.memory_peak()  # as above
    with contextlib.suppress(ToolError):  # it has ended already
        live.container.signal("KILL")
        live.container.wait(GRACE)
    yield from ()


def restarted(live: Live) -> Iterator[Answer]:
    """Stop it if it still runs, start it again on the same root, and wait until it is ready: status
    0 when it is.
    """
    begun = time.monotonic()
    try:
        note = live.restart(GRACE)
    except ToolError:
        note = "it cannot be started again"
    yield Answer(
        "restart", "run", None if note else 0, {}, "", note, "", begun, time.monotonic() - begun
    )


def ended(name: str) -> Drive:
    """Tell how a batch job ended; it is not asked anything."""

    def drive(live: Live) -> Iterator[Answer]:
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
    """Start a batch job a second time, and wait for its end."""

    def drive(live: Live) -> Iterator[Answer]:
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
    """Return the last of what was printed, at most 64 KiB."""
    return readable(output.encode("utf-8", "replace")[-BODY:].decode("utf-8", "ignore").encode())
