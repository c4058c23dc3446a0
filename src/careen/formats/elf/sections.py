"""The section table of an ELF file, which the loader does not read.

pyelftools is not used here: an image has thousands of ELF files, and its objects cost a hundred
times what a table of numbers does. Source: the System V ABI, chapters 4 and 5.
"""

import struct
from dataclasses import dataclass
from typing import BinaryIO

from careen.formats.elf.program import Unreadable
from careen.model.machines import MAGIC

# Objects with one section per function have more, but are no programs. A lying header has 2**64.
MAX_SECTIONS = 4096
MAX_NAMES = 1 << 20  # bytes of the table of section names
MAX_SEGMENTS = 1024

_HEADER = {1: struct.Struct("16xHHIIIIIHHHHHH"), 2: struct.Struct("16xHHIQQQIHHHHHH")}
_SECTION = {1: struct.Struct("IIIIII16x"), 2: struct.Struct("IIQQQQ24x")}
_SEGMENT = {1: struct.Struct("IIIIIIII"), 2: struct.Struct("IIQQQQQQ")}
_SEGMENT_FIELDS = {1: (0, 6, 1, 2, 4), 2: (0, 1, 2, 3, 5)}  # kind, flags, offset, address, size
_ORDER = {1: "<", 2: ">"}
_NOBITS = 8
_ZEROED = 0xFFFF
_LOAD = 1


@dataclass(frozen=True, slots=True)
class Section:
    """One section with bytes in the file; `offset` and `size` lie within the file."""

    name: str
    kind: int
    flags: int
    address: int
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class Segment:
    """One loaded segment: `size` bytes of the file from `offset` are loaded at `address`.

    `flags` as in the ABI (1 execute, 2 write, 4 read).
    """

    flags: int
    offset: int
    address: int
    size: int


@dataclass(frozen=True, slots=True)
class ElfTables:
    """Section and program header tables; `bits` is 32 or 64, `order` `<` or `>` as in struct.

    `machine` is the ABI's number. `sections` is empty if the table was stripped (`sstrip`, UPX).
    """

    bits: int
    order: str
    machine: int
    size: int
    sections: tuple[Section, ...]
    segments: tuple[Segment, ...]

    def section(self, name: str) -> Section | None:
        """Return the first section of this name."""
        return next((item for item in self.sections if item.name == name), None)


def elf_tables(stream: BinaryIO, size: int) -> ElfTables | Unreadable:
    """Read the section and program header tables of an ELF file of `size` bytes.

    Never raises for the file's content.
    """
    stream.seek(0)
    head = stream.read(64)
    if (
        not head.startswith(MAGIC)
        or len(head) < 52  # noqa: PLR2004
        or head[4] not in _HEADER
        or head[5] not in _ORDER
    ):
        return Unreadable("its ELF header is cut short or of an unknown class")
    bits, order = head[4], _ORDER[head[5]]
    layout = struct.Struct(order + _HEADER[bits].format)
    if len(head) < layout.size:
        return Unreadable("its ELF header is cut short")
    (
        _,
        machine,
        _,
        _,
        segment_at,
        section_at,
        _,
        _,
        segment_size,
        segments,
        section_size,
        sections,
        names,
    ) = layout.unpack_from(head)
    loaded = _segments(
        stream, size, order + _SEGMENT[bits].format, bits, (segment_at, segment_size, segments)
    )
    found = _sections(
        stream, size, order + _SECTION[bits].format, (section_at, section_size, sections, names)
    )
    if isinstance(found, Unreadable):
        return found
    if isinstance(loaded, Unreadable):
        return loaded
    return ElfTables(32 * bits, order, machine, size, found, loaded)


def _segments(
    stream: BinaryIO, size: int, layout: str, bits: int, where: tuple[int, int, int]
) -> tuple[Segment, ...] | Unreadable:
    offset, each, count = where
    entry = struct.Struct(layout)
    if not count or not offset:
        return ()
    if count > MAX_SEGMENTS or each != entry.size:
        return Unreadable(f"{count} program headers of {each} bytes")
    if offset + count * each > size:
        return Unreadable("its program headers lie beyond the end of the file")
    stream.seek(offset)
    out: list[Segment] = []
    for row in entry.iter_unpack(_exactly(stream, count * each)):
        kind, flags, at, address, length = (row[i] for i in _SEGMENT_FIELDS[bits])
        if kind == _LOAD and at < size:
            out.append(Segment(flags, at, address, min(length, size - at)))
    return tuple(out)


def _sections(
    stream: BinaryIO, size: int, layout: str, where: tuple[int, int, int, int]
) -> tuple[Section, ...] | Unreadable:
    offset, each, count, names_index = where
    entry = struct.Struct(layout)
    if not offset or (not count and not each):
        return ()
    if each != entry.size:
        return Unreadable(f"section headers of {each} bytes")
    if offset + each > size:
        return Unreadable("its section headers lie beyond the end of the file")
    stream.seek(offset)
    first = entry.unpack(_exactly(stream, each))
    # With more than 65,279 sections, the first one's size holds the number.
    count = count or first[5]
    if count > MAX_SECTIONS:
        return Unreadable(f"{count} sections, more than the {MAX_SECTIONS} that are read")
    if offset + count * each > size:
        return Unreadable("its section headers lie beyond the end of the file")
    stream.seek(offset)
    rows = list(entry.iter_unpack(_exactly(stream, count * each)))
    if names_index == _ZEROED or names_index >= len(rows):
        return Unreadable(
            f"its section names are said to be in section {names_index} of {len(rows)}"
        )
    names = _names(stream, size, rows[names_index]) if names_index else b""
    out: list[Section] = []
    for name, kind, flags, address, at, length in rows:
        if kind == _NOBITS or not length or at >= size:
            continue
        out.append(Section(_text(names, name), kind, flags, address, at, min(length, size - at)))
    return tuple(out)


def _exactly(stream: BinaryIO, number: int) -> bytes:
    return stream.read(number).ljust(number, b"\0")


def _names(stream: BinaryIO, size: int, row: tuple[int, ...]) -> bytes:
    offset, length = row[4], row[5]
    if offset >= size:
        return b""
    stream.seek(offset)
    return stream.read(min(length, MAX_NAMES, size - offset))


def _text(names: bytes, start: int) -> str:
    end = names.find(b"\0", start, start + 256)
    return names[start : end if end >= 0 else start].decode("latin-1")
