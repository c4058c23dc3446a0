"""Watch on the disk space that a container of the embedded engine uses.

It covers the root, the volumes and the sandbox's directory.
"""

import os
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from careen.errors import ToolError
from careen.tools.process import Program, run

MOST_WRITTEN = 32 * 1024**3
"""Maximum of bytes that one container may have on disk."""

RESERVE = 10 * 1024**3
"""Bytes of the file system that no container may take; less on a small one (`Bounds.of`)."""

EVERY = 0.5
_RESERVE_PART = 20
_FREE_PART = 4
_MEASURE_SECONDS = 60.0
_PAUSE = 10.0
_DU = Program(("du",), "coreutils")


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits in bytes: what the container may write and what must stay free.

    `used` is the file system's use before the container.
    """

    written: int
    free: int
    used: int

    @classmethod
    def of(cls, place: Path) -> "Bounds":
        """Return the limits for a container that starts now with its files at `place`."""
        disk = shutil.disk_usage(place)
        reserve = min(RESERVE, disk.total // _RESERVE_PART, disk.free // _FREE_PART)
        return cls(MOST_WRITTEN, reserve, disk.used)


class DiskWatch:
    """Check the file system twice a second, and the container's files when it fills."""

    def __init__(self, places: Sequence[Path], bounds: Bounds, end: Callable[[str], None]) -> None:
        """`end` is called once, from a thread, with the reason in one line."""
        self._places = tuple(places)
        self._bounds = bounds
        self._end = end
        self._next = bounds.written  # measure the files at this growth of the file system
        self._again = 0.0  # not before this time on a full disk, which others may have filled
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="disk-watch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop, and wait until a running measurement ends."""
        self._over.set()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(EVERY):
            try:
                reason = self._trouble()
            except (OSError, ToolError) as error:
                reason = f"what it writes cannot be measured ({error})"
            if reason and not self._over.is_set():
                self._end(reason)
                return

    def _trouble(self) -> str:
        """Return why the container must end, or ""."""
        disk = shutil.disk_usage(self._places[0])
        grown = disk.used - self._bounds.used
        full = disk.free < self._bounds.free and time.monotonic() >= self._again
        if not full and grown <= self._next:
            return ""
        written = measure(self._places)
        if written is None:
            return f"its files cannot be measured in {_MEASURE_SECONDS:g} s, and the disk fills"
        self._next = grown + max(self._bounds.written - written, 0) // 2
        self._again = time.monotonic() + _PAUSE
        if written > self._bounds.written:
            return f"it wrote more than {_size(self._bounds.written)} to disk"
        if full and written >= self._bounds.free:
            return f"it wrote {_size(written)}, and only {_size(disk.free)} of the disk are left"
        return ""


def measure(places: Sequence[Path]) -> int | None:
    """Return the bytes on disk below the places, or None if that takes too long.

    Raises ToolError.
    """
    # `du` works by descriptors and follows no links, so a hostile tree cannot lead it elsewhere.
    words = ("--summarize", "--total", "--one-file-system", "--block-size=1", "--")
    done = run((_DU.require(), *words, *map(os.fspath, places)), timeout=_MEASURE_SECONDS)
    last = done.text.splitlines()[-1:] if done.status is not None else []
    # A file that disappears makes `du` fail, but it still prints the total of the rest.
    number = last[0].split("\t")[0] if last else ""
    if number.isdecimal():
        return int(number)
    if done.status is None:
        return None
    msg = f"measuring what a container wrote: {done.complaint}"
    raise ToolError(msg)


def _size(count: int) -> str:
    return f"{count / 1024**3:.1f} GiB" if count >= 1024**3 else f"{count // 1024**2} MiB"
