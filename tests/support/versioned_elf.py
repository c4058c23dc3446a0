"""A shared library with a name and the symbol versions that it defines, and nothing else."""

import struct
from collections.abc import Sequence

_LOAD, _DYNAMIC = 1, 2
_STRTAB, _STRSZ, _SONAME, _VERDEF, _VERDEFNUM = 5, 10, 14, 0x6FFFFFFC, 0x6FFFFFFD
_HEADERS = 64 + 2 * 56


def library(name: str, versions: Sequence[str]) -> bytes:
    """Return the bytes of a 64-bit library: headers, dynamic table, strings, version table."""
    strings, places = b"\0", []
    for text in (name, *versions):
        places.append(len(strings))
        strings += text.encode() + b"\0"
    dynamic_size = 6 * 16
    strings_at = _HEADERS + dynamic_size
    table_at = strings_at + len(strings)
    table = b""
    for number, place in enumerate(places):
        following = 28 if number + 1 < len(places) else 0
        table += struct.pack("<HHHHIII", 1, 0, number + 1, 1, 0, 20, following)
        table += struct.pack("<II", place, 0)
    tags = {
        _STRTAB: strings_at,
        _STRSZ: len(strings),
        _SONAME: places[0],
        _VERDEF: table_at,
        _VERDEFNUM: len(places),
        0: 0,
    }
    dynamic = b"".join(struct.pack("<QQ", *pair) for pair in tags.items())
    size = table_at + len(table)
    head = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    head += struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, 64, 0, 0, 64, 56, 2, 64, 0, 0)
    head += _segment(_LOAD, 0, size) + _segment(_DYNAMIC, _HEADERS, dynamic_size)
    return head + dynamic + strings + table


def _segment(kind: int, at: int, size: int) -> bytes:
    return struct.pack("<IIQQQQQQ", kind, 4, at, at, at, size, size, 8)
