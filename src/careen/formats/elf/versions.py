"""Symbol versions that an ELF file needs of each library, and those that it defines (LSB).

The loader takes the first library of a name and refuses it if a version is missing. So versions do
not say where a library is found, but whether the one found is usable. Reads are bounded.
"""

import struct
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from careen.formats.elf.program import ElfInfo

MAX_TABLE = 1 << 16  # bytes; the tables of the C and C++ libraries have about 2,000
MAX_STRINGS = 1 << 22
MAX_ENTRIES = 4096
_NEED = {True: struct.Struct("<HHIII"), False: struct.Struct(">HHIII")}
_NEED_AUX = {True: struct.Struct("<IHHII"), False: struct.Struct(">IHHII")}
_DEFINE = {True: struct.Struct("<HHHHIII"), False: struct.Struct(">HHHHIII")}
_DEFINE_AUX = {True: struct.Struct("<II"), False: struct.Struct(">II")}


def needed_versions(stream: BinaryIO, info: ElfInfo) -> Mapping[str, frozenset[str]]:
    """Return the needed versions by library name, without what follows a broken record."""
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
        # One limit for all libraries: chains may overlap.
        left -= len(versions)
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


def dynamic_strings(stream: BinaryIO, info: ElfInfo) -> bytes:
    """Return the dynamic string table, at most 4 MiB of it; empty without one."""
    stream.seek(info.strings[0])
    return stream.read(min(info.strings[1], MAX_STRINGS))


def _read(stream: BinaryIO, info: ElfInfo, at: int) -> tuple[bytes, bytes]:
    if not at:
        return b"", b""
    stream.seek(at)
    return stream.read(MAX_TABLE), dynamic_strings(stream, info)


def _chain(
    table: bytes, form: struct.Struct, offset: int, following: int, limit: int
) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Yield the records of a chain with their offsets, at most `limit`, within the table.

    Field number `following` is the distance to the next record; 0 ends the chain.
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
