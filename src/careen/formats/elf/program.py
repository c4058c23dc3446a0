"""Reader of what the dynamic loader uses of an ELF file: header, program headers, dynamic section.

An image holds thousands of hostile ELF files, so reading is bounded. pyelftools gets a stream that
ends after a few MiB and has no section table, and every table has a cap. Any exception of the
library becomes a reason. Source: ld.so(8) for RPATH, RUNPATH and $ORIGIN.
"""

import contextlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from elftools.common.exceptions import ELFParseError
from elftools.common.utils import struct_parse
from elftools.elf.elffile import ELFFile
from elftools.elf.segments import Segment

from careen.errors import CareenError

MAGIC = b"\x7fELF"
MIN_SIZE = 52  # the header of the smaller class

_MAX_PROGRAM_HEADERS = 1024
_MAX_PROGRAM_HEADER = 256  # bytes of one; the standard's have 32 and 56
_MAX_TAGS = 4096
_MAX_STRING = 4096
_MAX_READ = 4 << 20  # bytes of one file

_IDENT = 16
_CLASSES = (1, 2)  # 32 and 64 bits
_BYTE_ORDERS = (1, 2)  # little and big endian


@dataclass(frozen=True, slots=True)
class ElfInfo:
    """One ELF file; `bits` is 32 or 64, `machine` a short name or a decimal number.

    `kind` is `rel`, `exec`, `dyn`, `core` or the number; `interpreter` is PT_INTERP, "" without
    one. Search paths are split at `:` but not expanded (`$ORIGIN`). Strings that are not UTF-8
    carry surrogate escapes. `strings` is the offset and size of the dynamic string table in the
    file, `needs_at` and `defines_at` the offsets of the version tables (elf_versions.py); all 0 if
    absent.
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


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The reason why a file that starts as ELF cannot be read."""

    reason: str


class _BadElfError(Exception):
    pass


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


class _WithoutSections(ELFFile):
    """An ELF file without its section table, which the loader does not read either."""

    def num_sections(self) -> int:
        return 0


@contextlib.contextmanager
def _reading(what: str) -> Iterator[None]:
    """Raise _BadElfError that names `what` if the bytes end or an offset is invalid."""
    try:
        yield
    except (ELFParseError, OverflowError, ValueError) as error:
        msg = f"{what} lies beyond the end of the file"
        raise _BadElfError(msg) from error


def _segments(elf: ELFFile) -> list[Segment]:
    count, size = elf["e_phnum"], elf["e_phentsize"]
    if count > _MAX_PROGRAM_HEADERS or (
        count and not elf.structs.Elf_Phdr.sizeof() <= size <= _MAX_PROGRAM_HEADER
    ):
        msg = f"{count} program headers of {size} bytes"
        raise _BadElfError(msg)
    with _reading("the program header table"):
        return list(elf.iter_segments())


def _string(stream: BinaryIO, offset: int, what: str) -> str:
    with _reading(what):
        stream.seek(offset)
    text, end, _ = stream.read(_MAX_STRING + 1).partition(b"\0")
    if not end:
        msg = f"{what} has no end within {_MAX_STRING} bytes"
        raise _BadElfError(msg)
    return text.decode("utf-8", "surrogateescape")


def _tags(elf: ELFFile, dynamic: Segment) -> Iterator[tuple[str | int, int]]:
    """Yield the tags of a dynamic segment up to DT_NULL or the segment's end."""
    struct = elf.structs.Elf_Dyn
    size = struct.sizeof()
    count = dynamic["p_filesz"] // size
    for i in range(min(count, _MAX_TAGS + 1)):
        with _reading("the dynamic section"):
            tag = struct_parse(struct, elf.stream, stream_pos=dynamic["p_offset"] + i * size)
        if tag.d_tag == "DT_NULL":
            return
        yield tag.d_tag, tag.d_val
    if count > _MAX_TAGS:
        msg = f"more than {_MAX_TAGS} entries in the dynamic section"
        raise _BadElfError(msg)


def _file_offset(segments: list[Segment], address: int) -> int:
    for segment in segments:
        if (
            segment["p_type"] == "PT_LOAD"
            and segment["p_vaddr"] <= address < segment["p_vaddr"] + segment["p_filesz"]
        ):
            return int(address - segment["p_vaddr"] + segment["p_offset"])
    msg = f"the string table's address {address:#x} is in no loaded segment"
    raise _BadElfError(msg)


def _dynamic_strings(
    stream: BinaryIO, elf: ELFFile, segments: list[Segment]
) -> tuple[Mapping[str, list[str]], tuple[int, int], tuple[int, int]]:
    strings: dict[str, list[str]] = {
        "DT_NEEDED": [],
        "DT_SONAME": [],
        "DT_RPATH": [],
        "DT_RUNPATH": [],
    }
    dynamic = next((segment for segment in segments if segment["p_type"] == "PT_DYNAMIC"), None)
    tags = list(_tags(elf, dynamic)) if dynamic is not None else []
    named = [(tag, value) for tag, value in tags if tag in strings]
    address = next((value for tag, value in tags if tag == "DT_STRTAB"), None)
    if not named and address is None:
        return strings, (0, 0), (0, 0)
    if address is None:
        msg = "the dynamic section names no string table"
        raise _BadElfError(msg)
    start = _file_offset(segments, address)
    for tag, value in named:
        strings[str(tag)].append(_string(stream, start + value, "a name in the dynamic section"))
    size = next((value for tag, value in tags if tag == "DT_STRSZ"), 0)
    if not size:
        return strings, (0, 0), (0, 0)
    return (
        strings,
        (start, size),
        (_table(segments, tags, "DT_VERNEED"), _table(segments, tags, "DT_VERDEF")),
    )


def _table(segments: list[Segment], tags: list[tuple[str | int, int]], kind: str) -> int:
    """Return the file offset of a symbol version table, or 0 if it is absent or not in the file."""
    address = next((value for tag, value in tags if tag == kind), None)
    try:
        return 0 if address is None else _file_offset(segments, address)
    except _BadElfError:
        # The loader's other tables are valid all the same.
        return 0


def _search_path(texts: list[str]) -> tuple[str, ...]:
    return tuple(item for text in texts for item in text.split(":") if item)


def _parse(stream: BinaryIO) -> ElfInfo:
    with _reading("the header"):
        elf = _WithoutSections(stream)
    segments = _segments(elf)
    interpreter = next((segment for segment in segments if segment["p_type"] == "PT_INTERP"), None)
    strings, table, versions = _dynamic_strings(stream, elf, segments)
    return ElfInfo(
        bits=elf.elfclass,
        little_endian=elf.little_endian,
        machine=str(elf["e_machine"]).removeprefix("EM_").lower(),
        kind=str(elf["e_type"]).removeprefix("ET_").lower(),
        interpreter=""
        if interpreter is None
        else _string(stream, interpreter["p_offset"], "the interpreter's name"),
        needed=tuple(dict.fromkeys(strings["DT_NEEDED"])),
        soname=next(iter(strings["DT_SONAME"]), ""),
        rpath=_search_path(strings["DT_RPATH"]),
        runpath=_search_path(strings["DT_RUNPATH"]),
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
    if ident[4] not in _CLASSES:
        return Unreadable(f"unknown class {ident[4]}")
    if ident[5] not in _BYTE_ORDERS:
        return Unreadable(f"unknown byte order {ident[5]}")
    try:
        with io.BufferedReader(_Bounded(stream)) as bounded:
            return _parse(bounded)
    except (CareenError, OSError, MemoryError):
        raise
    # Any exception of the library over hostile bytes is the reason.
    except Exception as error:  # noqa: BLE001
        return Unreadable(str(error) or type(error).__name__)
