"""The port behind which sensors stand."""

from dataclasses import dataclass
from typing import Protocol

from careen.model.engine import Container
from careen.model.trace import Phase, SensorKind, Trace


class Watch(Protocol):
    """One running observation of one container, from before its start. All methods but `close` raise ToolError when the sensor died."""

    def set_phase(self, phase: Phase) -> None:
        """Everything from now on belongs to `phase`."""

    def started(self) -> None:
        """Called once `container.start()` has returned: raises ToolError if the sensor has not seen the container's first exec."""

    def finish(self) -> Trace:
        """Stop watching and return what was seen; ends the observation, so it is called once."""

    def close(self) -> None:
        """Abandon the observation; nothing stays in the kernel. Idempotent, also after `finish`."""


class Sensor(Protocol):
    """A way to watch containers."""

    @property
    def kind(self) -> SensorKind: ...

    @property
    def needs_mount(self) -> bool:
        """Whether it has to see the container's root mounted before the first exec, so that the container is to be created `held`."""

    def watch(self, container: Container) -> Watch:
        """Begin to watch a container that was created and not yet started. Raises ToolError."""


@dataclass(frozen=True, slots=True)
class Probe:
    """Whether a sensor can be used here. `missing` says what is not there, `remedy` how to get it, in the same order."""

    kind: SensorKind
    usable: bool
    missing: tuple[str, ...] = ()
    remedy: tuple[str, ...] = ()
