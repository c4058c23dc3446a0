"""What a sensor has seen of a running container since it was last asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from careen.model.runs.trace import Endpoint, Touch


@dataclass(frozen=True, slots=True)
class Sighted:
    """The first sight of a path.

    `key` is the sensor's name for it, "" if its touches are not counted. `pid` is the process on
    this machine.
    """

    touch: Touch
    key: bytes
    pid: int


@dataclass(frozen=True, slots=True)
class Connected:
    """A socket address that a process used; `key` and `first` are as for a path."""

    endpoint: Endpoint
    key: bytes
    first: float  # seconds, `time.monotonic`


@dataclass(frozen=True, slots=True)
class News:
    """A part of what was seen since the last call.

    A path or an address may come again after the sensor has emptied its tables. `syscalls` are the
    names of all system calls so far. `losses` are the totals so far, as in SensorInfo. `tallies`
    are final counts by key, which add up. `emulated`: an emulator has run a program, so system
    calls are not known.
    """

    sighted: tuple[Sighted, ...] = ()
    connected: tuple[Connected, ...] = ()
    syscalls: frozenset[str] = frozenset()
    losses: Mapping[str, int] = field(default_factory=dict)
    tallies: Mapping[bytes, int] = field(default_factory=dict)
    emulated: bool = False
