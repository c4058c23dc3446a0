"""A container's mounts, from its mountinfo (proc(5))."""

import re
from dataclasses import dataclass

# Mount points of every runtime, for containers whose mountinfo could not be read.
ALWAYS = ("/proc", "/sys", "/dev")
_DEVICE = re.compile(r"([0-9]{1,9}):([0-9]{1,9})\Z")
_OCTAL = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Mount:
    """A mount: the part `root` of the file system `dev` at `point`.

    `dev` is the kernel's number (major << 20 | minor).
    """

    dev: int
    root: str
    point: str


def _unescape(text: str) -> str:
    return _OCTAL.sub(lambda match: chr(int(match.group(1), 8)), text)


def parse_mountinfo(text: str) -> tuple[Mount, ...]:
    """Return the mounts of a mountinfo file; lines that are cut off are left out."""
    out: list[Mount] = []
    # Not splitlines: a path may hold a form feed or U+2028.
    for line in text.split("\n"):
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
    """All mounts of a container over its starts."""

    mounts: tuple[Mount, ...] = ()

    def covers(self, path: str) -> bool:
        """Return whether an absolute path is at or below a mount point other than the root.

        Only the text of the path is compared.
        """
        points = {mount.point for mount in self.mounts} or set(ALWAYS)
        at = path.rstrip("/")
        while at:
            if at in points:
                return True
            at = at.rpartition("/")[0]
        return False

    def place(self, dev: int, path: str) -> str:
        """Return the container's path of a path in the file system `dev`.

        Returns the path unchanged if that part of the file system is not mounted.
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
