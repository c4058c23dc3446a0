"""Record a container that already runs, and write the RBOM of what it used."""

import contextlib
import datetime as dt
import enum
import os
import select
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

from careen.engines.attached import ExitWatch, find_cgroup, find_container
from careen.errors import InputError
from careen.model.rbom import Run, RunKind, RuntimeBom
from careen.model.runs.attached import RunningContainer
from careen.model.runs.trace import Trace
from careen.pipeline.profiling.image_match import changes
from careen.pipeline.profiling.profile import refuse_sandbox
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined, examine, open_source
from careen.rbom.attribute import attribute
from careen.report.terminal_output.figures import duration
from careen.sensor.port import Watch

CHECKED = "observation"
ORIGIN = "attached:"
_SLICE = 5.0
FULL = 0.9
"""How full a sensor may be before a recording ends."""
_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class End(enum.Enum):
    """Reason why a recording ended."""

    TIME = "the time is over"
    CONTAINER = "the container ended"
    STOPPED = "it was told to stop"
    FULL = "the sensor's name table is full; the recording so far is complete"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A finished recording: its trace, its start (RFC 3339, UTC) and notes for the reader."""

    trace: Trace
    started: str
    notes: tuple[str, ...]


def attach(
    container: str | None, cgroup: Path | None, seconds: float, image: str | None, session: Session
) -> RuntimeBom:
    """Record a running container and return the RBOM of what it used.

    The recording ends after `seconds`, with the container, on SIGINT, SIGTERM or SIGHUP, or when
    the sensor is full. What was recorded is returned in each case; a signal before the image is
    read ends careen. Give one of `container` (name or id) and `cgroup`. A `cgroup` needs
    `image`. The container is not changed. The RBOM has one run of kind ATTACHED with origin
    `attached:NAME`. Raises InputError, ToolError (sensor, engine) or ImageError.
    """
    running = find_running(container, cgroup, session)
    require_image(running, image, "name it as IMAGE")
    with (
        contextlib.closing(ExitWatch(running)) as life,
        contextlib.closing(session.sensor.attach(running)) as watch,
        contextlib.ExitStack() as held,
    ):
        until, started = time.monotonic() + seconds, now()
        with session.stage("inspect"):
            examined = examine(
                held.enter_context(open_source(image or image_of(running, session), session)),
                session,
            )
            changed = changes(
                running, examined.rootfs, None if image is None else examined.image.reference
            )
        for note in changed:
            session.progress.note(note)
        with session.stage("record"):
            end = record(watch, life, until, session, running.name)
            trace = watch.finish()
            notes = (
                changed
                if end is End.TIME
                else (*changed, f"recording ended after {duration(trace.seconds)}: {end.value}")
            )
            session.say("attributing what was seen to files and packages")
            bom = bom_of(running, Recorded(trace, started, notes), examined)
        if end is not End.TIME:
            session.progress.note(notes[-1])
        return bom


def find_running(container: str | None, cgroup: Path | None, session: Session) -> RunningContainer:
    """Return the running container of one of both; an engine's store is in use from then on.

    Raises InputError or ToolError.
    """
    match (container, cgroup):
        case (str(), None):
            running, client = find_container(container, session.clients())
            refuse_sandbox(running.runtime)
            session.use_store(client)
            return running
        case (None, Path()):
            return find_cgroup(cgroup)
        case _:
            msg = "attaching: expected either a container or a control group"
            raise InputError(msg)


def require_image(running: RunningContainer, image: str | None, advice: str) -> None:
    """Raise InputError that ends with `advice` if no image is named, and nothing tells it."""
    if image is None and not running.image_id:
        msg = (
            f"{running.name!r}: nothing tells which image the container of a control group is of:"
            f" {advice}"
        )
        raise InputError(msg)


def image_of(running: RunningContainer, session: Session) -> str:
    """Return the name that the container was started by, or the image's id if the name moved."""
    with contextlib.suppress(InputError):
        if running.image and session.store.resolve(running.image)[0] == running.image_id:
            return running.image
    return running.image_id


def record(watch: Watch, life: ExitWatch, until: float, session: Session, name: str) -> End:
    """Wait for the end of a recording and return its reason.

    `until` is a time of the monotonic clock. Raises ToolError if the sensor dies.
    """
    with ends_of(life) as ended_within:
        while (left := until - time.monotonic()) > 0:
            session.say(
                f"recording {name}, {duration(left)} to go; Ctrl-C ends it and keeps what there is"
            )
            if (end := ended_within(min(left, _SLICE))) is not None:
                return end
            # A service that keeps making new names would fill the sensor and lose events.
            if watch.used() > FULL:
                return End.FULL
    return End.TIME


@contextlib.contextmanager
def ends_of(life: ExitWatch) -> Iterator[Callable[[float], End | None]]:
    """Yield a function that waits some seconds for the container's end or a stop signal.

    It returns which of them came, None if neither did.
    """
    with stop_signals() as stopped:
        poll = select.poll()
        poll.register(life.fileno(), select.POLLIN)
        poll.register(stopped, select.POLLIN)

        def within(seconds: float) -> End | None:
            ready = {fd for fd, _ in poll.poll(seconds * 1000)}
            if stopped in ready:
                return End.STOPPED
            return End.CONTAINER if life.fileno() in ready else None

        yield within


@contextlib.contextmanager
def stop_signals() -> Iterator[int]:
    """Yield a descriptor that becomes readable on a stop signal; restore the handlers afterwards.

    Only the main thread installs handlers, since only it receives signals.
    """
    reading, writing = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)

    def stop(_number: int, _frame: FrameType | None) -> None:
        with contextlib.suppress(BlockingIOError):  # full: the reader will wake
            os.write(writing, b"x")

    before = {}
    try:
        if threading.current_thread() is threading.main_thread():
            for number in _STOPS:
                if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
                    before[number] = signal.signal(number, stop)
        yield reading
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(reading)
        os.close(writing)


def now() -> str:
    """Return the time of day (RFC 3339, UTC)."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def bom_of(running: RunningContainer, recorded: Recorded, examined: Examined) -> RuntimeBom:
    """Return the RBOM of a recording, with one run of kind ATTACHED."""
    trace = recorded.trace
    sensor = replace(trace.sensor, notes=(*trace.sensor.notes, *recorded.notes))
    run = Run(
        workload=f"{ORIGIN}{running.name}",
        command=running.command,
        started=recorded.started,
        seconds=round(trace.seconds, 3),
        tests=(),
        checked=CHECKED,
        sensor=sensor,
        engine=running.engine,
        kind=RunKind.ATTACHED,
    )
    return attribute(trace, examined.rootfs, examined.inventory, examined.image.ref, run)
