"""What the images of one run may cost this machine: disk, memory, time. One value per run; whatever
reads an image takes from it.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

from careen.errors import BudgetError

MIB = 1 << 20
GIB = 1 << 30

FREE_DISK, DISK_RATIO = GIB, 1000
MAX_DISK = 512 * GIB
"""Bytes unpacked into the work directory: 1 GiB, and 1,000 for each byte of the images (deflate
cannot exceed 1,032), at most 512 GiB.
"""

FREE_ENTRIES, BYTES_PER_ENTRY = 250_000, 64
MAX_ENTRIES = 2_000_000
"""Entries of an image: 250,000, and one more for each 64 bytes of it. An entry takes some 2 kB of
memory; real images have a kilobyte of layers for each.
"""

FREE_TEXT, TEXT_RATIO = 64 * MIB, 4
MAX_TEXT = 512 * MIB
"""Bytes of names, targets, attributes and sparse maps that stay in memory: 64 MiB, and 4 for each
byte of the image, at most 512 MiB.
"""

FREE_INFLATED, INFLATED_RATIO = 16 * GIB, 64
"""Bytes unpacked in memory, a piece at a time, from archives inside the images, over all stages of
a run.
"""

FREE_SECONDS, BYTES_PER_SECOND = 1800.0, 2 * MIB
"""Seconds that reading takes in all: half an hour, and a second for each 2 MiB of the images."""


class RunBudget:
    """What is left of a run's budget. It grows with the bytes of the images that are opened.
    Thread-safe; past it, methods raise BudgetError.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._begun: float | None = None
        self._spent = 0.0
        self.size = self.unpacked = self.inflated = 0

    def admit(self, size: int) -> None:
        """Count the bytes of an image as it lies on disk: what it may cost grows with them."""
        with self._lock:
            self.size += size

    @property
    def max_entries(self) -> int:
        """Entries that one image may have."""
        return min(MAX_ENTRIES, FREE_ENTRIES + self.size // BYTES_PER_ENTRY)

    @property
    def max_text(self) -> int:
        """Bytes of names and attributes that may be held of one image."""
        return min(MAX_TEXT, FREE_TEXT + TEXT_RATIO * self.size)

    @property
    def max_unpacked(self) -> int:
        """Bytes that may be unpacked into the work directory."""
        return min(MAX_DISK, FREE_DISK + DISK_RATIO * self.size)

    def unpack(self, size: int, where: str) -> None:
        """Pay for bytes that are written to the work directory."""
        with self._lock:
            self.unpacked += size
            over = self.unpacked > self.max_unpacked
        if over:
            self._refuse(
                where, f"images of {self.size} bytes unpack to more than {self.max_unpacked}"
            )
        self.check(where)

    def inflate(self, size: int, where: str) -> None:
        """Pay for bytes that come out of an archive inside an image."""
        most = FREE_INFLATED + INFLATED_RATIO * self.size
        with self._lock:
            self.inflated += size
            over = self.inflated > most
        if over:
            self._refuse(
                where, f"archives inside images of {self.size} bytes unpack to more than {most}"
            )
        self.check(where)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Count the time that passes inside; what a container or a test takes is no cost of
        reading.
        """
        outer, self._begun = self._begun, self._begun if self._begun is not None else self._clock()
        try:
            yield
        finally:
            if outer is None and self._begun is not None:
                self._spent += self._clock() - self._begun
            self._begun = outer

    def check(self, where: str) -> None:
        """Raise BudgetError when reading has taken longer than it may."""
        if self._begun is None:
            return
        most = FREE_SECONDS + self.size / BYTES_PER_SECOND
        if self._spent + self._clock() - self._begun > most:
            self._refuse(
                where, f"reading images of {self.size} bytes took more than {most:.0f} seconds"
            )

    def _refuse(self, where: str, what: str) -> NoReturn:
        msg = f"{where}: {what}; docs/limits.md says what an image may cost"
        raise BudgetError(msg)
