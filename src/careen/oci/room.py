"""Reserve of free space on the file system of the work directory, which others use, too."""

import os
from pathlib import Path

from careen.errors import CareenError

LEFT, MOST_LEFT = 0.05, 10 << 30
"""A twentieth of the file system stays free, or 10 GiB of a large one."""
_SMALL = 64 << 20


class FreeSpaceGuard:
    """Checks every 64 MiB that the file system of `fd` has room; small images need no check."""

    def __init__(self, fd: int, directory: Path, what: str) -> None:
        self._fd = fd
        self._directory = directory
        self._what = what
        self._unseen = 0

    def take(self, size: int) -> None:
        """Count bytes about to be written; raise CareenError if too little space would be left."""
        self._unseen += size
        if self._unseen < _SMALL:
            return
        self._unseen = 0
        seen = os.fstatvfs(self._fd)
        if seen.f_bavail * seen.f_frsize < min(LEFT * seen.f_blocks * seen.f_frsize, MOST_LEFT):
            msg = (
                f"{self._what}: less than {LEFT:.0%} of the file system of the work directory"
                f" {str(self._directory)!r} is left; free some space or name another one with"
                " --work-dir"
            )
            raise CareenError(msg)
