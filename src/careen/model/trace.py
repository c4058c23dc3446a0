"""What a sensor saw of one container, before it is attributed to the image's files."""

import enum
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from careen.model.completeness import Completeness, completeness
from careen.model.paths import ImagePath


class Use(enum.Enum):
    """How a file was used, strongest first."""

    EXECUTED = "executed"  # execve of it, or of a script that names it
    MAPPED = "mapped"  # mapped executable: a library, or the ELF interpreter
    OPENED = "opened"  # opened for reading
    WRITTEN = "written"  # opened for writing, or changed by name (unlink, rename, chmod …)
    LISTED = "listed"  # a directory whose entries were read
    LOOKED_UP = "looked up"  # stat, access, readlink, chdir …
    TRAVERSED = "traversed"  # a symlink walked through on the way to something else


class Phase(enum.Enum):
    """Start ends, and serving begins, when the readiness probe first passes; a batch job has only
    START. HEALTH is what the image's HEALTHCHECK and its children do, whenever it is run.
    """

    START = "start"
    SERVING = "serving"
    HEALTH = "health"


Marked = Callable[[], AbstractContextManager[None]]
"""A block in which all that the engine executes in the container is the image's HEALTHCHECK."""


class SensorKind(enum.Enum):
    """How the trace was made, best first."""

    EBPF = "ebpf"
    FANOTIFY = "fanotify"
    STRACE = "strace"


@dataclass(frozen=True, slots=True)
class Touch:
    """One distinct thing that a process of the container did to a path.

    `given` is the string as the system call had it, `base` the absolute directory that a relative
    one starts from (in the container's namespace; for an absolute one it is the process's root, "/"
    but for a chroot). `resolved` is the path that the kernel reached, if the sensor knows it.
    `on_image` is False for what is known to lie on another file system (volumes, /proc, tmpfs),
    True on the container's root, None if unknown: no end is known, or the file was deleted by then.
    `errno` is 0 on success, else the positive error number. `executable` is the path of the program
    that did it, "" if unknown. `first` is when it was first seen, in seconds of this machine's
    monotonic clock (`time.monotonic`), None if the sensor cannot tell; touches that differ in it
    alone are equal. A file that was reached by descriptor in several ways has the time of the first
    of them in each.
    """

    use: Use
    given: str
    base: str
    resolved: str | None
    on_image: bool | None
    errno: int
    phases: frozenset[Phase]
    executable: str
    first: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A socket address that a process used: direction is `connect`, `bind` or `send`; family is
    `inet`, `inet6` or `unix`.

    `executable` is the path of the program that did it, "" if unknown.
    """

    direction: str
    family: str
    address: str
    port: int
    phases: frozenset[Phase]
    executable: str = ""


@dataclass(frozen=True, slots=True)
class SensorInfo:
    """Which sensor ran, on what, and what its evidence can hold.

    `losses` counts what was lost, by counter name; all zero means that the trace is complete.
    `evidence` is the set of uses that this kind of sensor can see at all: the planner must not
    remove what only an unseen use would have shown. `notes` are sentences for people.
    """

    kind: SensorKind
    kernel: str
    architecture: str
    programs: tuple[str, ...]
    evidence: frozenset[Use]
    losses: Mapping[str, int]
    events: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def completeness(self) -> Completeness:
        """The verdict on this run alone."""
        return completeness((self.losses,))

    @property
    def complete(self) -> bool:
        return self.completeness.complete


@dataclass(frozen=True, slots=True)
class Trace:
    """All distinct touches, system calls by phase (names) and endpoints of one container run.

    `directories` are the image's directories that the kernel reached by any call, `mounts` the
    places where something else than the image is mounted (empty: unknown). `differing` are the
    paths at which the container's root was other than the image at its end, or None where the
    engine cannot say.
    """

    sensor: SensorInfo
    touches: tuple[Touch, ...]
    syscalls: Mapping[Phase, tuple[str, ...]]
    endpoints: tuple[Endpoint, ...]
    starts: int = 1
    seconds: float = 0.0
    roots: tuple[str, ...] = field(default=("/",))
    directories: frozenset[str] = frozenset()
    mounts: tuple[str, ...] = ()
    differing: frozenset[ImagePath] | None = frozenset()
