"""Collections of commands in the data of compiled programs.

They are addresses of texts with their lengths (Go, Rust), or of texts that end with a NUL (C).
"""

import io
import struct
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from itertools import chain, pairwise

from careen.formats.elf.program import Unreadable
from careen.formats.elf.sections import ElfTables, elf_tables
from careen.plan.scanners.commands.tables import is_table

_GAP = 256  # bytes between two entries of one table
_X86_64, _AARCH64 = 62, 183
_RELATIVE = {_X86_64: 8, _AARCH64: 1027}
_RELOCATIONS = 4  # SHT_RELA
_RELOCATION = struct.Struct("<QQq")
_WORD = 8
_LONGEST = 64
_EXECUTABLE = 1
_MAX_SEGMENTS = 32  # linkers make a handful; each word is compared with all
_MAX_WORDS = 32 << 20
_AT_ONCE = 1 << 16


def tabled_names(
    data: bytes, names: AbstractSet[bytes], *, alone: bool = False
) -> frozenset[bytes]:
    """Return which of `names` the tables of a 64-bit little-endian program hold.

    At least three must be near each other, as in a source (command_tables), unless `alone`.
    """
    tables = elf_tables(io.BytesIO(data), len(data))
    if isinstance(tables, Unreadable) or tables.bits != 64 or tables.order != "<":  # noqa: PLR2004
        return frozenset()
    if len(tables.segments) > _MAX_SEGMENTS:
        return frozenset()
    found: dict[int, bytes] = {}
    for at, place, length in chain(
        _pairs(data, tables, {len(name) for name in names}), _relocated(data, tables)
    ):
        is_long = 0 < length <= _LONGEST
        end = place + length if is_long else data.find(b"\0", place, place + _LONGEST)
        name = data[place : max(place, end)]
        if name in names and (is_long or data[place - 1 : place] == b"\0"):
            found[at] = name
    if alone:
        return frozenset(found.values())
    out: set[bytes] = set()
    cluster: list[bytes] = []
    last = 0
    for at in (*sorted(found), 1 << 65):
        if cluster and at - last > _GAP:
            out.update(
                cluster if is_table(name.decode("utf-8", "replace") for name in cluster) else ()
            )
            cluster = []
        cluster.extend((found[at],) if at in found else ())
        last = at
    return frozenset(out)


def _place(tables: ElfTables, address: int) -> int:
    """Return the file offset of an address, or -1 if no loaded segment holds it."""
    return next(
        (
            item.offset + address - item.address
            for item in tables.segments
            if item.address <= address < item.address + item.size
        ),
        -1,
    )


def _pairs(
    data: bytes, tables: ElfTables, lengths: AbstractSet[int]
) -> Iterator[tuple[int, int, int]]:
    """Yield address, file offset and length for each pair that reads as a text and its length."""
    left = _MAX_WORDS
    for segment in tables.segments:
        if segment.flags & _EXECUTABLE:
            continue
        start = segment.offset + -segment.address % _WORD
        count = min(left, max(0, segment.offset + segment.size - start) // _WORD)
        left -= count
        address = segment.address + start - segment.offset
        for first in range(0, count - 1, _AT_ONCE):
            words = struct.unpack_from(
                f"<{min(_AT_ONCE + 1, count - first)}Q", data, start + _WORD * first
            )
            for number, (value, length) in enumerate(pairwise(words), first):
                if length in lengths and value > length and (place := _place(tables, value)) >= 0:
                    yield address + _WORD * number, place, length


def _relocated(data: bytes, tables: ElfTables) -> Iterator[tuple[int, int, int]]:
    """Yield the same for addresses that the loader fills in, with 0 and the next word as length."""
    left = _MAX_WORDS
    for section in tables.sections:
        if section.kind != _RELOCATIONS or tables.machine not in _RELATIVE:
            continue
        count = min(left, section.size // _RELOCATION.size)
        left -= count
        for address, kind, value in _RELOCATION.iter_unpack(
            memoryview(data)[section.offset : section.offset + count * _RELOCATION.size]
        ):
            if kind == _RELATIVE[tables.machine] and (place := _place(tables, value)) >= 0:
                yield address, place, 0
                if (beside := _place(tables, address + _WORD)) >= 0:
                    yield address, place, int.from_bytes(data[beside : beside + _WORD], "little")
