"""Proof that two ELF files load the same bytes at the same addresses.

It verifies a rewrite, so it shares no reader with elf_symbols.py.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from careen.formats.elf.program import Unreadable
from careen.formats.elf.sections import ElfTables, Section, elf_tables
from careen.model.machines import MAGIC

_CHUNK = 1 << 20
_PAGE = 4096
_MAX_SEGMENTS = 1024
_ALLOC = 2
_UNLOADED = (2, 3, 18)  # symbol tables, string tables, indices of symbol tables
_DEBUG = (".debug", ".zdebug", ".stab", ".line", ".gdb_index", ".gnu.debuglto_")


@dataclass(frozen=True, slots=True)
class _Shape:
    """Layout of an ELF class: header size, field positions and struct formats.

    `segments_at` locates e_phoff, `segment_counts_at` e_phentsize and e_phnum.
    """

    header: int
    segments_at: tuple[int, str]
    segment_counts_at: int
    section_fields: tuple[tuple[int, int], ...]  # offset, size: e_shoff; e_shnum with e_shstrndx
    segment: str
    offset_field: int
    size_field: int
    address_field: int
    align_field: int


_SHAPES = {
    1: _Shape(52, (28, "I"), 42, ((32, 4), (48, 4)), "IIIIIIII", 1, 4, 2, 7),
    2: _Shape(64, (32, "Q"), 54, ((40, 8), (60, 4)), "IIQQQQQQ", 2, 5, 3, 7),
}


@dataclass(frozen=True, slots=True)
class _Side:
    stream: BinaryIO
    size: int
    header: bytes
    order: str
    shape: _Shape
    segments: tuple[tuple[int, ...], ...]
    tables: ElfTables

    def read(self, offset: int, size: int) -> bytes:
        self.stream.seek(offset)
        return self.stream.read(size)


def loaded_difference(
    before: BinaryIO, after: BinaryIO, sizes: tuple[int, int], *, only_tables: bool = False
) -> str:
    """Return how the loaded contents of two files differ, or "" if they are equal.

    Compares the header except its section table fields, every program header, and every loaded byte
    at its address. A segment may move within the file by whole pages. Each section of `after` must
    be a section of `before` with equal content; only unloaded symbol tables, their names and debug
    sections may be missing. `only_tables` skips the slow part, reading all bytes.
    """
    one, two = _side(before, sizes[0]), _side(after, sizes[1])
    if isinstance(one, str) or isinstance(two, str):
        return one if isinstance(one, str) else str(two)
    if _fixed(one) != _fixed(two):
        return "the headers differ"
    moves = _moves(one, two)
    if moves is None:
        return "the program headers differ"
    for start, size, move in _spans(one, moves):
        if move is None:
            return f"loaded bytes at {start:#x} are torn apart"
        if not 0 <= start + move <= two.size - size:
            return f"{size} loaded bytes at {start:#x} are cut off"
        if not only_tables and _first_difference(one, start, two, start + move, size) is not None:
            return f"a loaded byte differs, of the {size} at {start:#x}"
    return _sections_differ(one, two, only_tables=only_tables)


def _side(stream: BinaryIO, size: int) -> _Side | str:
    stream.seek(0)
    head = stream.read(64)
    # The number is from the ABI.
    shape = _SHAPES.get(head[4]) if head.startswith(MAGIC) and len(head) > 5 else None  # noqa: PLR2004
    order = {1: "<", 2: ">"}.get(head[5]) if shape is not None else None
    if shape is None or order is None or len(head) < shape.header:
        return "no ELF header"
    tables = elf_tables(stream, size)
    if isinstance(tables, Unreadable):
        return tables.reason
    at, form = shape.segments_at
    (offset,) = struct.unpack_from(order + form, head, at)
    each, count = struct.unpack_from(order + "HH", head, shape.segment_counts_at)
    layout = struct.Struct(order + shape.segment)
    if count > _MAX_SEGMENTS or (count and each != layout.size):
        return f"{count} program headers of {each} bytes"
    stream.seek(offset)
    data = stream.read(count * layout.size)
    if len(data) < count * layout.size:
        return "the program headers lie beyond the end of the file"
    return _Side(
        stream, size, head[: shape.header], order, shape, tuple(layout.iter_unpack(data)), tables
    )


def _fixed(side: _Side) -> bytes:
    """Return the header without its section table fields, which no loader reads."""
    head = bytearray(side.header)
    for at, size in side.shape.section_fields:
        head[at : at + size] = bytes(size)
    return bytes(head)


def _moves(one: _Side, two: _Side) -> Sequence[int] | None:
    """Return how far each segment moved within the file.

    Returns None if program headers differ otherwise, or if a loader could not map a segment.
    """
    field = one.shape.offset_field
    if len(one.segments) != len(two.segments):
        return None
    moves = []
    for before, after in zip(one.segments, two.segments, strict=True):
        move = after[field] - before[field]
        if (*after[:field], before[field], *after[field + 1 :]) != before:
            return None
        if move % max(_PAGE, before[one.shape.align_field]):
            return None
        moves.append(move)
    return moves


def _spans(side: _Side, moves: Sequence[int]) -> Iterator[tuple[int, int, int | None]]:
    """Yield the loaded ranges of the file, each byte once: start, size and how far it moved.

    The move is None if overlapping segments move differently. The header and the program header
    table are left out.
    """
    at, form = side.shape.segments_at
    (table,) = struct.unpack_from(side.order + form, side.header, at)
    end_of_table = table + len(side.segments) * struct.calcsize(side.order + side.shape.segment)
    held = [(0, side.shape.header, 0), (table, end_of_table, 0)]
    for row, move in zip(side.segments, moves, strict=True):
        offset, size = row[side.shape.offset_field], row[side.shape.size_field]
        if size:
            held.append((offset, offset + size, move))
    at = moved = 0
    for start, end, move in sorted(held):
        if start < at and move != moved:
            yield start, 0, None
        if end > at:
            yield from _without(max(start, at), end, move, (table, end_of_table), side.shape.header)
            at, moved = end, move


def _without(
    start: int, end: int, move: int, table: tuple[int, int], header: int
) -> Iterator[tuple[int, int, int]]:
    """Yield the parts of a range outside the header and the program header table."""
    start = max(start, header)
    for first, last in ((start, min(end, table[0])), (max(start, table[1]), end)):
        if last > first:
            yield first, last - first, move


def _first_difference(one: _Side, first: int, two: _Side, second: int, size: int) -> int | None:
    """Return the start of the first chunk that differs, or None."""
    done = 0
    while done < size:
        want = min(_CHUNK, size - done)
        left, right = one.read(first + done, want), two.read(second + done, want)
        if left != right or len(left) < want:
            return done
        done += want
    return None


def _sections_differ(one: _Side, two: _Side, *, only_tables: bool) -> str:
    before: dict[tuple[str, int, int, int, int], list[Section]] = {}
    for section in one.tables.sections:
        before.setdefault(_key(section), []).append(section)
    for section in two.tables.sections:
        if section.name == ".shstrtab":
            continue
        twins = before.get(_key(section), [])
        twin = twins.pop(0) if twins else None
        if twin is None:
            return f"the section {section.name[:60]!r} is new"
        compared = not only_tables or not section.flags & _ALLOC
        if (
            compared
            and _first_difference(one, twin.offset, two, section.offset, section.size) is not None
        ):
            return f"the section {section.name[:60]!r} differs"
    lost = next(
        (section for left in before.values() for section in left if not _may_go(section)), None
    )
    return "" if lost is None else f"the section {lost.name[:60]!r} is gone"


def _may_go(section: Section) -> bool:
    return not section.flags & _ALLOC and (
        section.kind in _UNLOADED or section.name.startswith(_DEBUG)
    )


def _key(section: Section) -> tuple[str, int, int, int, int]:
    return section.name, section.kind, section.flags, section.address, section.size
