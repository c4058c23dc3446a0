"""Symbol versions of an ELF file: which it needs of which library, and which it defines (Linux
Standard Base, symbol versioning).

The loader takes the first library of a name and refuses it when a version is missing; it does not
look further. So versions tell nothing of where a library is found, but whether the one that was
found can be the one that is used. Tables are read from where the dynamic section says, in a bounded
piece.
"""

import struct
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from careen.formats.elf import ElfInfo

MAX_TABLE = 1 << 16  # bytes; those of the C library and the C++ library have some 2,000
MAX_STRINGS = 1 << 22
MAX_ENTRIES = 4096
_NEED = {True: struct.Struct("<HHIII"), False: struct.Struct(">HHIII")}
_NEED_AUX = {True: struct.Struct("<IHHII"), False: struct.Struct(">IHHII")}
_DEFINE = {True: struct.Struct("<HHHHIII"), False: struct.Struct(">HHHHIII")}
_DEFINE_AUX = {True: struct.Struct("<II"), False: struct.Struct(">II")}


def needed_versions(stream: BinaryIO, info: ElfInfo) -> Mapping[str, frozenset[str]]:
    """Return the versions that a file needs, by the library's name; nothing of a table that is
    broken from where it is.
    """
    table, strings = _read(stream, info, info.needs_at)
    out: dict[str, set[str]] = {}
    left = MAX_ENTRIES
    for offset, (_, count, file, aux, _following) in _chain(
        table, _NEED[info.little_endian], 0, 4, MAX_ENTRIES
    ):
        versions = [
            _text(strings, item[3])
            for _, item in _chain(
                table, _NEED_AUX[info.little_endian], offset + aux, 4, min(count, left)
            )
        ]
        left -= len(versions)  # of all libraries together: chains may overlap
        out.setdefault(_text(strings, file), set()).update(versions)
    return {library: frozenset(versions) for library, versions in out.items()}


def defined_versions(stream: BinaryIO, info: ElfInfo) -> frozenset[str]:
    """Return the versions that a library defines, its own name among them."""
    table, strings = _read(stream, info, info.defines_at)
    out: set[str] = set()
    for offset, (_, _flags, _index, _count, _hash, aux, _following) in _chain(
        table, _DEFINE[info.little_endian], 0, 6, MAX_ENTRIES
    ):
        out.update(
            _text(strings, item[0])
            for _, item in _chain(table, _DEFINE_AUX[info.little_endian], offset + aux, 1, 1)
        )
    return frozenset(out)


def _read(stream: BinaryIO, info: ElfInfo, at: int) -> tuple[bytes, bytes]:
    if not at:
        return b"", b""
    stream.seek(at)
    table = stream.read(MAX_TABLE)
    stream.seek(info.strings[0])
    return table, stream.read(min(info.strings[1], MAX_STRINGS))


def _chain(
    table: bytes, form: struct.Struct, offset: int, following: int, limit: int
) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Yield the records of a chain with their offsets: the field number `following` says how far
    the next one is, 0 ends it; so do `limit` and the piece.
    """
    for _ in range(limit):
        if offset + form.size > len(table):
            return
        record = form.unpack_from(table, offset)
        yield offset, record
        if not record[following]:
            return
        offset += record[following]


def _text(strings: bytes, offset: int) -> str:
    end = strings.find(b"\0", offset)
    return strings[offset : end if end >= 0 else offset].decode("utf-8", "surrogateescape")
