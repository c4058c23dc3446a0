"""Reader of what the dynamic loader uses of an ELF file: header, program headers, dynamic section.

An image holds thousands of hostile ELF files, so reading is bounded: the stream ends after a few
MiB, and every table has a cap. The names of kinds and machines are those of pyelftools; its objects
would cost a hundred times what a table of numbers does. Sources: the System V ABI, chapters 4 and
5; ld.so(8) for RPATH, RUNPATH and $ORIGIN.
"""

import contextlib
import io
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from elftools.elf.enums import ENUM_E_MACHINE, ENUM_E_TYPE

from careen.errors import CareenError
from careen.model.machines import MAGIC

MIN_SIZE = 52  # the header of the smaller class

_MAX_PROGRAM_HEADERS = 1024
_MAX_PROGRAM_HEADER = 256  # bytes of one; the standard's have 32 and 56
_MAX_TAGS = 4096
_MAX_STRING = 4096
_MAX_READ = 4 << 20  # bytes of one file

_IDENT = 16
_BITS = {1: 32, 2: 64}
_BYTE_ORDERS = {1: "<", 2: ">"}
_HEADER = {32: "16xHH8xI10xHH6x", 64: "16xHH12xQ14xHH6x"}  # kind, machine, program headers
_SEGMENT = {32: "III4xI12x", 64: "I4xQQ8xQ16x"}
_TAG = {32: "iI", 64: "qQ"}
_LOAD, _DYNAMIC, _INTERPRETER = 1, 2, 3
_NULL, _NEEDED, _STRTAB, _STRSZ, _SONAME, _RPATH, _RUNPATH = 0, 1, 5, 10, 14, 15, 29
_NAMED = (_NEEDED, _SONAME, _RPATH, _RUNPATH)
_VERNEED, _VERDEF = 0x6FFFFFFE, 0x6FFFFFFC


@dataclass(frozen=True, slots=True)
class ElfInfo:
    """One ELF file; `bits` is 32 or 64, `machine` a short name or a decimal number.

    `kind` is `rel`, `exec`, `dyn`, `core` or the number; `interpreter` is PT_INTERP, "" without
    one. Search paths are split at `:` but not expanded (`$ORIGIN`). Strings that are not UTF-8
    carry surrogate escapes. `strings` is the offset and size of the dynamic string table in the
    file, `needs_at` and `defines_at` the offsets of the version tables (elf_versions.py); all 0 if
    absent. `device` is where programs for a GPU lie (offset, size), which no table of the loader
    says.
    """

    bits: int
    little_endian: bool
    machine: str
    kind: str
    interpreter: str = ""
    needed: tuple[str, ...] = ()
    soname: str = ""
    rpath: tuple[str, ...] = ()
    runpath: tuple[str, ...] = ()
    strings: tuple[int, int] = (0, 0)
    needs_at: int = 0
    defines_at: int = 0
    device: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The reason why a file that starts as ELF cannot be read."""

    reason: str


class _BadElfError(Exception):
    pass


def _names(numbers: Mapping[str, Any], prefix: str) -> dict[int, str]:
    """Return the short names of pyelftools' table by number."""
    return {
        number: name.removeprefix(prefix).lower()
        for name, number in numbers.items()
        if isinstance(number, int)
    }


_KINDS, _MACHINES = _names(ENUM_E_TYPE, "ET_"), _names(ENUM_E_MACHINE, "EM_")


class _Bounded(io.RawIOBase):
    """View of a stream that fails after `_MAX_READ` bytes; closing it leaves the stream open."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream
        self._size = stream.seek(0, io.SEEK_END)
        self._position = 0
        self._left = _MAX_READ

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._position = offset + (0, self._position, self._size)[whence]
        return self._position

    def readinto(self, buffer: Any) -> int:
        if self._position >= self._size:
            return 0
        self._stream.seek(self._position)
        data = self._stream.read(len(buffer))
        self._left -= len(data)
        if self._left < 0:
            msg = f"what the loader reads of it is spread over more than {_MAX_READ} bytes"
            raise _BadElfError(msg)
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)


@dataclass(frozen=True, slots=True)
class _Segment:
    kind: int
    offset: int
    address: int
    size: int


@contextlib.contextmanager
def _reading(what: str) -> Iterator[None]:
    """Raise _BadElfError that names `what` if the bytes end or an offset is invalid."""
    try:
        yield
    except (EOFError, OverflowError, ValueError) as error:
        msg = f"{what} lies beyond the end of the file"
        raise _BadElfError(msg) from error


def _exactly(stream: BinaryIO, offset: int, size: int) -> bytes:
    """Read so many bytes; raise EOFError, OverflowError or ValueError if they are not there."""
    stream.seek(offset)
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


def _segments(
    stream: BinaryIO, bits: int, order: str, where: tuple[int, int, int]
) -> list[_Segment]:
    offset, size, count = where
    layout = struct.Struct(order + _SEGMENT[bits])
    if count > _MAX_PROGRAM_HEADERS or (count and not layout.size <= size <= _MAX_PROGRAM_HEADER):
        msg = f"{count} program headers of {size} bytes"
        raise _BadElfError(msg)
    if not count:
        return []
    with _reading("the program header table"):
        table = _exactly(stream, offset, (count - 1) * size + layout.size)
    rows = (layout.unpack_from(table, number * size) for number in range(count))
    return [_Segment(kind, at, address, length) for kind, at, address, length in rows]


def _string(stream: BinaryIO, offset: int, what: str) -> str:
    with _reading(what):
        stream.seek(offset)
    text, end, _ = stream.read(_MAX_STRING + 1).partition(b"\0")
    if not end:
        msg = f"{what} has no end within {_MAX_STRING} bytes"
        raise _BadElfError(msg)
    return text.decode("utf-8", "surrogateescape")


def _tags(stream: BinaryIO, bits: int, order: str, dynamic: _Segment) -> Iterator[tuple[int, int]]:
    """Yield the tags of a dynamic segment up to DT_NULL or the segment's end."""
    layout = struct.Struct(order + _TAG[bits])
    count = dynamic.size // layout.size
    with _reading("the dynamic section"):
        stream.seek(dynamic.offset)
        table = stream.read(min(count, _MAX_TAGS) * layout.size)
    whole = len(table) // layout.size
    for tag, value in layout.iter_unpack(table[: whole * layout.size]):
        if tag == _NULL:
            return
        yield tag, value
    if whole < min(count, _MAX_TAGS):
        msg = "the dynamic section lies beyond the end of the file"
        raise _BadElfError(msg)
    if count > _MAX_TAGS:
        msg = f"more than {_MAX_TAGS} entries in the dynamic section"
        raise _BadElfError(msg)


def _file_offset(segments: list[_Segment], address: int) -> int:
    for segment in segments:
        if segment.kind == _LOAD and segment.address <= address < segment.address + segment.size:
            return address - segment.address + segment.offset
    msg = f"the string table's address {address:#x} is in no loaded segment"
    raise _BadElfError(msg)


def _dynamic_strings(
    stream: BinaryIO, segments: list[_Segment], tags: list[tuple[int, int]]
) -> tuple[Mapping[int, list[str]], tuple[int, int], tuple[int, int]]:
    strings: dict[int, list[str]] = {tag: [] for tag in _NAMED}
    named = [(tag, value) for tag, value in tags if tag in strings]
    address = next((value for tag, value in tags if tag == _STRTAB), None)
    if not named and address is None:
        return strings, (0, 0), (0, 0)
    if address is None:
        msg = "the dynamic section names no string table"
        raise _BadElfError(msg)
    start = _file_offset(segments, address)
    for tag, value in named:
        strings[tag].append(_string(stream, start + value, "a name in the dynamic section"))
    size = next((value for tag, value in tags if tag == _STRSZ), 0)
    if not size:
        return strings, (0, 0), (0, 0)
    return (
        strings,
        (start, size),
        (_table(segments, tags, _VERNEED), _table(segments, tags, _VERDEF)),
    )


def _table(segments: list[_Segment], tags: list[tuple[int, int]], kind: int) -> int:
    """Return the file offset of a symbol version table, or 0 if it is absent or not in the file."""
    address = next((value for tag, value in tags if tag == kind), None)
    try:
        return 0 if address is None else _file_offset(segments, address)
    except _BadElfError:
        # The loader's other tables are valid all the same.
        return 0


def _search_path(texts: list[str]) -> tuple[str, ...]:
    return tuple(item for text in texts for item in text.split(":") if item)


def _parse(stream: BinaryIO, bits: int, order: str) -> ElfInfo:
    layout = struct.Struct(order + _HEADER[bits])
    with _reading("the header"):
        kind, machine, *where = layout.unpack(_exactly(stream, 0, layout.size))
    segments = _segments(stream, bits, order, (where[0], where[1], where[2]))
    interpreter = next((each for each in segments if each.kind == _INTERPRETER), None)
    dynamic = next((each for each in segments if each.kind == _DYNAMIC), None)
    tags = list(_tags(stream, bits, order, dynamic)) if dynamic is not None else []
    strings, table, versions = _dynamic_strings(stream, segments, tags)
    return ElfInfo(
        bits=bits,
        little_endian=order == "<",
        machine=_MACHINES.get(machine, str(machine)),
        kind=_KINDS.get(kind, str(kind)),
        interpreter=""
        if interpreter is None
        else _string(stream, interpreter.offset, "the interpreter's name"),
        needed=tuple(dict.fromkeys(strings[_NEEDED])),
        soname=next(iter(strings[_SONAME]), ""),
        rpath=_search_path(strings[_RPATH]),
        runpath=_search_path(strings[_RUNPATH]),
        strings=table,
        needs_at=versions[0],
        defines_at=versions[1],
    )


def elf_info(stream: BinaryIO) -> ElfInfo | Unreadable | None:
    """Read an ELF file from a seekable stream at any position.

    Returns None if the first four bytes are not ELF's, and `Unreadable` if the file is broken.
    Never raises for the file's content; errors of the stream (OSError, CareenError) pass through.
    """
    stream.seek(0)
    ident = stream.read(_IDENT)
    if not ident.startswith(MAGIC):
        return None
    if len(ident) < _IDENT:
        return Unreadable(f"ends within its first {_IDENT} bytes")
    if ident[4] not in _BITS:
        return Unreadable(f"unknown class {ident[4]}")
    if ident[5] not in _BYTE_ORDERS:
        return Unreadable(f"unknown byte order {ident[5]}")
    try:
        with io.BufferedReader(_Bounded(stream)) as bounded:
            return _parse(bounded, _BITS[ident[4]], _BYTE_ORDERS[ident[5]])
    except (CareenError, OSError, MemoryError):
        raise
    except (_BadElfError, EOFError, OverflowError, ValueError) as error:
        return Unreadable(str(error) or type(error).__name__)
