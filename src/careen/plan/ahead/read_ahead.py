"""Files of an image that are read by other processes before a plan asks for them.

A plan asks for most files in the order in which it keeps them. So the others begin with the file
that was kept last, and this process reads what it needs at once by itself.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from careen.model.entry import Entry
from careen.model.packages.package import Inventory
from careen.model.paths import ImagePath, name
from careen.oci.extents import FilePart, NamedPart
from careen.oci.tree.rootfs import Rootfs
from careen.plan.ahead.answers import (
    DATA,
    DIRECTORIES,
    MODULES,
    PROGRAM,
    SOURCE,
    WORDS,
    answers_in,
    job_about,
)
from careen.plan.core.scene import MAX_TEXT, SYSTEM
from careen.plan.mechanisms.files.plugin_directories import MAX_READ
from careen.plan.mechanisms.python.compiled_modules import MAX_MODULE, is_extension
from careen.tools.beside import MAX_FILES, Beside

MODULE = "careen.plan.ahead.answers"
MIN_FILES = 300  # to read ahead; a process takes as long to start as reading these
MOST_HELD = 64 << 20  # bytes of answers that nobody asked for yet
MAX_SIZE = 1 << 30  # bytes of a file that is read ahead
_DEPTH = 64  # jobs that a process has at once, so that it never waits while this one is busy
_MOST_PROCESSES = 4


class ReadAhead:
    """Answers about the files of one image, by processes that run while it is open."""

    def __init__(self, rootfs: Rootfs, inventory: Inventory, processes: int) -> None:
        self._rootfs = rootfs
        self._inventory = inventory
        self._wanted = processes
        self._waiting: dict[ImagePath, Entry] = {}
        self._running: dict[ImagePath, Beside] = {}
        self._order: dict[Beside, list[ImagePath]] = {}
        self._done: dict[ImagePath, dict[str, bytes]] = {}
        self._held = 0
        self._seen: set[ImagePath] = set()

    @property
    def processes(self) -> tuple[Beside, ...]:
        """The processes that were started."""
        return tuple(self._order)

    def expect(self, entry: Entry) -> None:
        """Note that a file will be read, unless nothing can be computed ahead of it."""
        if entry.path not in self._seen and entry.size <= _largest(entry):
            self._seen.add(entry.path)
            self._waiting[entry.path] = entry
            self._go_on()

    def take(self, entry: Entry, name: str) -> bytes | None:
        """Return the packed answer of a reader; None if it is for the caller."""
        path = entry.path
        self._seen.add(path)
        self._waiting.pop(path, None)
        self._go_on()
        while path in self._running:
            self._collect(self._running[path], wait=True)
        packed = self._done.get(path, {}).pop(name, None)
        if packed is not None:
            self._held -= len(packed)
        return packed

    def _go_on(self) -> None:
        """Take the answers that came, and hand over the next files."""
        if not self._order:
            if not self._wanted or len(self._waiting) < MIN_FILES:
                return
            self._start()
        for process in [*self._order]:
            if process.running:
                self._collect(process, wait=False)
            while (
                self._waiting
                and not process.ended
                and process.running < _DEPTH
                and self._held < MOST_HELD
            ):
                self._hand_over(self._waiting.popitem()[1], process)

    def _start(self) -> None:
        try:
            while self._wanted:
                self._wanted -= 1
                self._order[Beside(MODULE)] = []
        except OSError:  # no process can be started: this one reads all files
            self._wanted = 0

    def _hand_over(self, entry: Entry, process: Beside) -> None:
        extents = self._rootfs.extents(entry.path)
        parts = [] if extents is None else extents.parts()
        if not 0 < len(parts) <= MAX_FILES:
            return
        with ExitStack() as opened:
            files: list[int] = []
            places: list[tuple[int, int, int]] = []
            for part in parts:
                match part:
                    case FilePart(descriptor, offset, size):
                        pass
                    case NamedPart(folder, part_name, offset, size):
                        try:
                            descriptor = folder.open(part_name)
                        except OSError:  # whoever asks for the file reports it
                            return
                        opened.callback(os.close, descriptor)
                    case _:
                        return
                places.append((len(files), offset, size))
                files.append(descriptor)
            kind, wanted = self._asked(entry)
            if process.send(job_about(kind, wanted, places), files):
                self._running[entry.path] = process
                self._order[process].append(entry.path)

    def _asked(self, entry: Entry) -> tuple[str, list[str]]:
        """Return the kind of a file, and what will be asked about it."""
        if entry.path.endswith(".py"):
            return SOURCE, []
        is_of_system = any(
            self._inventory.packages[purl].ecosystem in SYSTEM
            for purl in self._inventory.owners.get(entry.path, ())
        )
        wanted = [] if is_of_system else [DATA]
        if is_of_system and entry.size <= MAX_TEXT:
            wanted.append(WORDS)
        if "/site-packages/" not in entry.path and entry.size <= MAX_READ:
            wanted.append(DIRECTORIES)
        if is_extension(name(entry.path)) and entry.size <= MAX_MODULE:
            wanted.append(MODULES)
        return PROGRAM, wanted

    def _collect(self, process: Beside, *, wait: bool) -> None:
        order = self._order[process]
        for document in process.answers(wait=wait):
            path = order.pop(0)
            del self._running[path]
            found = answers_in(document)
            self._done[path] = found
            self._held += sum(map(len, found.values()))
        if process.ended:
            for path in order:
                del self._running[path]
            order.clear()

    def close(self) -> None:
        """End the processes."""
        for process in self._order:
            process.close()


def _largest(entry: Entry) -> int:
    return MAX_TEXT if entry.path.endswith(".py") else MAX_SIZE


def other_processors() -> int:
    """Return how many processors this process may use, without one for itself."""
    return len(os.sched_getaffinity(0)) - 1


@contextmanager
def reading_ahead(rootfs: Rootfs, inventory: Inventory) -> Iterator[ReadAhead]:
    """Read files of an image ahead, by as many processes as there are other processors.

    With a single processor, and in a small image, nothing is read ahead.
    """
    ahead = ReadAhead(rootfs, inventory, min(other_processors(), _MOST_PROCESSES))
    try:
        yield ahead
    finally:
        ahead.close()
