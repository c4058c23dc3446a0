"""What the dynamic loader reads of an ELF file: header, program headers, dynamic section. Nothing else is read, symbol tables least of all.

Source: System V gABI, chapters 4 and 5; ld.so(8) for RPATH, RUNPATH and $ORIGIN. An image holds thousands of ELF files and every one is
hostile, so each read is bounded, no offset is trusted, and no table is followed further than its cap.
"""

import struct
from dataclasses import dataclass
from typing import BinaryIO

MAGIC = b"\x7fELF"
MIN_SIZE = 52  # the header of the smaller class

_MAX_PROGRAM_HEADERS = 1024
_MAX_DYNAMIC = 1 << 20
_MAX_STRING = 4096
_MAX_NEEDED = 4096

_PT_LOAD, _PT_DYNAMIC, _PT_INTERP = 1, 2, 3
_DT_NULL, _DT_NEEDED, _DT_STRTAB, _DT_SONAME, _DT_RPATH, _DT_RUNPATH = 0, 1, 5, 14, 15, 29

_TYPES = {1: "rel", 2: "exec", 3: "dyn", 4: "core"}
_MACHINES = {
    3: "386",
    8: "mips",
    20: "ppc",
    21: "ppc64",
    22: "s390",
    40: "arm",
    62: "x86_64",
    183: "aarch64",
    190: "cuda",
    243: "riscv",
    247: "bpf",
    258: "loongarch",
}


@dataclass(frozen=True, slots=True)
class ElfInfo:
    """One ELF file. `bits` is 32 or 64; `machine` a short name or the number in decimal; `kind` is `rel`, `exec`, `dyn`, `core` or the number.

    `interpreter` is PT_INTERP ("" without one); `needed`, `soname`, `rpath` and `runpath` are the dynamic section's, search paths split at `:`, as
    stored: `$ORIGIN`, `${ORIGIN}` and the like are not expanded here. Strings that are not UTF-8 carry surrogate escapes, as paths do.
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

    @property
    def uses_origin(self) -> bool:
        """A search path starts from the directory of the file itself."""
        return any("$ORIGIN" in item or "${ORIGIN}" in item for item in (*self.rpath, *self.runpath))

    @property
    def is_dynamic(self) -> bool:
        """The loader has work with it: it names an interpreter or libraries."""
        return bool(self.interpreter or self.needed)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """It starts as an ELF file but cannot be read as one: why."""

    reason: str


@dataclass(frozen=True, slots=True)
class _Layout:
    """The struct formats of one class and byte order."""

    header: struct.Struct
    program: struct.Struct
    dynamic: struct.Struct
    bits: int


@dataclass(frozen=True, slots=True)
class _Segment:
    kind: int
    offset: int
    address: int
    length: int


class _BadElfError(Exception):
    pass


def _layout(ident: bytes) -> _Layout:
    order = {1: "<", 2: ">"}.get(ident[5])
    if order is None:
        msg = f"unknown byte order {ident[5]}"
        raise _BadElfError(msg)
    match ident[4]:
        case 1:
            return _Layout(struct.Struct(order + "HHIIIIIHHHHHH"), struct.Struct(order + "IIIIIIII"), struct.Struct(order + "iI"), 32)
        case 2:
            return _Layout(struct.Struct(order + "HHIQQQIHHHHHH"), struct.Struct(order + "IIQQQQQQ"), struct.Struct(order + "qQ"), 64)
        case other:
            msg = f"unknown class {other}"
            raise _BadElfError(msg)


def _read(stream: BinaryIO, offset: int, length: int, what: str) -> bytes:
    if offset >= 1 << 63:
        msg = f"{what} lies beyond the end of the file"
        raise _BadElfError(msg)
    stream.seek(offset)
    data = stream.read(length)
    if len(data) < length:
        msg = f"{what} lies beyond the end of the file"
        raise _BadElfError(msg)
    return data


def _segments(stream: BinaryIO, layout: _Layout, offset: int, size: int, count: int) -> tuple[_Segment, ...]:
    if count == 0:
        return ()
    if count > _MAX_PROGRAM_HEADERS or size < layout.program.size or size > 4 * layout.program.size:
        msg = f"{count} program headers of {size} bytes"
        raise _BadElfError(msg)
    data = _read(stream, offset, size * count, "the program header table")
    out = []
    for i in range(count):
        fields = layout.program.unpack_from(data, i * size)
        if layout.bits == 64:  # noqa: PLR2004 — the two classes order the fields differently
            kind, _, at, address, _, length = fields[:6]
        else:
            kind, at, address, _, length = fields[:5]
        if kind in (_PT_LOAD, _PT_DYNAMIC, _PT_INTERP):
            out.append(_Segment(kind, at, address, length))
    return tuple(out)


def _string(stream: BinaryIO, offset: int, what: str) -> str:
    if offset >= 1 << 63:
        msg = f"{what} lies beyond the end of the file"
        raise _BadElfError(msg)
    stream.seek(offset)
    text, end, _ = stream.read(_MAX_STRING + 1).partition(b"\0")
    if not end:
        msg = f"{what} has no end within {_MAX_STRING} bytes"
        raise _BadElfError(msg)
    return text.decode("utf-8", "surrogateescape")


def _dynamic(stream: BinaryIO, layout: _Layout, segment: _Segment) -> list[tuple[int, int]]:
    if segment.length > _MAX_DYNAMIC:
        msg = f"dynamic section of {segment.length} bytes"
        raise _BadElfError(msg)
    whole = segment.length - segment.length % layout.dynamic.size
    data = _read(stream, segment.offset, whole, "the dynamic section")
    out: list[tuple[int, int]] = []
    for tag, value in layout.dynamic.iter_unpack(data):
        if tag == _DT_NULL:
            break
        if tag in (_DT_NEEDED, _DT_STRTAB, _DT_SONAME, _DT_RPATH, _DT_RUNPATH):
            out.append((tag, value))
    if len(out) > _MAX_NEEDED:
        msg = f"{len(out)} entries in the dynamic section"
        raise _BadElfError(msg)
    return out


def _file_offset(segments: tuple[_Segment, ...], address: int) -> int:
    for segment in segments:
        if segment.kind == _PT_LOAD and segment.address <= address < segment.address + segment.length:
            return address - segment.address + segment.offset
    msg = f"the string table's address {address:#x} is in no loaded segment"
    raise _BadElfError(msg)


def _search_path(texts: list[str]) -> tuple[str, ...]:
    return tuple(item for text in texts for item in text.split(":") if item)


def _parse(stream: BinaryIO, ident: bytes) -> ElfInfo:
    layout = _layout(ident)
    kind, machine, _, _, table, _, _, _, size, count, *_ = layout.header.unpack(_read(stream, 16, layout.header.size, "the header"))
    segments = _segments(stream, layout, table, size, count)
    interpreter = ""
    strings: dict[int, list[str]] = {_DT_NEEDED: [], _DT_SONAME: [], _DT_RPATH: [], _DT_RUNPATH: []}
    for segment in segments:
        if segment.kind == _PT_INTERP and not interpreter:
            interpreter = _string(stream, segment.offset, "the interpreter's name")
    dynamic = next((segment for segment in segments if segment.kind == _PT_DYNAMIC), None)
    entries = _dynamic(stream, layout, dynamic) if dynamic is not None and dynamic.length else []
    named = [(tag, value) for tag, value in entries if tag != _DT_STRTAB]
    if named:
        address = next((value for tag, value in entries if tag == _DT_STRTAB), None)
        if address is None:
            msg = "the dynamic section names no string table"
            raise _BadElfError(msg)
        start = _file_offset(segments, address)
        for tag, value in named:
            strings[tag].append(_string(stream, start + value, "a name in the dynamic section"))
    return ElfInfo(
        bits=layout.bits,
        little_endian=ident[5] == 1,
        machine=_MACHINES.get(machine, str(machine)),
        kind=_TYPES.get(kind, str(kind)),
        interpreter=interpreter,
        needed=tuple(dict.fromkeys(strings[_DT_NEEDED])),
        soname=next(iter(strings[_DT_SONAME]), ""),
        rpath=_search_path(strings[_DT_RPATH]),
        runpath=_search_path(strings[_DT_RUNPATH]),
    )


def elf_info(stream: BinaryIO) -> ElfInfo | Unreadable | None:
    """Read an ELF file from a seekable stream at any position; None if it is not one (its first four bytes say), `Unreadable` if it is broken.

    Never raises for what the file holds; the stream's own errors pass through.
    """
    stream.seek(0)
    ident = stream.read(16)
    if not ident.startswith(MAGIC):
        return None
    if len(ident) < 16:  # noqa: PLR2004 — EI_NIDENT
        return Unreadable("ends within its first 16 bytes")
    try:
        return _parse(stream, ident)
    except _BadElfError as error:
        return Unreadable(str(error))
