"""Limits on disk, memory and time that one run may spend on reading images."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

from careen.errors import BudgetError
from careen.model.runs.meter import Meter

MIB = 1 << 20
GIB = 1 << 30

FREE_DISK, DISK_RATIO = GIB, 1000
MAX_DISK = 512 * GIB
"""Bytes unpacked into the work directory: 1 GiB plus 1,000 times the images' size, at most 512 GiB.

Deflate cannot exceed a ratio of 1,032.
"""

FREE_ENTRIES, BYTES_PER_ENTRY = 250_000, 64
MAX_ENTRIES = 2_000_000
"""Entries of an image: 250,000 plus one for each 64 bytes of it, at most 2,000,000.

An entry takes about 2 kB of memory; real images have about 1 kB of layers per entry.
"""

FREE_TEXT, TEXT_RATIO = 64 * MIB, 4
MAX_TEXT = 512 * MIB
"""Bytes of names, targets, attributes and sparse maps held in memory.

64 MiB plus 4 times the image's size, at most 512 MiB.
"""

FREE_INFLATED, INFLATED_RATIO = 16 * GIB, 64
"""Bytes unpacked in memory, piece by piece, from archives inside images, over a whole run."""

FREE_SECONDS, BYTES_PER_SECOND = 1800.0, 2 * MIB
"""Seconds of reading in total: 1,800, plus one for each 2 MiB of the images."""


class RunBudget:
    """The rest of a run's budget, which grows with the size of the images opened.

    Thread-safe. Methods raise BudgetError once it is exceeded. `meter` counts for the progress.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, meter: Meter | None = None
    ) -> None:
        self.meter = meter or Meter()
        self._clock = clock
        self._lock = threading.Lock()
        self._begun: float | None = None
        self._readers = 0
        self._spent = 0.0
        self.size = self.unpacked = self.inflated = 0

    def admit(self, size: int) -> None:
        """Add the size of an image on disk, which raises the limits."""
        with self._lock:
            self.size += size

    @property
    def max_entries(self) -> int:
        """The largest number of entries that one image may have."""
        return min(MAX_ENTRIES, FREE_ENTRIES + self.size // BYTES_PER_ENTRY)

    @property
    def max_text(self) -> int:
        """The most bytes of names and attributes that may be held for one image."""
        return min(MAX_TEXT, FREE_TEXT + TEXT_RATIO * self.size)

    @property
    def max_unpacked(self) -> int:
        """The most bytes that may be unpacked into the work directory."""
        return min(MAX_DISK, FREE_DISK + DISK_RATIO * self.size)

    def unpack(self, size: int, where: str) -> None:
        """Count bytes written to the work directory. Raises BudgetError past the limit."""
        with self._lock:
            self.unpacked += size
            over = self.unpacked > self.max_unpacked
        if over:
            self._refuse(
                where, f"images of {self.size} bytes unpack to more than {self.max_unpacked}"
            )
        self.check(where)

    def inflate(self, size: int, where: str) -> None:
        """Count bytes unpacked from archives inside images. Raises BudgetError past the limit."""
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
        """Count the time inside the block as reading time."""
        # Containers and tests run outside such a block, and do not count. Blocks may be nested, and
        # those of several threads may overlap.
        with self._lock:
            self._readers += 1
            if self._begun is None:
                self._begun = self._clock()
        try:
            yield
        finally:
            with self._lock:
                self._readers -= 1
                if not self._readers and self._begun is not None:
                    self._spent += self._clock() - self._begun
                    self._begun = None

    def check(self, where: str) -> None:
        """Raise BudgetError if reading has taken too long."""
        begun = self._begun  # another thread may end its block
        if begun is None:
            return
        most = FREE_SECONDS + self.size / BYTES_PER_SECOND
        if self._spent + self._clock() - begun > most:
            self._refuse(
                where, f"reading images of {self.size} bytes took more than {most:.0f} seconds"
            )

    def _refuse(self, where: str, what: str) -> NoReturn:
        msg = f"{where}: {what}; docs/limits.md says what an image may cost"
        raise BudgetError(msg)
