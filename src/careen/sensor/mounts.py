"""Which paths of a container lie on another file system than its image, by its mountinfo
(proc(5)).
"""

import re
from dataclasses import dataclass

# What every runtime mounts; for containers whose mountinfo could not be read.
ALWAYS = ("/proc", "/sys", "/dev")
_DEVICE = re.compile(r"([0-9]{1,9}):([0-9]{1,9})\Z")
_OCTAL = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Mount:
    """`dev` is the kernel's number (major << 20 | minor); `root` is the part of that file system
    that is mounted at `point`.
    """

    dev: int
    root: str
    point: str


def _unescape(text: str) -> str:
    return _OCTAL.sub(lambda match: chr(int(match.group(1), 8)), text)


def parse_mountinfo(text: str) -> tuple[Mount, ...]:
    """Read a mountinfo file; lines that are cut off are left out."""
    out: list[Mount] = []
    for line in text.split(
        "\n"
    ):  # nothing else ends a line: a path may hold a form feed, or U+2028
        fields = line.split(" ")
        # the six fields of proc(5)
        numbers = _DEVICE.match(fields[2]) if len(fields) >= 6 else None  # noqa: PLR2004
        if numbers is not None:
            out.append(
                Mount(
                    int(numbers[1]) << 20 | int(numbers[2]),
                    _unescape(fields[3]),
                    _unescape(fields[4]),
                )
            )
    return tuple(out)


def _below(path: str, directory: str) -> bool:
    return path == directory or path.startswith(directory.rstrip("/") + "/")


@dataclass(frozen=True, slots=True)
class Mounts:
    """All mounts that a container had over its starts."""

    mounts: tuple[Mount, ...] = ()

    def covers(self, path: str) -> bool:
        """Say whether an absolute path, taken literally, is at or below a mount point other than
        the root.
        """
        points = {mount.point for mount in self.mounts} or set(ALWAYS)
        at = path.rstrip("/")
        while at:
            if at in points:
                return True
            at = at.rpartition("/")[0]
        return False

    def place(self, dev: int, path: str) -> str:
        """Turn a path in the file system `dev` into the container's own, if that part of it is
        mounted; else return it as it is.
        """
        fitting = [
            mount
            for mount in self.mounts
            if mount.dev == dev and mount.point != "/" and _below(path, mount.root)
        ]
        if not fitting:
            return path
        best = max(fitting, key=lambda mount: len(mount.root))
        rest = path[len(best.root.rstrip("/")) :]
        return best.point.rstrip("/") + rest if rest != "/" else best.point
