"""Removal of an ELF file's symbol table and debug sections, which no loader reads.

Nothing that a segment holds changes its address. The file keeps its bytes up to the end of its last
segment; the remaining sections follow, then a new section table. Removed sections between two
segments leave a gap: the bytes after it move up by whole pages, and program headers follow. A file
that is not laid out as linkers or `patchelf` do is left alone. Sources: the System V ABI, chapters
4 and 5; ld.so(8), elf(5).
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO, NamedTuple, NoReturn

from careen.formats.elf.gaps import Gaps, gaps_of
from careen.model.machines import MAGIC

MAX_SECTIONS = 4096  # as in elf_sections.py; a lying header has 2**64
MAX_SEGMENTS = 1024
MAX_NAMES = 1 << 20  # bytes of the table of section names
MAX_SLACK = 4096  # zeros between two parts of a file, for alignment
MAX_PAGE = 1 << 16  # zeros before a segment: the largest page size that files are built for

_IDENT = 16
_HEADER = {1: "16xHHIIIIIHHHHHH", 2: "16xHHIQQQIHHHHHH"}
_SECTION = {1: "IIIIIIIIII", 2: "IIQQQQIIQQ"}
_SEGMENT = {1: "IIIIIIII", 2: "IIQQQQQQ"}
_SEGMENT_FIELDS = {1: (0, 1, 4, 7), 2: (0, 2, 5, 7)}  # kind, offset, size in the file, alignment
_TABLE_AT = {1: (32, "I"), 2: (40, "Q")}  # e_shoff
_COUNTS_AT = {1: 48, 2: 60}  # e_shnum and e_shstrndx, two bytes each
_ORDER = {1: "<", 2: ">"}
_ALIGNMENT = {1: 4, 2: 8}

_EXEC, _DYN = 2, 3
_NULL, _PROGBITS, _SYMTAB, _STRTAB, _RELA, _NOTE, _NOBITS, _REL, _SYMTAB_SHNDX = (
    0,
    1,
    2,
    3,
    4,
    7,
    8,
    9,
    18,
)
_MIPS_DWARF = 0x7000001E
_ALLOC, _EXECUTABLE, _INFO_LINK = 0x2, 0x4, 0x40
_DYNAMIC = 2
_FARTHEST = 1 << 63  # no stream can seek there
_LARGEST = {1: (1 << 32) - 1, 2: (1 << 64) - 1}  # offsets that a header can hold

# SPARC to LoongArch; no GPUs, BPF or firmware.
_PROCESSORS = frozenset({2, 3, 8, 15, 18, 20, 21, 22, 40, 43, 62, 183, 243, 258})
_DEBUG = (".debug_", ".zdebug_", ".stab", ".gnu.debuglto_")
_DEBUG_NAMES = frozenset({".debug", ".line", ".gdb_index"})
_PASSIVE = (".note", ".comment", ".gnu.warning.", ".gnu.lto_", ".gnu.build.attributes", ".llvm")
_PASSIVE_NAMES = frozenset({
    ".shstrtab", ".gnu_debuglink", ".gnu_debugaltlink", ".gnu_debugdata", ".gnu.attributes",
    ".ARM.attributes", ".riscv.attributes", ".GCC.command.line", ".annobin.notes", ".dep-v0",
    ".rustc", ".deplibs", ".ctf", ".BTF", ".stapsdt.base",
})  # fmt: skip
_GO = frozenset({".go.buildinfo", ".gopclntab", ".data.rel.ro.gopclntab"})
_SIGNED = frozenset({".note.fdo.integrity", ".sha256_sig", ".sig_key", ".signature", ".sig"})
_APPIMAGE = b"AI"  # in the header's padding, at byte 8


class Span(NamedTuple):
    """A range of the original file."""

    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class StrippedElf:
    """A file without its symbol table and debug sections.

    `saved` is the number of bytes saved, `sections` the names of the removed sections.
    """

    parts: tuple[Span | bytes, ...]
    size: int
    saved: int
    sections: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnchangedElf:
    """A file that is left alone despite removable sections: why, and how many bytes they have."""

    reason: str
    size: int


@dataclass(frozen=True, slots=True)
class _Section:
    name: str
    row: tuple[int, ...]

    @property
    def kind(self) -> int:
        return self.row[1]

    @property
    def flags(self) -> int:
        return self.row[2]

    @property
    def offset(self) -> int:
        return self.row[4]

    @property
    def size(self) -> int:
        """Number of bytes in the file."""
        return 0 if self.kind in (_NULL, _NOBITS) else self.row[5]

    @property
    def end(self) -> int:
        return self.offset + self.size

    @property
    def link(self) -> int:
        return self.row[6]

    @property
    def info(self) -> int:
        return self.row[7]

    @property
    def is_loaded(self) -> bool:
        return bool(self.flags & _ALLOC)

    @property
    def is_debug(self) -> bool:
        named = self.name.startswith(_DEBUG) or self.name in _DEBUG_NAMES
        return named and not self.is_loaded and self.kind in (_PROGBITS, _STRTAB, _MIPS_DWARF)


class _Segment(NamedTuple):
    kind: int
    offset: int
    size: int
    align: int
    row: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _File:
    """The header's numbers and both tables of a file."""

    bits: int
    order: str
    size: int
    kind: int
    machine: int
    header: bytes
    table: int  # offset of the section table
    names: int
    segments: tuple[_Segment, ...]
    segment_table: tuple[int, int]
    sections: tuple[_Section, ...]


class _UnsupportedElfError(Exception):
    pass


def _unsupported(reason: str) -> NoReturn:
    raise _UnsupportedElfError(reason)


class _Names:
    """Builder of a table of section names."""

    def __init__(self) -> None:
        self.data = bytearray(b"\0")
        self._places: dict[str, int] = {"": 0}

    def add(self, name: str) -> int:
        if name not in self._places:
            self._places[name] = len(self.data)
            self.data += name.encode("latin-1") + b"\0"
        return self._places[name]


def without_symbols(stream: BinaryIO, size: int) -> StrippedElf | UnchangedElf | None:
    """Return an ELF file of `size` bytes without its symbol table and debug sections.

    Returns None if it has neither, or is not an ELF file with a section table. Reads only tables
    and the bytes between sections. Never raises for the file's content.
    """
    try:
        file = _read(stream, size)
    except _UnsupportedElfError as odd:
        return UnchangedElf(str(odd), 0)
    if file is None:
        return None
    unloaded = _symbol_tables(file) | {
        number for number, section in enumerate(file.sections) if section.is_debug
    }
    if not unloaded:
        return None
    unused = sum(file.sections[number].size for number in unloaded)
    try:
        _check(file)
        return _lighter(stream, file, unloaded)
    except _UnsupportedElfError as odd:
        return UnchangedElf(str(odd), min(unused, size))


def _read(stream: BinaryIO, size: int) -> _File | None:
    stream.seek(0)
    head = stream.read(64)
    if (
        not head.startswith(MAGIC)
        or len(head) <= _IDENT
        or head[4] not in _HEADER
        or head[5] not in _ORDER
    ):
        return None
    bits, order = head[4], _ORDER[head[5]]
    layout = struct.Struct(order + _HEADER[bits])
    if len(head) < layout.size:
        return None
    (
        kind,
        machine,
        _,
        _,
        segment_at,
        table,
        _,
        _,
        segment_size,
        segment_count,
        section_size,
        count,
        names,
    ) = layout.unpack_from(head)
    if not table or not count:
        return None
    segments = _rows(
        stream,
        size,
        order + _SEGMENT[bits],
        (segment_at, segment_size, segment_count),
        MAX_SEGMENTS,
    )
    rows = _rows(stream, size, order + _SECTION[bits], (table, section_size, count), MAX_SECTIONS)
    if not 0 < names < len(rows):
        _unsupported("it has no section names")
    texts = _at(stream, rows[names][4], min(rows[names][5], MAX_NAMES))
    kind_at, at, length, align = _SEGMENT_FIELDS[bits]
    return _File(
        bits,
        order,
        size,
        kind,
        machine,
        head[: layout.size],
        table,
        names,
        tuple(_Segment(row[kind_at], row[at], row[length], row[align], row) for row in segments),
        (segment_at, segment_count * segment_size if segments else 0),
        tuple(_Section(_text(texts, row[0]), row) for row in rows),
    )


def _rows(
    stream: BinaryIO, size: int, layout: str, where: tuple[int, int, int], limit: int
) -> list[tuple[int, ...]]:
    offset, each, count = where
    entry = struct.Struct(layout)
    if not count:
        return []
    if count > limit or each != entry.size or offset + count * each > size:
        _unsupported(f"{count} headers of {each} bytes at {offset}")
    return list(entry.iter_unpack(_at(stream, offset, count * each)))


def _at(stream: BinaryIO, offset: int, number: int) -> bytes:
    if offset < _FARTHEST:
        stream.seek(offset)
        if len(data := stream.read(number)) == number:
            return data
    _unsupported("it ends within its tables")


def _text(names: bytes, start: int) -> str:
    end = names.find(b"\0", start, start + 256)
    if end < 0:
        _unsupported("a section's name has no end")
    return names[start:end].decode("latin-1")


def _symbol_tables(file: _File) -> set[int]:
    """Return the numbers of the symbol tables and of the sections that only they use."""
    tables = {
        number
        for number, section in enumerate(file.sections)
        if section.kind == _SYMTAB and not section.is_loaded and section.size
    }
    kinds = {segment.kind for segment in file.segments}
    # Without a dynamic segment, the symbol table is the only list of linked code, and scanners read
    # it. Go's tables stay, too.
    if _DYNAMIC not in kinds or any(section.name in _GO for section in file.sections):
        return set()
    shared = {section.link for number, section in enumerate(file.sections) if number not in tables}
    strings = {
        file.sections[number].link
        for number in tables
        if file.sections[number].link < len(file.sections)
    } - shared
    found = {
        number
        for number in strings
        if file.sections[number].kind == _STRTAB and not file.sections[number].is_loaded
    }
    indices = {
        number
        for number, section in enumerate(file.sections)
        if section.kind == _SYMTAB_SHNDX and section.link in tables
    }
    return tables | found | indices


def _check(file: _File) -> None:
    """Raise _OddError for a file that careen never changes."""
    names = {section.name for section in file.sections}
    if file.kind not in (_EXEC, _DYN):
        _unsupported("it is an object file, not a program or a shared library")
    names_of = file.sections[file.names]
    if names_of.kind != _STRTAB or names_of.is_loaded:
        _unsupported("its section names are in no table of their own")
    if any(file.sections[0].row):
        _unsupported("its first section header is not empty")
    if file.machine not in _PROCESSORS:
        _unsupported("it is not for a processor that runs containers")
    if file.header[8:10] == _APPIMAGE:
        _unsupported("it is an AppImage, which reads itself")
    if not names.isdisjoint(_SIGNED):
        _unsupported("it carries a signature or a checksum of itself")
    if any(section.flags & _EXECUTABLE and section.kind == _NOBITS for section in file.sections):
        _unsupported("it holds debug information alone, apart from its program")
    if any(segment.offset + segment.size > file.size for segment in file.segments):
        _unsupported("a segment lies beyond its end")
    if any(section.size and section.end > file.size for section in file.sections):
        _unsupported("a section lies beyond its end")


def _lighter(stream: BinaryIO, file: _File, unloaded: set[int]) -> StrippedElf:
    held = _held(file)
    core = max(end for _, end in held)
    gaps = _gaps(file, held, unloaded)
    entry = struct.Struct(file.order + _SECTION[file.bits])
    loose = {
        number
        for number, section in enumerate(file.sections)
        if not section.is_loaded and gaps.frees(section.offset, section.size, core)
    }
    unloaded &= loose
    if not unloaded:
        _unsupported("they lie among what is loaded")
    _check_loose(stream, file, gaps, core, loose - unloaded)
    # Removing a header shifts the numbers of those after it. Loaded symbols refer to sections by
    # number, so an empty header takes its place there.
    last = max(
        (number for number, section in enumerate(file.sections) if section.is_loaded), default=0
    )
    if any(
        section.kind == _SYMTAB and number not in unloaded
        for number, section in enumerate(file.sections)
    ):
        # A remaining symbol table refers to sections by number, too.
        last = len(file.sections) - 1
    left_out = {number for number in unloaded if number > last} | (
        {file.names} if file.names > last else set()
    )
    numbers: dict[int, int] = {}
    for number in range(len(file.sections)):
        if number not in left_out:
            numbers[number] = len(numbers)
    parts: list[Span | bytes] = []
    rows: list[tuple[int, ...]] = []
    texts = _Names()
    core -= gaps.shift
    at = core
    for number, section in enumerate(file.sections):
        if number in left_out:
            continue
        if number == 0 or number in unloaded or number == file.names:
            rows.append((0,) * len(section.row))
            continue
        offset = gaps.moved(section.offset)
        if number in loose:
            gap = -at % _alignment(section)
            parts += [bytes(gap), Span(section.offset, section.size)]
            offset = at + gap if section.size else core
            at = offset + section.size if section.size else at + gap
        rows.append(
            _renumbered(
                replace(
                    section,
                    row=(texts.add(section.name), *section.row[1:4], offset, *section.row[5:]),
                ),
                numbers,
                unloaded,
                file.names,
            )
        )
    named = len(rows)
    name = texts.add(".shstrtab")
    rows.append((name, _STRTAB, 0, 0, at, len(texts.data), 0, 0, 1, 0))
    parts.append(bytes(texts.data))
    at += len(texts.data)
    gap = -at % _ALIGNMENT[file.bits]
    if at + gap > _LARGEST[file.bits]:
        _unsupported("it is too large for its class")
    parts.append(bytes(gap) + b"".join(entry.pack(*row) for row in rows))
    size = at + gap + len(rows) * entry.size
    if size >= file.size:
        _unsupported("it would not get smaller")
    head = bytearray(file.header)
    place, form = _TABLE_AT[file.bits]
    struct.pack_into(file.order + form, head, place, at + gap)
    struct.pack_into(file.order + "HH", head, _COUNTS_AT[file.bits], len(rows), named)
    whole = (bytes(head), *_loaded(file, gaps, core), *parts)
    return StrippedElf(
        _joined(whole),
        size,
        file.size - size,
        tuple(file.sections[number].name for number in sorted(unloaded)),
    )


def _held(file: _File) -> list[tuple[int, int]]:
    """Return the ranges of header, segments and loaded sections, which keep their bytes."""
    start, length = file.segment_table
    held = [(0, len(file.header)), (start, start + length)]
    held += [
        (segment.offset, segment.offset + segment.size) for segment in file.segments if segment.size
    ]
    held += [
        (section.offset, section.end)
        for section in file.sections
        if section.is_loaded and section.size
    ]
    return held


def _gaps(file: _File, held: Sequence[tuple[int, int]], unloaded: set[int]) -> Gaps:
    """Return the gaps to close; none if the table of program headers would move."""
    start, length = file.segment_table
    unused = [file.sections[number].offset for number in unloaded if file.sections[number].size]
    gaps = gaps_of(held, unused, [(segment.offset, segment.align) for segment in file.segments])
    first = min((gap.start for gap in gaps.closed), default=0)
    return gaps if len(file.header) <= start and start + length <= first else Gaps()


def _loaded(file: _File, gaps: Gaps, core: int) -> Iterator[Span | bytes]:
    """Yield the parts after the header up to the end of the loaded ranges, now at `core`."""
    at = len(file.header)
    if gaps.closed:
        start, length = file.segment_table
        entry = struct.Struct(file.order + _SEGMENT[file.bits])
        field = _SEGMENT_FIELDS[file.bits][1]
        rows = (
            (*row[:field], gaps.moved(offset), *row[field + 1 :])
            for _, offset, _, _, row in file.segments
        )
        yield Span(at, start - at)
        yield b"".join(entry.pack(*row) for row in rows)
        at = start + length
    for gap in gaps.closed:
        yield Span(at, gap.start - at)
        yield bytes(gap.end - gap.start - gap.shift)
        at = gap.end
    yield Span(at, core + gaps.shift - at)


def _check_loose(stream: BinaryIO, file: _File, gaps: Gaps, core: int, staying: set[int]) -> None:
    """Raise _OddError for unloaded bytes that may be more than a linker's records."""
    for start, end in (*((gap.start, gap.end) for gap in gaps.closed), (core, file.size)):
        _check_between(stream, file, start, end)
    for number in sorted(staying):
        section = file.sections[number]
        if number and not _is_known(section):
            _unsupported(
                f"it has a section {section.name[:60]!r}, which may be data that it reads itself"
            )


def _is_known(section: _Section) -> bool:
    """Return whether a remaining section can be moved: no reader finds it by its offset."""
    if not section.size or section.is_debug:
        return True
    if section.kind in (_SYMTAB, _SYMTAB_SHNDX, _NOTE):
        return True
    if section.kind == _STRTAB:
        return section.name in (".strtab", ".shstrtab")
    return section.kind == _PROGBITS and (
        section.name.startswith(_PASSIVE) or section.name in _PASSIVE_NAMES
    )


def _check_between(stream: BinaryIO, file: _File, first: int, last: int) -> None:
    """Raise _OddError for bytes of a range that are in no section."""
    entry = struct.calcsize(file.order + _SECTION[file.bits])
    held = [(section.offset, section.end) for section in file.sections if section.size]
    held.append((file.table, file.table + entry * len(file.sections)))
    at = first
    for start, end in [*sorted(pair for pair in held if pair[0] < last), (last, last)]:
        if start > at and not _is_slack(
            stream, at, start - at, MAX_PAGE if last < file.size else MAX_SLACK
        ):
            # A program may find such a payload from the end of its own file.
            _unsupported("bytes that are in no section lie behind what is loaded")
        if (start < at and end > first) or end > last:
            _unsupported("its sections overlap")
        at = max(at, end)


def _is_slack(stream: BinaryIO, offset: int, size: int, most: int) -> bool:
    return size <= most and not any(_at(stream, offset, size))


def _alignment(section: _Section) -> int:
    align = section.row[8]
    return align if 0 < align <= MAX_SLACK and align & (align - 1) == 0 else 1


def _renumbered(
    section: _Section, numbers: dict[int, int], unloaded: set[int], file_names: int
) -> tuple[int, ...]:
    """Return a section's header with the new numbers of the sections that it refers to."""
    link, info = section.link, section.info
    relocations = section.kind in (_RELA, _REL)
    if link in unloaded:
        if not (relocations and section.is_loaded):
            _unsupported(f"its section {section.name[:60]!r} needs the symbol table")
        link = 0
    if info and (relocations or section.flags & _INFO_LINK):
        if info not in numbers:
            _unsupported(f"its section {section.name[:60]!r} names one that would go")
        info = numbers[info]
    if link and (link not in numbers or link == file_names):
        _unsupported(f"its section {section.name[:60]!r} names one that would go")
    return (*section.row[:6], numbers.get(link, 0), info, *section.row[8:])


def _joined(parts: Sequence[Span | bytes]) -> tuple[Span | bytes, ...]:
    return tuple(_merged(part for part in parts if (part.size if isinstance(part, Span) else part)))


def _merged(parts: Iterator[Span | bytes]) -> Iterator[Span | bytes]:
    held: Span | bytes | None = None
    for part in parts:
        if isinstance(held, bytes) and isinstance(part, bytes):
            held += part
        elif (
            isinstance(held, Span)
            and isinstance(part, Span)
            and held.offset + held.size == part.offset
        ):
            held = Span(held.offset, held.size + part.size)
        else:
            if held is not None:
                yield held
            held = part
    if held is not None:
        yield held
