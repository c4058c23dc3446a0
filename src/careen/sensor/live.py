"""Decoder of a trace that is still being written: what is new in it, in bounded memory."""

import stat
import struct
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from careen.model.runs.news import Connected, News, Sighted
from careen.model.runs.trace import Phase, Touch, Use
from careen.sensor.decode import Decoder, endpoint
from careen.sensor.emulated import is_emulators, named, named_end
from careen.sensor.recording import FileTally, NameTally, Recording, rows, take
from careen.sensor.syscall_names import name_of
from careen.sensor.wire import (
    ENDPOINT_KEY,
    FILE_KEY,
    FILE_TALLY,
    NAME_KEY,
    TALLY,
    FrameType,
    Kind,
    Sight,
    SightType,
    read_sight,
    seconds_of,
    sighted_at,
)

DIRECTORIES = 4096
"""Directories that are kept by their number, for names that start from one."""

_NOW = frozenset({Phase.SERVING})
_TABLES = {
    FrameType.NAMES: (NAME_KEY, TALLY),
    FrameType.FILES: (FILE_KEY, FILE_TALLY),
    FrameType.ENDPOINTS: (ENDPOINT_KEY, TALLY),
}


class LiveDecoder:
    """Decoder of the frames of one container, as they come.

    It keeps the container's roots, mounts and programs, of which the kernel part has at most
    16,384, and of the directories the latest.
    """

    def __init__(self, machine: str, interpreters: Collection[str] = ()) -> None:
        """`machine` names the table of system calls; `interpreters` are those of emulators."""
        self._machine, self._interpreters = machine, interpreters
        self._base = Recording()
        self._told: set[bytes] = set()  # endpoints; their table is read whole each time
        self._emulated = False

    def take(self, frames: Iterable[tuple[FrameType, bytes]], *, final: bool) -> News:
        """Return what is new in these frames.

        `final`: the tables among them were emptied, so that their counts are added to the news.
        Raises ToolError for a table of another version of the helper.
        """
        batch = _Batch()
        tallies: dict[bytes, int] = {}
        ends: dict[bytes, float] = {}
        for kind, payload in frames:
            if kind is FrameType.SIGHT:
                self._see(batch, payload)
            elif kind in _TABLES:
                for key, first, count in _counted(kind, payload):
                    if final:
                        tallies[key] = count
                    if kind is FrameType.ENDPOINTS:
                        ends[key] = first
            else:
                take(self._base, kind, payload)
        fresh = {key: first for key, first in ends.items() if key not in self._told}
        self._told = set() if final else self._told | fresh.keys()
        decoder = Decoder(self._base)
        sighted = tuple(self._native(batch.sighted(decoder)))
        return News(
            sighted,
            tuple(
                Connected(named_end(end, self._interpreters), key, first)
                for key, first in fresh.items()
                if (end := endpoint(key, decoder)) is not None
            ),
            self._syscalls(),
            dict(self._base.losses),
            tallies,
            self._emulated,
        )

    @property
    def counters(self) -> dict[str, int]:
        """The kernel part's counters that are not losses, as of the last look."""
        return self._base.counters

    def _see(self, batch: "_Batch", payload: bytes) -> None:
        sight = read_sight(payload)
        if sight.type is SightType.START:
            self._base.starts.append(sight)
        elif sight.type is SightType.EXECUTABLE:
            self._base.executables[sight.who] = sight
            batch.add(sight, sighted_at(payload))
        elif sight.type is SightType.FILE:
            self._remember(sight)
        else:
            batch.add(sight, sighted_at(payload))

    def _remember(self, sight: Sight) -> None:
        if not stat.S_ISDIR(sight.mode):
            return
        directories = self._base.files
        directories.pop(sight.file, None)
        directories[sight.file] = sight
        if len(directories) > DIRECTORIES:
            del directories[next(iter(directories))]

    def _native(self, sighted: Iterable[Sighted]) -> Iterator[Sighted]:
        """Yield what an emulator did not do for itself, and note that one has run."""
        for each in sighted:
            touch = each.touch
            if touch.on_image is not True and _ran(touch, self._interpreters):
                self._emulated = True
            if not self._interpreters or not is_emulators(touch, self._interpreters):
                yield replace(each, touch=named(touch, self._interpreters))

    def _syscalls(self) -> frozenset[str]:
        if self._emulated:
            return frozenset()
        return frozenset(
            name_of(self._machine, number)
            for numbers in self._base.syscalls.values()
            for number in numbers
        )


def _ran(touch: Touch, interpreters: Collection[str]) -> bool:
    return touch.use is Use.EXECUTED and touch.given in interpreters


class _Batch:
    """The sights of names, programs and code in one reading, in their order."""

    def __init__(self) -> None:
        self._sights: list[tuple[Sight, float]] = []

    def add(self, sight: Sight, when: float) -> None:
        self._sights.append((sight, when))

    def sighted(self, decoder: Decoder) -> Iterator[Sighted]:
        """Yield the touches; a program is known by the number that the whole batch gave it."""
        for sight, when in self._sights:
            if sight.type is SightType.NAME:
                touches = decoder.name(sight, NameTally(1, _NOW, when))
                key = sight.name
            else:
                code = sight.type is SightType.CODE
                kind = Kind.MAP_EXEC if code else Kind.EXEC
                touches = decoder.file(sight, FileTally(1, ((kind, _NOW),), when))
                key = sight.file if code else b""
            for touch in touches:
                yield Sighted(touch, key, sight.pid)


def _counted(kind: FrameType, payload: bytes) -> Iterator[tuple[bytes, float, int]]:
    """Yield key, first time and count of each row of a table."""
    key, value = _TABLES[kind]
    times = struct.Struct("=QQ")
    for raw, tally in rows(payload, key.size, value.size):
        first, count = times.unpack_from(tally)
        yield raw, seconds_of(first), count
