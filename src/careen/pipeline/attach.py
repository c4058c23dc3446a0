"""Attach: record a container that runs already, and write down what it used while it was
watched.
"""

import contextlib
import datetime as dt
import enum
import os
import select
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

from careen.engines.attached import Lifeline, find_cgroup, find_container
from careen.engines.docker.engine import DockerEngine
from careen.errors import InputError
from careen.model.attached import RunningContainer
from careen.model.rbom import Run, RunKind, RuntimeBom
from careen.model.trace import Trace
from careen.pipeline.profiling.image_match import changes
from careen.pipeline.profiling.profile import refuse_sandbox
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined, examine, open_source
from careen.rbom.attribute import attribute
from careen.report.figures import duration
from careen.sensor.port import Watch

CHECKED = "observation"
ORIGIN = "attached:"
_SLICE = 5.0
_FULL = 0.9
_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class End(enum.Enum):
    """Why a recording ended."""

    TIME = "the time is over"
    CONTAINER = "the container ended"
    STOPPED = "it was told to stop"
    FULL = "the sensor has no room for more names, and what it has is whole"


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was recorded: from when (RFC 3339 UTC), and what is to be said of it besides."""

    trace: Trace
    started: str
    notes: tuple[str, ...]


def attach(
    container: str | None, cgroup: Path | None, seconds: float, image: str | None, session: Session
) -> RuntimeBom:
    """Record a running container for `seconds`, or to its end, or until SIGINT, SIGTERM or SIGHUP,
    or until the sensor is full: whatever ends the recording, what there is is returned.

    One of `container` (a name or id in docker) and `cgroup` (a control group) says which. Docker
    knows the image; with `cgroup` the user has to name it, and what the user named is compared with
    the container's root. The image is read while the recording goes on already; a signal before it
    is read ends careen as anywhere else. Nothing of the container is changed. The RBOM has one run
    of kind ATTACHED, whose origin is `attached:NAME`. Raises InputError, ToolError (sensor, docker)
    or ImageError.
    """
    running = _find(container, cgroup)
    if image is None and not running.image_id:
        msg = (
            f"{running.name!r}: nothing tells which image the container of a control group is of:"
            " name it as IMAGE"
        )
        raise InputError(msg)
    with (
        contextlib.closing(Lifeline(running)) as life,
        contextlib.closing(session.sensor.attach(running)) as watch,
        contextlib.ExitStack() as held,
    ):
        until, started = time.monotonic() + seconds, _now()
        with session.stage("inspect"):
            examined = examine(
                held.enter_context(open_source(image or _image_of(running, session), session)),
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
            bom = _bom(running, Recorded(trace, started, notes), examined)
        if end is not End.TIME:
            session.progress.note(notes[-1])
        return bom


def _find(container: str | None, cgroup: Path | None) -> RunningContainer:
    match (container, cgroup):
        case (str(), None):
            running = find_container(container)
            refuse_sandbox(running.runtime)
            return running
        case (None, Path()):
            return find_cgroup(cgroup)
        case _:
            msg = "attaching: expected a container or a control group, and one of the two"
            raise InputError(msg)


def _image_of(running: RunningContainer, session: Session) -> str:
    """Return the name that docker started the container by, or the image's id if the name has moved
    since.
    """
    with contextlib.suppress(InputError):
        if (
            running.image
            and DockerEngine(session.space).resolve(running.image)[0] == running.image_id
        ):
            return running.image
    return running.image_id


def record(watch: Watch, life: Lifeline, until: float, session: Session, name: str) -> End:
    """Wait until `until` (of the monotonic clock), the container has ended, a signal came, or the
    sensor is full: a service that invents names all day would fill it, and a recording that lost
    events is worth nothing. Raises ToolError when the sensor dies meanwhile.
    """
    with _stop_signals() as stopped:
        poll = select.poll()
        poll.register(life.fileno(), select.POLLIN)
        poll.register(stopped, select.POLLIN)
        while (left := until - time.monotonic()) > 0:
            session.say(
                f"recording {name}, {duration(left)} to go; Ctrl-C ends it and keeps what there is"
            )
            ready = {fd for fd, _ in poll.poll(min(left, _SLICE) * 1000)}
            if stopped in ready:
                return End.STOPPED
            if life.fileno() in ready:
                return End.CONTAINER
            if watch.used() > _FULL:
                return End.FULL
    return End.TIME


@contextlib.contextmanager
def _stop_signals() -> Iterator[int]:
    """Give a descriptor that becomes readable when a signal asks to stop; the handlers are as
    before afterwards. Signals reach the main thread alone.
    """
    reading, writing = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)

    def stop(_number: int, _frame: FrameType | None) -> None:
        with contextlib.suppress(BlockingIOError):  # full: it has been told
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


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _bom(running: RunningContainer, recorded: Recorded, examined: Examined) -> RuntimeBom:
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
