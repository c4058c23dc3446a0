"""A small ELF file made of named sections, for tests that need one with just these bytes in it."""

import struct
from collections.abc import Mapping

_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_SECTION = struct.Struct("<IIQQQQIIQQ")
_SEGMENT = struct.Struct("<IIQQQQQQ")
BASE = 0x400000


def elf(sections: Mapping[str, bytes], machine: int = 62) -> bytes:
    """Return a 64-bit little-endian file; every byte at offset N is loaded at BASE + N."""
    names = b"\0"
    body = b""
    start = _HEADER.size + _SEGMENT.size
    rows = [_SECTION.pack(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)]
    for name, data in {**sections, ".shstrtab": b""}.items():
        at = len(names)
        names += name.encode() + b"\0"
        content = names if name == ".shstrtab" else data
        body += bytes(-(start + len(body)) % 16)
        offset = start + len(body)
        rows.append(_SECTION.pack(at, 1, 2, BASE + offset, offset, len(content), 0, 0, 16, 0))
        body += content
    body += bytes(-(start + len(body)) % 16)
    table = start + len(body)
    ident = b"\x7fELF\x02\x01\x01" + bytes(9)
    header = _HEADER.pack(
        ident,
        3,
        machine,
        1,
        0,
        _HEADER.size,
        table,
        0,
        _HEADER.size,
        _SEGMENT.size,
        1,
        _SECTION.size,
        len(rows),
        len(rows) - 1,
    )
    segment = _SEGMENT.pack(1, 6, 0, BASE, BASE, table, table, 4096)
    return header + segment + body + b"".join(rows)


def address_of(sections: Mapping[str, bytes], name: str) -> int:
    """Return where `elf(sections)` loads the section `name`."""
    at = _HEADER.size + _SEGMENT.size
    for key, data in sections.items():
        at += -at % 16
        if key == name:
            return BASE + at
        at += len(data)
    raise KeyError(name)


def exporting(
    functions: Mapping[str, bytes], more: Mapping[str, bytes], machine: int = 62
) -> bytes:
    """Return a file that exports `functions` (name → what lies at its address), each 64 bytes apart
    in .text.
    """
    text = b"".join(code.ljust(64, b"\xcc") for code in functions.values())
    names = b"\0" + b"".join(name.encode() + b"\0" for name in functions)
    symbols = bytes(24)
    at, place = 1, address_of({".text": text}, ".text")
    for name in functions:
        symbols += struct.pack("<IBBHQQ", at, 0x12, 0, 1, place, 64)
        at += len(name) + 1
        place += 64
    return elf({".text": text, ".dynstr": names, ".dynsym": symbols, **more}, machine)
