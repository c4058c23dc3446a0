"""The helper's binary frames, as in bpf/abi.h.

A test compares these numbers with `careen-sensor --layout`.
"""

import enum
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import BinaryIO

from careen.errors import ToolError

PHASES, SYSCALLS, KINDS = 4, 512, 16
MAX_FRAME = 64 << 20

FRAME = struct.Struct("=II")
FILE_KEY = struct.Struct("=IIQQQ")
NAME_KEY = struct.Struct("=IIQQQIi")
ENDPOINT_KEY = struct.Struct("=IHHHH108s")
TALLY = struct.Struct("=QQ4sI")
FILE_TALLY = struct.Struct("=QQ64s")
SIGHT = struct.Struct("=II32s40sQIIIIII")


class FrameType(enum.IntEnum):
    """`enum frame`."""

    SIGHT = 1
    MOUNTS = 2
    NAMES = 3
    FILES = 4
    ENDPOINTS = 5
    SYSCALLS = 6
    COUNTERS = 7
    PROGRAM = 8
    END = 9
    OPENED = 10


class Kind(enum.IntEnum):
    """`enum kind`."""

    OPEN = 0
    WRITE = 1
    OPEN_WRITE = 2
    EXEC = 3
    MAP_EXEC = 4
    STAT = 5
    ACCESS = 6
    LIST = 7
    READLINK = 8
    CHDIR = 9
    LOOKUP = 10
    CHANGE = 11
    LOADER = 12


class SightType(enum.IntEnum):
    """`enum sight_type`."""

    FILE = 1
    NAME = 2
    START = 3
    EXECUTABLE = 4
    CODE = 5


LOSSES = (
    "ring_full",
    "files_full",
    "names_full",
    "inside_full",
    "endpoints_full",
    "executables_full",
    "truncated",
    "fault",
    "fd_gone",
    "compat32",
    "uring_outcome_unknown",
    "loader_unknown",
)
OTHER_COUNTERS = ("events", "unresolved_fd", "urings")


@dataclass(frozen=True, slots=True)
class Sight:
    """The first occurrence of a key.

    `file` and `name` are raw keys; paths are absolute in their file system.
    """

    type: SightType
    who: int
    file: bytes
    name: bytes
    mode: int
    pid: int
    given: str
    reached: str | None
    base: str | None
    unhashed: bool

    @property
    def dev(self) -> int:
        return int(FILE_KEY.unpack(self.file)[1])


def _path(raw: bytes) -> str:
    """Return an absolute path from its NUL-terminated components, leaf first."""
    parts = [part.decode("utf-8", "surrogateescape") for part in raw.split(b"\0") if part]
    return "/" + "/".join(reversed(parts))


# Half a million sights have few distinct directories, programs and modes: share the objects.
_NO_FILE = bytes(FILE_KEY.size)
_directory = lru_cache(4096)(_path)


@lru_cache(4096)
def _same(number: int) -> int:
    return number


def read_sight(raw: bytes) -> Sight:
    """Return the decoded payload of a FRAME_SIGHT."""
    kind, who, file, name, _when, mode, pid, given, reached, base, unhashed = SIGHT.unpack_from(raw)
    at = SIGHT.size
    text = raw[at : at + given].rstrip(b"\0").decode("utf-8", "surrogateescape")
    at += given
    # The path of a start or a file may be empty: the root of its file system. The path of a name
    # is missing if nothing was reached.
    has_path = bool(mode) or kind != SightType.NAME
    reached_path = _path(raw[at : at + reached]) if has_path else None
    at += reached
    base_path = _directory(raw[at : at + base]) if base else None
    return Sight(
        type=SightType(kind),
        who=_same(who),
        file=_NO_FILE if file == _NO_FILE else file,
        name=name,
        mode=_same(mode),
        pid=_same(pid),
        given=text,
        reached=text if reached_path == text else reached_path,
        base=base_path,
        unhashed=bool(unhashed),
    )


def sighted_at(raw: bytes) -> float:
    """Return when the sight of a FRAME_SIGHT happened, in seconds of `time.monotonic`."""
    return seconds_of(SIGHT.unpack_from(raw)[4])


def seconds_of(nanoseconds: int) -> float:
    """Return a time of the trace in seconds of `time.monotonic`."""
    return nanoseconds / 1_000_000_000  # not rounded: requests may be less than 1 ms apart


class FrameFeed:
    """Frames of a trace that is still being written."""

    def __init__(self) -> None:
        self._left = b""

    def take(self, data: bytes) -> Iterator[tuple[FrameType, bytes]]:
        """Yield the frames that are complete with `data`, the bytes after those taken before.

        Raises ToolError for a frame that no helper writes.
        """
        data, at = self._left + data, 0
        while len(data) - at >= FRAME.size:
            kind, length = FRAME.unpack_from(data, at)
            if length > MAX_FRAME:
                msg = f"reading the trace: a frame of {length} bytes; reinstall careen"
                raise ToolError(msg)
            end = at + FRAME.size + length
            if end > len(data):
                break
            yield FrameType(kind), data[at + FRAME.size : end]
            at = end
        self._left = data[at:]


def frames(stream: BinaryIO) -> Iterator[tuple[FrameType, bytes]]:
    """Yield every frame.

    Raises ToolError if the stream ends before FRAME_END: the helper died, and events may be lost.
    """
    while head := stream.read(FRAME.size):
        if len(head) < FRAME.size:
            break
        kind, length = FRAME.unpack(head)
        if length > MAX_FRAME:
            break
        payload = stream.read(length)
        if len(payload) < length:
            break
        yield FrameType(kind), payload
        if kind == FrameType.END:
            return
    msg = (
        "reading the trace: it ends before its end mark, so the sensor died or its disk is full;"
        " free space in TMPDIR and run again"
    )
    raise ToolError(msg)
