"""The fallback sensor without BPF: a fanotify mark on the mounted root file system.

It sees only opens and execs, and the trace says so.
"""

import platform
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from careen.errors import ToolError
from careen.model.runs.attached import RunningContainer
from careen.model.runs.engine import Container
from careen.model.runs.trace import Phase, SensorInfo, SensorKind, Touch, Trace, Use
from careen.sensor.decode import merge
from careen.sensor.emulated import as_emulated, emulators
from careen.sensor.follow import FollowWatch
from careen.sensor.helper import Helper
from careen.sensor.recording import PHASE_ORDER
from careen.sensor.wire import FrameType, frames, seconds_of
from careen.tools.binfmt import handlers

EVIDENCE = frozenset({Use.EXECUTED, Use.OPENED, Use.LISTED})
FLAG_EXEC, FLAG_DIRECTORY = 1, 2
HEAD = struct.Struct("=IIQ")
DELETED = " (deleted)"

NOTES = (
    (
        "fanotify sees opens and execs only: no stat, access or readlink, no links, no names that"
        " are not there, no system calls, no endpoints"
    ),
    "a library that was mapped shows as opened, a file that was written shows as opened",
)
NOT_APART = (
    "fanotify cannot tell whose child a process is: what the image's HEALTHCHECK does is in the"
    " phase in which it was run, not in one of its own"
)
LATE = (
    "the mark could only be set after the container had started, since its engine mounts at start"
    " and this machine gives no freezer control group to hold it: what it opened before is not"
    " known"
)


def _touches(payload: bytes) -> Iterator[Touch]:
    """Yield the touches of an open or exec event."""
    # The kernel marks the name of a file that is deleted when it is reported. It may be one of the
    # image, and a real name may end the same way: yield both names.
    flags, phase, when = HEAD.unpack_from(payload)
    first = seconds_of(when)
    executable, path, _ = (
        part.decode("utf-8", "surrogateescape") for part in payload[HEAD.size :].split(b"\0")
    )
    use = (
        Use.EXECUTED if flags & FLAG_EXEC else Use.LISTED if flags & FLAG_DIRECTORY else Use.OPENED
    )
    phases = frozenset({PHASE_ORDER[phase]})
    gone = path.endswith(DELETED)
    for each in (path, path.removesuffix(DELETED)) if gone else (path,):
        yield Touch(use, each, "/", each, None if gone else True, 0, phases, executable, first)


def read_touches(stream: BinaryIO, losses: dict[str, int]) -> Iterator[Touch]:
    """Yield the touches of each event and count queue overflows in `losses`.

    Raises ToolError if the stream is cut off.
    """
    for kind, payload in frames(stream):
        match kind:
            case FrameType.OPENED:
                yield from _touches(payload)
            case FrameType.COUNTERS:
                losses["queue_overflow"] = int.from_bytes(payload, "little")
            case _:
                pass


class FanotifyWatch:
    """A watch of one container with one mark.

    If the engine mounts the root only at start, the mark comes late, which counts as a loss.
    """

    def __init__(self, container: Container) -> None:
        self._container = container
        self._began = time.monotonic()
        self._late = False
        self._phase = 0
        self._checked = False
        self._helper = self._mark(container.mount())

    @property
    def helper_pid(self) -> int:
        return self._marked().pid

    def _mark(self, root: Path | None) -> Helper | None:
        return (
            None
            if root is None
            else Helper(("fanotify", "{output}", self._container.id, str(root)))
        )

    def _marked(self) -> Helper:
        if self._helper is None:
            self._helper = self._mark(self._container.rootfs())
            self._late = True
        if self._helper is None:
            msg = (
                "sensor: fanotify needs the container's root mounted on this machine, and its"
                " engine does not say where it is; use --engine embedded"
            )
            raise ToolError(msg)
        return self._helper

    def set_phase(self, phase: Phase) -> None:
        self._phase = PHASE_ORDER.index(phase)
        self._marked().command(f"phase {self._phase}")

    @contextmanager
    def health_check(self) -> Iterator[None]:
        """Mark nothing: an event does not say whose child its process is."""
        self._checked = True
        yield

    def started(self) -> None:
        self._marked()

    def used(self) -> float:
        """Return 0: its table only avoids repetitions, and its queue grows."""
        self._marked().command(f"phase {self._phase}")
        return 0.0

    def finish(self) -> Trace:
        """Return the trace and end the helper."""
        seconds = time.monotonic() - self._began
        losses = {"queue_overflow": 0, "opens_before_mark": int(self._late)}
        try:
            helper = self._marked()
            helper.command("finish")
            with helper.trace() as stream:
                touches = merge(read_touches(stream, losses))
        finally:
            self.close()
        info = SensorInfo(
            kind=SensorKind.FANOTIFY,
            kernel=platform.release(),
            architecture=platform.machine(),
            programs=("fanotify",),
            evidence=EVIDENCE,
            losses=losses,
            notes=(
                *NOTES,
                *((LATE,) if self._late else ()),
                *((NOT_APART,) if self._checked else ()),
            ),
        )
        listed = frozenset(touch.given for touch in touches if touch.use is Use.LISTED)
        trace = Trace(
            info, touches, dict.fromkeys(PHASE_ORDER, ()), (), seconds=seconds, directories=listed
        )
        return as_emulated(trace, emulators(handlers()))

    def close(self) -> None:
        if self._helper is not None:
            self._helper.close()


def _cannot_attach(running: RunningContainer) -> ToolError:
    return ToolError(
        f"attaching to {running.name!r}: fanotify cannot see what a running container has loaded"
        " already; --attach, --cgroup and `careen guard` need the ebpf sensor"
    )


class FanotifySensor:
    """Sensor that uses a fanotify mark on the file system."""

    kind = SensorKind.FANOTIFY
    needs_mount = True

    def watch(self, container: Container) -> FanotifyWatch:
        return FanotifyWatch(container)

    def watch_others(self) -> None:
        """Return None: a mark needs the container's mount before its first exec."""

    def close(self) -> None:
        """Do nothing."""

    def attach(self, running: RunningContainer) -> FanotifyWatch:
        """Raise ToolError: a mark does not show what a running container has already loaded."""
        raise _cannot_attach(running)

    def follow(self, running: RunningContainer) -> FollowWatch:
        """Raise ToolError as `attach` does."""
        raise _cannot_attach(running)
