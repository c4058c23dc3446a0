"""A sensor's record of one container, before it is attributed to image files."""

import enum
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from careen.model.paths import ImagePath
from careen.model.runs.completeness import Completeness, completeness


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
    """Phase of a run.

    START ends, and SERVING begins, when the readiness probe first passes; a batch job has only
    START. HEALTH is the image's HEALTHCHECK and its children at any time.
    """

    START = "start"
    SERVING = "serving"
    HEALTH = "health"


HealthcheckContext = Callable[[], AbstractContextManager[None]]
"""Context in which everything the engine executes in the container is the HEALTHCHECK."""


class SensorKind(enum.Enum):
    """Kind of sensor, best first."""

    EBPF = "ebpf"
    FANOTIFY = "fanotify"
    STRACE = "strace"


@dataclass(frozen=True, slots=True)
class Touch:
    """One distinct action of a container's process on a path.

    `given` is the string of the system call. `base` is the absolute directory that it starts from,
    in the container's namespace: the process's root for an absolute path ("/" without chroot).
    `errno` is 0 on success, else positive. Touches that differ only in `first` are equal. A file
    reached by descriptor in several ways has the first time in each.
    """

    use: Use
    given: str
    base: str
    resolved: str | None  # path the kernel reached, if known
    on_image: bool | None  # False: volumes, /proc, tmpfs; None: unknown, or deleted meanwhile
    errno: int
    phases: frozenset[Phase]
    executable: str  # path of the program, "" if unknown
    first: float | None = field(default=None, compare=False)  # seconds, `time.monotonic`


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A socket address that a process used.

    `direction` is `connect`, `bind` or `send`; `family` is `inet`, `inet6` or `unix`. `executable`
    is the program's path, "" if unknown.
    """

    direction: str
    family: str
    address: str
    port: int
    phases: frozenset[Phase]
    executable: str = ""


@dataclass(frozen=True, slots=True)
class SensorInfo:
    """The sensor that ran, and what it can record.

    `losses` counts lost events by counter name; all zero means that the trace is complete.
    `evidence` is the set of uses that this kind of sensor can see. `notes` are sentences for the
    user. `emulated`: an emulator ran programs, so system calls are unknown, and MAPPED means opened
    code of another machine than the kernel's, too.
    """

    kind: SensorKind
    kernel: str
    architecture: str
    programs: tuple[str, ...]
    # The planner must not remove what only a use outside `evidence` would have shown.
    evidence: frozenset[Use]
    losses: Mapping[str, int]
    events: int | None = None
    notes: tuple[str, ...] = ()
    emulated: bool = False

    @property
    def completeness(self) -> Completeness:
        """Whether this run alone is complete."""
        return completeness((self.losses,))

    @property
    def complete(self) -> bool:
        return self.completeness.complete


@dataclass(frozen=True, slots=True)
class Trace:
    """Distinct touches, system call names by phase, and endpoints of one container run.

    `directories` are image directories that the kernel reached by any call. `mounts` are the mount
    points of other file systems (empty: unknown). `differing` are the paths where the container's
    root differed from the image at its end, None if the engine cannot tell.
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
