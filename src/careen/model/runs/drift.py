"""Drift: what a running container does that its RBOM does not have, or misses of what is gone."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from careen.model.paths import ImagePath
from careen.model.plan import Reason
from careen.model.rbom import ImageRef


class DriftKind(enum.Enum):
    """What is not as the RBOM and the plan have it."""

    EXECUTABLE = "executable"  # a file was executed that the RBOM does not have as executed
    LIBRARY = "library"  # a file was mapped as code that the RBOM does not have as code
    CHANGED = "changed"  # a program or code of the RBOM has not the content of the image's file
    ENDPOINT = "endpoint"  # an address was used that the RBOM does not have
    SYSCALL = "syscall"  # a system call returned that the RBOM does not have
    REMOVED = "removed"  # a path was looked for that the plan has removed


@dataclass(frozen=True, slots=True)
class Deviation:
    """One thing that was not as the RBOM and the plan have it, at its first sight.

    `subject` is a path, `DIRECTION FAMILY ADDRESS[:PORT]` or the name of a system call. `program`
    is the path of the program that did it, "" if unknown, and `pid` its process on this machine,
    None if unknown. `at` is in seconds since 1970. `in_image`: the RBOM's image has a file at that
    path, None if the subject is no path. `use` is what was done, as in the RBOM, `errno` its
    result. `removed_by` is the plan's entry. `fix` says what to do.
    """

    kind: DriftKind
    subject: str
    program: str
    pid: int | None
    at: float
    fix: str
    in_image: bool | None = None
    use: str = ""
    errno: int = 0
    removed_by: Reason | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """How often a deviation was seen, None if the sensor does not count it."""

    deviation: Deviation
    count: int | None


@dataclass(frozen=True, slots=True)
class Drift:
    """All deviations of a watch.

    `unlisted` counts, by kind, the sights of further subjects for which there was no room.
    `losses` are as in SensorInfo. `not_compared` gives the reason for each kind that was not.
    """

    counted: tuple[Counted, ...]
    unlisted: Mapping[DriftKind, int]
    losses: Mapping[str, int]
    not_compared: Mapping[DriftKind, str]

    @property
    def lost(self) -> int:
        """How many events were lost."""
        return sum(self.losses.values())

    @property
    def seen(self) -> bool:
        """Whether anything deviated."""
        return bool(self.counted or any(self.unlisted.values()))


@dataclass(frozen=True, slots=True)
class Guarded:
    """What is watched: a container, its image, and the image of the RBOM.

    `started` is in seconds since 1970; `notes` are sentences for the user.
    """

    container: str
    image: ImageRef
    profiled: ImageRef
    started: float
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Missed:
    """A path of an image that a running container used or looked for.

    `why` is a sentence fragment. `profiled` is the config digest of the image of the RBOM.
    """

    path: ImagePath
    why: str
    profiled: str
