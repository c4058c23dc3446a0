"""For any file that a linker could have written: nothing that is loaded changes, what stays stays
whole; and any bytes at all are read in peace.
"""

import io
import struct

from hypothesis import given, settings
from hypothesis import strategies as st

from careen.formats.elf.loaded import loaded_difference
from careen.formats.elf.sections import ElfTables, elf_tables
from careen.formats.elf.symbols import Span, StrippedElf, without_symbols
from tests.support.linked_elf import (
    ALLOC,
    NOBITS,
    NOTE,
    PROGBITS,
    STRTAB,
    SYMTAB,
    Layout,
    Part,
    linked,
)

_BYTES = st.binary(max_size=200)
_ALIGN = st.sampled_from([1, 4, 8, 16, 64])
_GOES = (".debug_info", ".debug_line", ".zdebug_str", ".stab", ".gdb_index")
_STAYS = (".comment", ".note.package", ".dep-v0", ".gnu_debuglink", ".annobin.notes")


@st.composite
def _layouts(draw: st.DrawFn) -> Layout:
    loaded = [Part(".dynamic", draw(_BYTES), 6, ALLOC, align=8)]
    loaded += [
        Part(
            f".l{number}",
            draw(_BYTES),
            PROGBITS,
            ALLOC | draw(st.sampled_from([0, 1, 4])),
            align=draw(_ALIGN),
        )
        for number in range(draw(st.integers(0, 4)))
    ]
    loaded += (
        [Part(".bss", draw(_BYTES), NOBITS, ALLOC | 1, align=draw(_ALIGN))]
        if draw(st.booleans())
        else []
    )
    names = draw(st.lists(st.sampled_from([*_GOES, *_STAYS]), unique=True))
    unloaded = [
        Part(name, draw(_BYTES), NOTE if name.startswith(".note") else PROGBITS, align=draw(_ALIGN))
        for name in names
    ]
    if draw(st.booleans()):
        unloaded += [
            Part(".symtab", draw(_BYTES), SYMTAB, link=".strtab", align=8),
            Part(".strtab", b"\0" + draw(_BYTES), STRTAB),
        ]
    return Layout(
        loaded=loaded,
        unloaded=draw(st.permutations(unloaded)),
        bits=draw(st.sampled_from([32, 64])),
        order=draw(st.sampled_from(["<", ">"])),
        kind=draw(st.sampled_from([2, 3])),
        machine=draw(st.sampled_from([3, 20, 62, 183])),
        dynamic=draw(st.booleans()),
        payload=bytes(draw(st.integers(0, 9))),
        names_first=draw(st.booleans()),
        added=[Part(".added", draw(_BYTES) + b"A", PROGBITS, ALLOC, align=8)]
        if draw(st.booleans())
        else [],
    )


def _rows(data: bytes) -> dict[str, tuple[int, int, int, int, bytes]]:
    tables = elf_tables(io.BytesIO(data), len(data))
    assert isinstance(tables, ElfTables)
    return {
        one.name: (
            one.kind,
            one.flags,
            one.address,
            one.size,
            data[one.offset : one.offset + one.size],
        )
        for one in tables.sections
    }


@given(_layouts())
@settings(max_examples=150, deadline=None)
def test_nothing_that_is_loaded_or_kept_changes(layout: Layout) -> None:
    data = linked(layout)
    found = without_symbols(io.BytesIO(data), len(data))
    if not isinstance(found, StrippedElf):
        return
    out = b"".join(
        data[part.offset : part.offset + part.size] if isinstance(part, Span) else part
        for part in found.parts
    )
    assert len(out) == found.size == len(data) - found.saved < len(data)
    assert loaded_difference(io.BytesIO(data), io.BytesIO(out), (len(data), len(out))) == ""
    before, after = _rows(data), _rows(out)
    assert {name: row for name, row in before.items() if name in after and name != ".shstrtab"} == {
        name: row for name, row in after.items() if name != ".shstrtab"
    }
    assert not any(name in after for name in _GOES)
    assert all(name in after for name in _STAYS if name in before)
    assert all(name in after for name, row in before.items() if row[1] & ALLOC)
    assert (".symtab" in after) == (".symtab" in before and not layout.dynamic)
    again = without_symbols(io.BytesIO(out), len(out))
    assert not isinstance(again, StrippedElf)


@given(_layouts(), st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), max_size=6))
@settings(max_examples=150, deadline=None)
def test_a_damaged_file_is_left_alone_or_made_of_its_own_bytes(
    layout: Layout, damage: list[tuple[int, int]]
) -> None:
    data = bytearray(linked(layout))
    for at, value in damage:
        data[at % len(data)] = value
    found = without_symbols(io.BytesIO(bytes(data)), len(data))
    if isinstance(found, StrippedElf):
        assert all(
            part.offset >= 0 and part.offset + part.size <= len(data)
            for part in found.parts
            if isinstance(part, Span)
        )
        out = b"".join(
            bytes(data[part.offset : part.offset + part.size]) if isinstance(part, Span) else part
            for part in found.parts
        )
        assert len(out) == found.size
        assert (
            loaded_difference(io.BytesIO(bytes(data)), io.BytesIO(out), (len(data), len(out))) == ""
        )


@given(
    _layouts(),
    st.sampled_from([28, 32, 40, 48, 54, 56, 58, 60, 62]),
    st.sampled_from([0, 1, 0x40, 0xFFFF, 1 << 31, 1 << 62]),
)
@settings(max_examples=100, deadline=None)
def test_lying_headers_are_no_error(layout: Layout, at: int, value: int) -> None:
    data = bytearray(linked(layout))
    data[at : at + 8] = struct.pack(layout.order + "Q", value)
    without_symbols(io.BytesIO(bytes(data)), len(data))


@given(st.binary(max_size=300))
def test_any_bytes_behind_the_magic_are_no_error(tail: bytes) -> None:
    data = b"\x7fELF" + tail
    without_symbols(io.BytesIO(data), len(data))
    loaded_difference(io.BytesIO(data), io.BytesIO(data), (len(data), len(data)))
