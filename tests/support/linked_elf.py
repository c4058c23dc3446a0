"""ELF files as linkers lay them out, for tests: what is loaded first, then what is not, then the
section table.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

NULL, PROGBITS, SYMTAB, STRTAB, RELA, NOTE, NOBITS = 0, 1, 2, 3, 4, 7, 8
ALLOC, INFO_LINK = 2, 0x40
PAGE = 0x1000
BASE = 0x400000
_HEADER = {32: "16sHHIIIIIHHHHHH", 64: "16sHHIQQQIHHHHHH"}
_SECTION = {32: "IIIIIIIIII", 64: "IIQQQQIIQQ"}


@dataclass(frozen=True)
class Part:
    """One section. `link` and `info` name others; `align` is that of the section."""

    name: str
    data: bytes
    kind: int = PROGBITS
    flags: int = 0
    link: str = ""
    info: str = ""
    align: int = 1


SYMBOLS = (
    Part(".symtab", bytes(range(96)), SYMTAB, link=".strtab", align=8),
    Part(".strtab", b"\0main\0helper\0", STRTAB),
)
DEBUG = (Part(".debug_info", b"D" * 300), Part(".debug_str", b"S" * 77))
COMMENT = Part(".comment", b"GCC: (made) 1.0\0")


@dataclass(frozen=True)
class Layout:
    """What a file is made of; every default is what a linker does."""

    loaded: Sequence[Part] = (
        Part(".text", b"T" * 500, flags=ALLOC | 4, align=16),
        Part(".dynamic", b"\0" * 32, 6, ALLOC, align=8),
    )
    unloaded: Sequence[Part] = (COMMENT, *SYMBOLS)
    bits: int = 64
    order: str = "<"
    kind: int = 3
    machine: int = 62
    dynamic: bool = True
    gaps: Mapping[str, bytes] = field(default_factory=dict)  # what stands before a section
    payload: bytes = b""
    names_first: bool = False  # the table of section names before the other unloaded sections
    added: Sequence[
        Part
    ] = ()  # in a segment of their own behind the section table, as `patchelf` adds it
    behind: Sequence[Part] = ()  # what no segment has, behind the one that was added


def linked(layout: Layout = Layout()) -> bytes:
    """Return the file's bytes."""
    head = struct.Struct(layout.order + _HEADER[layout.bits])
    entry = struct.Struct(layout.order + _SECTION[layout.bits])
    kinds = [1, *([2] if layout.dynamic else []), 0x6474E551, *([1] if layout.added else [])]
    each = 32 if layout.bits == 32 else 56
    names = Part(".shstrtab", b"", STRTAB)
    parts = (
        [*layout.loaded, names, *layout.unloaded]
        if layout.names_first
        else [*layout.loaded, *layout.unloaded, names]
    )
    parts += [*layout.added, *layout.behind]
    numbers = {part.name: number for number, part in enumerate(parts, 1)}
    table = b"\0" + b"".join(part.name.encode() + b"\0" for part in parts)
    body = bytearray(bytes(head.size + each * len(kinds)))
    rows = [bytes(entry.size)]
    places: dict[str, tuple[int, int]] = {}
    end = start = second = last = 0
    for part in parts:
        if layout.added and part is layout.added[0]:
            body += bytes(-len(body) % 8)
            start = len(body)
            body += bytes(entry.size * (len(parts) + 1))
            body += bytes(-len(body) % PAGE)
            second = len(body)
        data = table if part is names else part.data
        body += layout.gaps.get(part.name, b"")
        body += bytes(-len(body) % part.align)
        at = len(body)
        if part.kind != NOBITS:
            body += data
        places[part.name] = at, len(data)
        last = len(body) if part not in layout.behind else last
        address = BASE + at if part.flags & ALLOC else 0
        if part.flags & ALLOC and data:
            end = end if second else len(body)
        place = table.index(b"\0" + part.name.encode() + b"\0") + 1
        link, info = numbers.get(part.link, 0), numbers.get(part.info, 0)
        rows.append(
            entry.pack(
                place, part.kind, part.flags, address, at, len(data), link, info, part.align, 0
            )
        )
    if layout.added:
        body[start : start + entry.size * len(rows)] = b"".join(rows)
        body += layout.payload
    else:
        body += bytes(-len(body) % 8)
        start = len(body)
        body += b"".join(rows) + layout.payload
    ident = b"\x7fELF" + bytes([layout.bits // 32, 1 if layout.order == "<" else 2, 1]) + bytes(9)
    counts = (head.size, each, len(kinds), entry.size, len(rows), numbers[".shstrtab"])
    body[: head.size] = head.pack(
        ident, layout.kind, layout.machine, 1, BASE, head.size, start, 0, *counts
    )
    for number, kind in enumerate(kinds):
        offset, size = {1: (0, end), 2: places.get(".dynamic", (0, 0))}.get(kind, (0, 0))
        if number == 3 - (not layout.dynamic):  # the segment that was added
            offset, size = second, last - second
        body[head.size + number * each : head.size + (number + 1) * each] = _segment(
            layout, kind, offset, size
        )
    return bytes(body)


def _segment(layout: Layout, kind: int, offset: int, size: int) -> bytes:
    if layout.bits == 32:
        return struct.pack(
            layout.order + "IIIIIIII",
            kind,
            offset,
            BASE + offset,
            BASE + offset,
            size,
            size,
            5,
            PAGE,
        )
    return struct.pack(
        layout.order + "IIQQQQQQ", kind, 5, offset, BASE + offset, BASE + offset, size, size, PAGE
    )
