"""Files of an image that are read by other processes before a plan asks for them.

A plan asks for most files in the order in which it keeps them. So the others begin with the file
that was kept last, and this process reads what it needs at once by itself.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from careen.model.entry import Entry
from careen.model.packages.package import Inventory
from careen.model.paths import ImagePath, name
from careen.oci.extents import FilePart, NamedPart
from careen.oci.tree.rootfs import Rootfs
from careen.plan.ahead.answers import DATA, LIBRARIES, WORDS, answers_in, job_about
from careen.plan.core.loader import OF_ELF
from careen.plan.core.readings import DIGEST
from careen.plan.core.scene import MAX_TEXT, SYSTEM
from careen.plan.core.sources import OF_MODULES
from careen.plan.mechanisms.files.plugin_directories import MAX_READ, OF_DIRECTORIES
from careen.plan.mechanisms.python.compiled_file import NAMES
from careen.plan.mechanisms.python.compiled_modules import MAX_MODULE, is_extension
from careen.tools.beside import MAX_FILES, Beside, other_processors

MODULE = "careen.plan.ahead.answers"
MIN_FILES = 300  # to read ahead; a process takes as long to start as reading these
MOST_HELD = 64 << 20  # bytes of answers that nobody asked for yet
MAX_SIZE = 1 << 30  # bytes of a file that is read ahead
_DEPTH = 64  # jobs that a process has at once, so that it never waits while this one is busy
_LEAST = 2  # jobs, whatever the size of their files
_MOST_GIVEN = 4 << 20  # bytes of files of these jobs: this process waits for them at the end
_MOST_PROCESSES = 4
_SOURCE = tuple(reader.name for reader in OF_MODULES)
# A plan asks for the headers of a program when it keeps it, and for the rest much later. By the
# reader that was asked for first: what is worth reading ahead still.
_LEFT = {
    OF_ELF.name: frozenset({DATA, NAMES.name, WORDS}),
    DATA: frozenset({NAMES.name, WORDS}),
    DIGEST: frozenset({DATA}),
}


@dataclass(frozen=True, slots=True)
class _Job:
    entry: Entry
    wanted: tuple[str, ...]


class ReadAhead:
    """Answers about the files of one image, by processes that run while it is open."""

    def __init__(self, rootfs: Rootfs, inventory: Inventory, processes: int) -> None:
        self._rootfs = rootfs
        self._inventory = inventory
        self._wanted = processes
        self._waiting: dict[ImagePath, _Job] = {}
        self._later: dict[ImagePath, _Job] = {}
        self._running: dict[ImagePath, tuple[Beside, _Job]] = {}
        self._order: dict[Beside, list[ImagePath]] = {}
        self._given: dict[Beside, int] = {}
        self._done: dict[ImagePath, dict[str, bytes]] = {}
        self._held = 0
        self._seen: set[tuple[ImagePath, tuple[str, ...]]] = set()

    @property
    def processes(self) -> tuple[Beside, ...]:
        """The processes that were started."""
        return tuple(self._order)

    def expect(self, entry: Entry, wanted: tuple[str, ...] = ()) -> None:
        """Note that readers will be asked about a file, unless nothing can be computed ahead of it.

        Without `wanted`, they are those that are asked about every file of its kind.
        """
        known = entry.path in self._running or self._job(entry.path) is not None
        if not known and (entry.path, wanted) not in self._seen and entry.size <= _largest(entry):
            self._seen.add((entry.path, wanted))
            self._waiting[entry.path] = _Job(entry, wanted or self._asked(entry))
            self._go_on()

    def take(self, entry: Entry, name: str) -> bytes | None:
        """Return the packed answer of a reader; None if it is for the caller."""
        path = entry.path
        self._seen.add((path, ()))
        if (job := self._job(path)) is not None and _answers(job, name):
            self._waiting.pop(path, None)
            self._later.pop(path, None)
            of_job = _LEFT.get(name, frozenset())
            if left := tuple(each for each in job.wanted if each in of_job):
                self._later[path] = _Job(entry, left)
        self._go_on()
        while path in self._running and _answers(self._running[path][1], name):
            self._collect(self._running[path][0], wait=True)
        packed = self._done.get(path, {}).pop(name, None)
        if packed is not None:
            self._held -= len(packed)
        return packed

    def _job(self, path: ImagePath) -> _Job | None:
        """Return the job about a file that no process has begun with."""
        return self._waiting.get(path) or self._later.get(path)

    def _go_on(self) -> None:
        """Take the answers that came, and hand over the next files."""
        if not self._order:
            if not self._wanted or len(self._waiting) + len(self._later) < MIN_FILES:
                return
            self._start()
        for process in [*self._order]:
            if process.running:
                self._collect(process, wait=False)
            while (
                (self._waiting or self._later)
                and not process.ended
                and process.running < _DEPTH
                and (self._given[process] < _MOST_GIVEN or process.running < _LEAST)
                and self._held < MOST_HELD
            ):
                jobs = self._waiting or self._later
                self._hand_over(jobs.popitem()[1], process)

    def _start(self) -> None:
        try:
            while self._wanted:
                self._wanted -= 1
                process = Beside(MODULE)
                self._order[process] = []
                self._given[process] = 0
        except OSError:  # no process can be started: this one reads all files
            self._wanted = 0

    def _hand_over(self, job: _Job, process: Beside) -> None:
        path = job.entry.path
        extents = self._rootfs.extents(path)
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
            if process.send(job_about(job.wanted, places), files):
                self._running[path] = process, job
                self._order[process].append(path)
                self._given[process] += job.entry.size

    def _asked(self, entry: Entry) -> tuple[str, ...]:
        """Return which readers are asked about a file."""
        if entry.path.endswith(".py"):
            return _SOURCE
        is_of_system = any(
            self._inventory.packages[purl].ecosystem in SYSTEM
            for purl in self._inventory.owners.get(entry.path, ())
        )
        wanted = [OF_ELF.name, LIBRARIES]
        if not is_of_system:
            wanted.append(DATA)
        elif entry.size <= MAX_TEXT:
            wanted.append(WORDS)
        if "/site-packages/" not in entry.path and entry.size <= MAX_READ:
            wanted.append(OF_DIRECTORIES.name)
        if is_extension(name(entry.path)) and entry.size <= MAX_MODULE:
            wanted.append(NAMES.name)
        return tuple(wanted)

    def _collect(self, process: Beside, *, wait: bool) -> None:
        order = self._order[process]
        for document in process.answers(wait=wait):
            path = order.pop(0)
            self._given[process] -= self._running.pop(path)[1].entry.size
            found = answers_in(document)
            self._done.setdefault(path, {}).update(found)
            self._held += sum(map(len, found.values()))
        if process.ended:
            for path in order:
                del self._running[path]
            order.clear()

    def close(self) -> None:
        """End the processes."""
        for process in self._order:
            process.close()


def _answers(job: _Job, name: str) -> bool:
    """Return whether a job gives the answer of a reader, or the digest."""
    return name in job.wanted or (
        name == DIGEST and not {NAMES.name, WORDS, *_SOURCE}.isdisjoint(job.wanted)
    )


def _largest(entry: Entry) -> int:
    return MAX_TEXT if entry.path.endswith(".py") else MAX_SIZE


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
