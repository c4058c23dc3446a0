"""The port behind which sensors stand."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from careen.model.attached import RunningContainer
from careen.model.engine import Container
from careen.model.trace import Phase, SensorKind, Trace


class Watch(Protocol):
    """One running observation of one container: from before its start, or from when it was
    attached. All methods but `close` raise ToolError when the sensor died.
    """

    def set_phase(self, phase: Phase) -> None:
        """Everything from now on belongs to `phase`, START or SERVING."""

    def health_check(self) -> AbstractContextManager[None]:
        """Within the block, what the engine executes in the container is the image's HEALTHCHECK:
        that process and its children are in HEALTH, all others in the phase that they are in. A
        sensor that cannot tell processes apart says so in the trace's notes.
        """

    def started(self) -> None:
        """Called once `container.start()` has returned: raises ToolError if the sensor has not seen
        the container's first exec.
        """

    def used(self) -> float:
        """Return how full the sensor's tables are, from 0 to 1: at 1 it loses what is new, and
        counts that. Cheap enough to ask every few seconds.
        """

    def finish(self) -> Trace:
        """Stop watching and return what was seen; ends the observation, so it is called once."""

    def close(self) -> None:
        """Abandon the observation; nothing stays in the kernel. Idempotent, also after `finish`."""


class Others(Protocol):
    """One running observation of containers that somebody else starts: evidence of what they looked
    for, and no proof of what they did not, since one that starts faster than it can be told of is
    missed. May be told from any thread.
    """

    def add(self, container_id: str) -> None:
        """Watch one more container, which was made and has not started; more than there is room for
        are left out. Raises ToolError when the sensor died.
        """

    def finish(self) -> tuple[Trace, ...]:
        """Stop watching and return a trace of each container that started. Raises ToolError when
        the sensor died.
        """

    def close(self) -> None:
        """Abandon the observation. Idempotent, also after `finish`."""


class Sensor(Protocol):
    """A way to watch containers."""

    @property
    def kind(self) -> SensorKind: ...

    @property
    def needs_mount(self) -> bool:
        """Whether it has to see the container's root mounted before the first exec, so that the
        container is to be created `held`.
        """

    def watch(self, container: Container) -> Watch:
        """Begin to watch a container that was created and not yet started. Raises ToolError."""

    def watch_others(self) -> Others | None:
        """Begin to watch containers whose ids are told meanwhile; None when this kind of sensor
        cannot. Raises ToolError.
        """

    def close(self) -> None:
        """End what the sensor keeps from one observation to the next. Idempotent."""

    def attach(self, running: RunningContainer) -> Watch:
        """Begin to watch a container that runs already, which is left as it is: all of its
        processes, and what they start from now on.

        What they have mapped and hold open counts as seen in START, everything from now on as
        SERVING. What was opened and closed before is not known, and the trace's notes say so.
        Raises ToolError; also when this kind of sensor cannot do it.
        """


@dataclass(frozen=True, slots=True)
class Probe:
    """Whether a sensor can be used here. `missing` says what is not there, `remedy` how to get it,
    in the same order.
    """

    kind: SensorKind
    usable: bool
    missing: tuple[str, ...] = ()
    remedy: tuple[str, ...] = ()
