"""Symbol versions that an ELF file needs of each library, and those that it defines (LSB).

The loader takes the first library of a name and refuses it if a version is missing. So versions do
not say where a library is found, but whether the one found is usable. The names of symbols lie in
the same table of strings. Reads are bounded.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO

from careen.formats.elf.program import ElfInfo

MAX_TABLE = 1 << 16  # bytes; the tables of the C and C++ libraries have about 2,000
MAX_STRING = 4096
MAX_STRINGS = 64 << 20  # bytes; Node.js and torch have about 5 MB
_PIECE = 1 << 20
MAX_ENTRIES = 4096
_NEED = {True: struct.Struct("<HHIII"), False: struct.Struct(">HHIII")}
_NEED_AUX = {True: struct.Struct("<IHHII"), False: struct.Struct(">IHHII")}
_DEFINE = {True: struct.Struct("<HHHHIII"), False: struct.Struct(">HHHHIII")}
_DEFINE_AUX = {True: struct.Struct("<II"), False: struct.Struct(">II")}


def needed_versions(stream: BinaryIO, info: ElfInfo) -> Mapping[str, frozenset[str]]:
    """Return the needed versions by library name, without what follows a broken record."""
    table = _table(stream, info.needs_at)
    out: dict[str, set[str]] = {}
    left = MAX_ENTRIES
    for offset, (_, count, file, aux, _following) in _chain(
        table, _NEED[info.little_endian], 0, 4, MAX_ENTRIES
    ):
        versions = [
            _text(stream, info, item[3])
            for _, item in _chain(
                table, _NEED_AUX[info.little_endian], offset + aux, 4, min(count, left)
            )
        ]
        # One limit for all libraries: chains may overlap.
        left -= len(versions)
        out.setdefault(_text(stream, info, file), set()).update(versions)
    return {library: frozenset(versions) for library, versions in out.items()}


def defined_versions(stream: BinaryIO, info: ElfInfo) -> frozenset[str]:
    """Return the versions that a library defines, its own name among them."""
    table = _table(stream, info.defines_at)
    out: set[str] = set()
    for offset, (_, _flags, _index, _count, _hash, aux, _following) in _chain(
        table, _DEFINE[info.little_endian], 0, 6, MAX_ENTRIES
    ):
        out.update(
            _text(stream, info, item[0])
            for _, item in _chain(table, _DEFINE_AUX[info.little_endian], offset + aux, 1, 1)
        )
    return frozenset(out)


def names_symbol(stream: BinaryIO, info: ElfInfo, parts: Sequence[bytes]) -> bool:
    """Return whether the dynamic string table has a name with one of these parts.

    It holds the names of imported and exported symbols, and those of libraries. True if that is not
    known: the file does not say where the table ends, or the part may lie beyond the 64 MiB read.
    """
    start, size = info.strings
    if not size:
        return True
    stream.seek(start)
    left, overlap, before = min(size, MAX_STRINGS), max(map(len, parts)) - 1, b""
    while left > 0 and (piece := stream.read(min(left, _PIECE))):
        left -= len(piece)
        piece = before + piece
        if any(part in piece for part in parts):
            return True
        before = piece[max(0, len(piece) - overlap) :]
    return size > MAX_STRINGS


def _table(stream: BinaryIO, at: int) -> bytes:
    if not at:
        return b""
    stream.seek(at)
    return stream.read(MAX_TABLE)


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


def _text(stream: BinaryIO, info: ElfInfo, offset: int) -> str:
    # Linkers put the names of versions last, behind those of all symbols.
    start, size = info.strings
    stream.seek(start + offset)
    found = stream.read(max(0, min(size - offset, MAX_STRING)))
    return found.partition(b"\0")[0].decode("utf-8", "surrogateescape")
