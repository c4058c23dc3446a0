"""The port for sensors."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from careen.model.runs.attached import RunningContainer
from careen.model.runs.engine import Container
from careen.model.runs.news import News
from careen.model.runs.trace import Phase, SensorKind, Trace


class Watch(Protocol):
    """A running watch of one container, from before its start or from when it was attached.

    All methods but `close` raise ToolError if the sensor died.
    """

    def set_phase(self, phase: Phase) -> None:
        """Assign all that follows to `phase`, START or SERVING."""

    def health_check(self) -> AbstractContextManager[None]:
        """Mark what the engine executes in the container within the block as the HEALTHCHECK.

        That process and its children are in HEALTH, all others in their current phase. A sensor
        that cannot tell processes apart says so in the trace's notes.
        """

    def started(self) -> None:
        """Raise ToolError if the sensor has not seen the container's first exec.

        Called after `container.start()`.
        """

    def used(self) -> float:
        """Return how full the sensor's tables are, from 0 to 1.

        At 1 it loses and counts new entries. Cheap enough to call every few seconds.
        """

    def finish(self) -> Trace:
        """Stop watching and return the trace; called once."""

    def close(self) -> None:
        """Abort the watch, also after `finish`; nothing stays in the kernel; idempotent."""


class Follow(Protocol):
    """A running watch of a container whose findings are read as they come.

    Its memory does not grow with the time. All methods but `close` raise ToolError if the sensor
    died.
    """

    def news(self) -> Iterator[News]:
        """Yield what was seen since the last call, in parts; the caller takes them all.

        Cheap enough to call several times a second.
        """

    def finish(self) -> Iterator[News]:
        """Stop watching and yield the rest; called once."""

    def close(self) -> None:
        """Abort the watch, also after `finish`; idempotent."""


class Others(Protocol):
    """A running, thread-safe watch of containers that others start.

    It is evidence of what they looked for, but no proof of what they did not: a container that
    starts before its id is known is missed.
    """

    def add(self, container_id: str) -> None:
        """Watch another container that was created and not started.

        Containers that exceed the room are left out. Raises ToolError if the sensor died.
        """

    def set_phase(self, phase: Phase) -> None:
        """Assign all that follows in all of them to `phase`. Raises ToolError if it died."""

    def finish(self) -> Mapping[str, Trace]:
        """Stop watching and return a trace of each container that started, by its id.

        Raises ToolError if the sensor died.
        """

    def close(self) -> None:
        """Abort the watch, also after `finish`; idempotent."""


class Sensor(Protocol):
    """A way to watch containers."""

    @property
    def kind(self) -> SensorKind: ...

    @property
    def needs_mount(self) -> bool:
        """Whether the root must be mounted before the first exec, in a `held` container."""

    def watch(self, container: Container) -> Watch:
        """Start to watch a container that was created and not started.

        Raises ToolError.
        """

    def watch_others(self) -> Others | None:
        """Start to watch containers whose ids follow; return None if the sensor cannot do that.

        Raises ToolError.
        """

    def close(self) -> None:
        """End what the sensor keeps between watches; idempotent."""

    def attach(self, running: RunningContainer) -> Watch:
        """Start to watch all processes of a running container, which is not changed.

        Files that they have mapped or open count as START, everything from now on as SERVING. Files
        that were opened and closed before are unknown, and the trace's notes say so. Raises
        ToolError, also if the sensor does not support it.
        """

    def follow(self, running: RunningContainer) -> Follow:
        """Start to watch a running container, as `attach`, for a reader that does not wait."""


@dataclass(frozen=True, slots=True)
class Probe:
    """Whether a sensor can be used here.

    `missing` says what is missing, `remedy` how to get it, in the same order.
    """

    kind: SensorKind
    usable: bool
    missing: tuple[str, ...] = ()
    remedy: tuple[str, ...] = ()
