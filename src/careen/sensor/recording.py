"""A recorded trace in memory: sights joined with their counts from the BPF maps."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import BinaryIO

from careen.errors import ToolError
from careen.model.runs.trace import Phase
from careen.sensor.mounts import Mount, parse_mountinfo
from careen.sensor.wire import (
    ENDPOINT_KEY,
    FILE_KEY,
    FILE_TALLY,
    KINDS,
    LOSSES,
    NAME_KEY,
    OTHER_COUNTERS,
    PHASES,
    SYSCALLS,
    TALLY,
    FrameType,
    Kind,
    Sight,
    SightType,
    frames,
    read_sight,
    seconds_of,
)

PHASE_ORDER = (Phase.START, Phase.SERVING, Phase.HEALTH)
PROGRAM_NAME = 8


@dataclass(frozen=True, slots=True)
class NameTally:
    """How often a name was given, in which phases, and when first (seconds of `time.monotonic`)."""

    count: int
    phases: frozenset[Phase]
    first: float


@dataclass(frozen=True, slots=True)
class FileTally:
    """How often a file was reached by descriptor, in which ways and phases, and when first.

    `first` is in seconds of `time.monotonic`.
    """

    count: int
    kinds: tuple[tuple[Kind, frozenset[Phase]], ...]
    first: float


@dataclass(slots=True)
class Recording:
    """The content of one trace file; keys are the raw keys of the maps."""

    names: dict[bytes, Sight] = field(default_factory=dict)
    files: dict[bytes, Sight] = field(default_factory=dict)
    starts: list[Sight] = field(default_factory=list)
    executables: dict[int, Sight] = field(default_factory=dict)
    mounts: list[Mount] = field(default_factory=list)
    # by the PID of the first process of each start
    mounts_of: dict[int, tuple[Mount, ...]] = field(default_factory=dict)
    name_tallies: dict[bytes, NameTally] = field(default_factory=dict)
    file_tallies: dict[bytes, FileTally] = field(default_factory=dict)
    endpoints: dict[bytes, frozenset[Phase]] = field(default_factory=dict)
    syscalls: dict[Phase, set[int]] = field(default_factory=dict)
    # by the container's number in the order of arming, from 1
    syscalls_of: dict[int, dict[Phase, set[int]]] = field(default_factory=dict)
    losses: dict[str, int] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    programs: list[str] = field(default_factory=list)


def rows(payload: bytes, key: int, value: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield the keys and values of a table; raise ToolError if it is not made of such rows."""
    step = key + value
    if len(payload) % step:
        msg = (
            f"reading the trace: a table of {len(payload)} bytes is not made of rows of {step}; the"
            " helper is of another version, reinstall careen"
        )
        raise ToolError(msg)
    for at in range(0, len(payload), step):
        yield payload[at : at + key], payload[at + key : at + step]


@lru_cache(512)
def _phases(seen: bytes) -> frozenset[Phase]:
    # Half a million names share a few of these.
    return frozenset(phase for phase, mark in zip(PHASE_ORDER, seen, strict=False) if mark)


def _name_tally(raw: bytes) -> NameTally:
    when, count, seen, _ = TALLY.unpack(raw)
    return NameTally(count, _phases(seen), seconds_of(when))


def _name_tallies(recording: Recording, payload: bytes) -> Iterator[tuple[bytes, NameTally]]:
    """Yield the entries of the map of names."""
    # There may be half a million: share equal tallies, and the keys with their sights.
    same: dict[NameTally, NameTally] = {}
    for key, value in rows(payload, NAME_KEY.size, TALLY.size):
        tally = _name_tally(value)
        sight = recording.names.get(key)
        yield key if sight is None else sight.name, same.setdefault(tally, tally)


def _file_tally(raw: bytes) -> FileTally:
    when, count, seen = FILE_TALLY.unpack(raw)
    kinds = tuple((kind, _phases(seen[kind::KINDS])) for kind in Kind)
    return FileTally(
        count, tuple((kind, phases) for kind, phases in kinds if phases), seconds_of(when)
    )


def _see(recording: Recording, sight: Sight) -> None:
    match sight.type:
        case SightType.NAME:
            recording.names[sight.name] = sight
        case SightType.FILE:
            recording.files[sight.file] = sight
        case SightType.START:
            recording.starts.append(sight)
        case SightType.EXECUTABLE:
            recording.executables[sight.who] = sight


def _counters(recording: Recording, payload: bytes) -> None:
    values = [int.from_bytes(payload[at : at + 8], "little") for at in range(0, len(payload), 8)]
    recording.losses.update(zip(LOSSES, values, strict=False))
    recording.counters.update(zip(OTHER_COUNTERS, values[len(LOSSES) :], strict=True))


def _program(recording: Recording, payload: bytes) -> None:
    name = payload[PROGRAM_NAME:].rstrip(b"\0").decode()
    recording.programs.append(name)
    recording.losses["recursion_misses"] = recording.losses.get(
        "recursion_misses", 0
    ) + int.from_bytes(payload[:PROGRAM_NAME], "little")


def take(recording: Recording, kind: FrameType, payload: bytes) -> None:
    """Add one frame to a recording; raise ToolError for a table of another version."""
    match kind:
        case FrameType.SIGHT:
            _see(recording, read_sight(payload))
        case FrameType.MOUNTS:
            mounts = parse_mountinfo(payload[4:].decode("utf-8", "surrogateescape"))
            recording.mounts.extend(mounts)
            recording.mounts_of[int.from_bytes(payload[:4], sys.byteorder)] = mounts
        case FrameType.NAMES:
            recording.name_tallies.update(_name_tallies(recording, payload))
        case FrameType.FILES:
            recording.file_tallies.update(
                (key, _file_tally(value))
                for key, value in rows(payload, FILE_KEY.size, FILE_TALLY.size)
            )
        case FrameType.ENDPOINTS:
            recording.endpoints.update(
                (key, _name_tally(value).phases)
                for key, value in rows(payload, ENDPOINT_KEY.size, TALLY.size)
            )
        case FrameType.SYSCALLS:
            own = recording.syscalls_of.setdefault(
                int.from_bytes(payload[:4], sys.byteorder) + 1, {}
            )
            for i, phase in enumerate(PHASE_ORDER):
                seen = payload[4 + i * SYSCALLS : 4 + (i + 1) * SYSCALLS]
                own[phase] = {number for number, mark in enumerate(seen) if mark}
                recording.syscalls.setdefault(phase, set()).update(own[phase])
        case FrameType.COUNTERS:
            _counters(recording, payload)
        case FrameType.PROGRAM:
            _program(recording, payload)
        case FrameType.END:
            pass


def read_recording(stream: BinaryIO) -> Recording:
    """Read a whole trace file; raise ToolError if it is cut off.

    A map key without its strings is counted as the loss `unnamed`.
    """
    recording = Recording()
    for kind, payload in frames(stream):
        take(recording, kind, payload)
    unnamed = sum(key not in recording.names for key in recording.name_tallies) + sum(
        key not in recording.files for key in recording.file_tallies
    )
    recording.losses["unnamed"] = unnamed
    return recording


def by_container(recording: Recording) -> dict[int, Recording]:
    """Return the recording of each container that started, by its number in the order of arming.

    Losses, counters and programs are those of all containers together.
    """
    parts: dict[int, Recording] = {}
    for start in recording.starts:
        part = parts.setdefault(
            start.who >> 16,
            Recording(
                syscalls=recording.syscalls_of.get(start.who >> 16, {}),
                losses=recording.losses,
                counters=recording.counters,
                programs=recording.programs,
            ),
        )
        part.starts.append(start)
        if start.pid in recording.mounts_of:
            part.mounts_of[start.pid] = recording.mounts_of[start.pid]
            part.mounts.extend(recording.mounts_of[start.pid])
    for who, sight in recording.executables.items():
        if who >> 16 in parts:
            parts[who >> 16].executables[who] = sight
    for key, sight in recording.names.items():
        if _number(key) in parts and key in recording.name_tallies:
            parts[_number(key)].names[key] = sight
            parts[_number(key)].name_tallies[key] = recording.name_tallies[key]
    for key, sight in recording.files.items():
        if _number(key) in parts and key in recording.file_tallies:
            parts[_number(key)].files[key] = sight
            parts[_number(key)].file_tallies[key] = recording.file_tallies[key]
    for key, phases in recording.endpoints.items():
        if _number(key) in parts:
            parts[_number(key)].endpoints[key] = phases
    return {number - 1: parts[number] for number in sorted(parts)}


def _number(key: bytes) -> int:
    """Return the number of the container in a map key, which begins with `who` (bpf/abi.h)."""
    return int.from_bytes(key[:4], sys.byteorder) >> 16


assert len(PHASE_ORDER) <= PHASES  # noqa: S101 — the two halves of one table
