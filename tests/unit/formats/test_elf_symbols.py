"""What an ELF file is without its symbol table and debug sections, which files are left alone, and
the proof that follows.
"""

import io
import struct
from dataclasses import replace

import pytest

from careen.formats.elf.loaded import loaded_difference
from careen.formats.elf.sections import ElfTables, Segment, elf_tables
from careen.formats.elf.symbols import MAX_SLACK, Span, StrippedElf, UnchangedElf, without_symbols
from tests.support.linked_elf import (
    ALLOC,
    COMMENT,
    DEBUG,
    INFO_LINK,
    NOBITS,
    NOTE,
    PAGE,
    PROGBITS,
    RELA,
    STRTAB,
    SYMBOLS,
    SYMTAB,
    Layout,
    Part,
    linked,
)

TEXT = Part(".text", b"T" * 500, flags=ALLOC | 4, align=16)
LARGE = Part(".debug_line", b"L" * 3 * PAGE)
ADDED = (Part(".dynstr", b"\0libx.so\0", STRTAB, ALLOC),)
DYNAMIC = Part(".dynamic", b"\0" * 32, 6, ALLOC, align=8)


def look(data: bytes) -> StrippedElf | UnchangedElf | None:
    return without_symbols(io.BytesIO(data), len(data))


def made(data: bytes) -> bytes:
    """The file that is left, proved."""
    found = look(data)
    assert isinstance(found, StrippedElf), found
    out = b"".join(
        data[part.offset : part.offset + part.size] if isinstance(part, Span) else part
        for part in found.parts
    )
    assert len(out) == found.size == len(data) - found.saved
    assert difference(data, out) == ""
    return out


def difference(before: bytes, after: bytes) -> str:
    return loaded_difference(io.BytesIO(before), io.BytesIO(after), (len(before), len(after)))


def sections(data: bytes) -> list[str]:
    tables = elf_tables(io.BytesIO(data), len(data))
    assert isinstance(tables, ElfTables)
    return [section.name for section in tables.sections]


def why(layout: Layout) -> str:
    found = look(linked(layout))
    assert isinstance(found, UnchangedElf), found
    return found.reason


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("order", ["<", ">"])
def test_symbols_and_debug_sections_go_and_all_else_stays(bits: int, order: str) -> None:
    layout = Layout(
        bits=bits,
        order=order,
        unloaded=(COMMENT, *DEBUG, Part(".gnu_debuglink", b"x.debug\0cafe"), *SYMBOLS),
    )
    data = linked(layout)
    out = made(data)
    assert sections(out) == [".text", ".dynamic", ".comment", ".gnu_debuglink", ".shstrtab"]
    assert b"GCC: (made)" in out
    assert b"helper" not in out
    assert b"D" * 300 not in out
    assert look(out) is None  # there is nothing left to drop


def test_what_is_loaded_keeps_its_place_and_the_header_but_for_the_section_table() -> None:
    data = linked()
    out = made(data)
    assert out[64:1000] == data[64:1000] or out[64:600] == data[64:600]
    assert out[:40] == data[:40]
    assert out[48:60] == data[48:60]


@pytest.mark.parametrize(
    "name",
    [
        ".note.package",
        ".note.stapsdt",
        ".gnu.build.attributes",
        ".dep-v0",
        ".gnu_debugdata",
        ".rustc",
    ],
)
def test_records_that_scanners_and_debuggers_find_by_name_stay(name: str) -> None:
    kind = NOTE if name.startswith(".note") else PROGBITS
    record = Part(name, b"record" * 9, kind, align=4)
    out = made(linked(Layout(unloaded=(*DEBUG, *SYMBOLS, record))))
    assert name in sections(out)
    assert b"record" * 9 in out


def test_a_file_without_symbols_is_none_of_its_business() -> None:
    assert look(linked(Layout(unloaded=(COMMENT,)))) is None
    assert look(b"\x7fELF" + bytes(10)) is None
    assert look(b"#!/bin/sh\n" * 20) is None
    assert look(b"") is None


def test_of_a_program_without_a_dynamic_section_only_debug_sections_go() -> None:
    static = Layout(kind=2, dynamic=False, loaded=(TEXT,), unloaded=(*DEBUG, *SYMBOLS))
    assert sections(made(linked(static))) == [".text", ".symtab", ".strtab", ".shstrtab"]
    assert look(linked(replace(static, unloaded=SYMBOLS))) is None


def test_go_keeps_its_symbol_table() -> None:
    info = Part(".go.buildinfo", b"\xff Go buildinf:" + bytes(20), flags=ALLOC, align=16)
    out = made(linked(Layout(loaded=(TEXT, DYNAMIC, info), unloaded=(*DEBUG, *SYMBOLS))))
    assert sections(out) == [
        ".text",
        ".dynamic",
        ".go.buildinfo",
        ".symtab",
        ".strtab",
        ".shstrtab",
    ]


def test_numbers_of_sections_that_loaded_symbols_name_stay() -> None:
    data = linked(
        Layout(loaded=(TEXT,), unloaded=(*SYMBOLS, COMMENT, Part(".tail", b"", flags=ALLOC)))
    )
    out = made(data)
    (start,) = struct.unpack_from("<Q", out, 40)
    kinds = [
        struct.unpack_from("<I", out, start + 64 * number + 4)[0]
        for number in range(struct.unpack_from("<H", out, 60)[0])
    ]
    assert kinds[:6] == [
        0,
        PROGBITS,
        0,
        0,
        PROGBITS,
        PROGBITS,
    ]  # the symbol table's places are empty, .comment and .tail keep theirs


def test_links_between_sections_follow() -> None:
    loaded = (
        Part(
            ".rela.plt", b"r" * 24, RELA, ALLOC | INFO_LINK, link=".dynsym", info=".text", align=8
        ),
        Part(".dynsym", b"d" * 24, 11, ALLOC, align=8),
        TEXT,
        DYNAMIC,
    )
    out = made(linked(Layout(loaded=loaded, unloaded=(*DEBUG, *SYMBOLS))))
    (start,) = struct.unpack_from("<Q", out, 40)
    assert struct.unpack_from("<II", out, start + 64 + 40) == (2, 3)


@pytest.mark.parametrize(
    ("layout", "reason"),
    [
        (Layout(payload=b"PK\3\4 a zip archive"), "in no section"),
        (Layout(payload=bytes(MAX_SLACK + 1)), "in no section"),
        (Layout(gaps={".symtab": b"hidden"}), "in no section"),
        (Layout(kind=1, unloaded=(*DEBUG, *SYMBOLS)), "object file"),
        (Layout(machine=247), "processor"),
        (Layout(machine=190), "processor"),
        (Layout(unloaded=(Part("pydata", b"MEI archive"), *SYMBOLS)), "'pydata'"),
        (Layout(unloaded=(Part(".gnu.prelink_undo", b"undo"), *SYMBOLS)), "prelink_undo"),
        (
            Layout(unloaded=(Part(".note.fdo.integrity", b"hmac", NOTE), *SYMBOLS)),
            "checksum of itself",
        ),
        (
            Layout(
                unloaded=(
                    Part(".rela.text", b"r" * 24, RELA, link=".symtab", info=".text"),
                    *SYMBOLS,
                )
            ),
            "'.rela.text'",
        ),
        (
            Layout(loaded=(replace(TEXT, kind=NOBITS), DYNAMIC), unloaded=(*DEBUG, *SYMBOLS)),
            "debug information alone",
        ),
        (Layout(loaded=(TEXT, *SYMBOLS, DYNAMIC), unloaded=(COMMENT,)), "among what is loaded"),
    ],
)
def test_files_that_are_left_alone(layout: Layout, reason: str) -> None:
    assert reason in why(layout)


def test_an_appimage_is_left_alone() -> None:
    data = bytearray(linked())
    data[8:11] = b"AI\2"
    found = look(bytes(data))
    assert isinstance(found, UnchangedElf)
    assert "AppImage" in found.reason


def test_zeros_at_the_end_are_no_payload() -> None:
    assert sections(made(linked(Layout(payload=bytes(1))))) == [
        ".text",
        ".dynamic",
        ".comment",
        ".shstrtab",
    ]


def test_section_names_in_the_string_table_of_symbols_are_rewritten() -> None:
    data = linked(
        Layout(unloaded=(COMMENT, Part(".symtab", bytes(96), SYMTAB, link=".shstrtab", align=8)))
    )
    assert sections(made(data)) == [".text", ".dynamic", ".comment", ".shstrtab"]


def test_lying_tables_are_refused() -> None:
    data = linked()
    for at, form, value in (
        (40, "<Q", len(data)),
        (40, "<Q", 1 << 63),
        (60, "<H", 0xFFFF),
        (58, "<H", 63),
        (62, "<H", 0),
        (62, "<H", 99),
        (56, "<H", 0xFFFF),
        (32, "<Q", 1 << 62),
    ):
        broken = bytearray(data)
        struct.pack_into(form, broken, at, value)
        assert not isinstance(look(bytes(broken)), StrippedElf)


def test_a_segment_beyond_the_end_is_refused() -> None:
    data = bytearray(linked())
    struct.pack_into("<Q", data, 64 + 32, len(data) + 1)
    found = look(bytes(data))
    assert isinstance(found, UnchangedElf)
    assert found.reason == "a segment lies beyond its end"


@pytest.mark.parametrize("at", [16, 24, 54, 64 + 8, 64 + 56, 300, 700])
def test_the_proof_refuses_a_loaded_byte_that_differs(at: int) -> None:
    data = linked()
    out = bytearray(made(data))
    out[at] ^= 1
    assert difference(data, bytes(out)) != ""


def test_the_proof_refuses_a_section_that_is_gone_or_changed() -> None:
    data = linked()
    bare = linked(Layout(unloaded=()))
    assert "'.comment' is gone" in difference(data, bare)
    out = bytearray(made(data))
    out[out.index(b"GCC")] ^= 1
    assert "'.comment'" in difference(data, bytes(out))
    assert difference(data, data[:40]) != ""
    assert difference(data, made(data)[:-1]) != ""


def test_a_merged_string_table_stays_with_what_else_needs_it() -> None:
    other = Part(".other", b"o" * 24, SYMTAB, ALLOC, link=".strtab", align=8)
    found = look(linked(Layout(loaded=(TEXT, DYNAMIC, other))))
    assert isinstance(found, StrippedElf)
    assert ".strtab" not in found.sections


def test_kinds_of_string_tables_that_are_unknown_are_left_alone() -> None:
    assert "'.mystrings'" in why(Layout(unloaded=(Part(".mystrings", b"\0x\0", STRTAB), *SYMBOLS)))


@pytest.mark.parametrize("far", [1 << 63, (1 << 64) - 1])
def test_a_table_of_names_at_a_place_that_no_file_has_leaves_the_file_alone(far: int) -> None:
    data = bytearray(linked())
    (table,) = struct.unpack_from("<Q", data, 40)
    count, names = struct.unpack_from("<HH", data, 60)
    assert names < count
    struct.pack_into("<Q", data, table + 64 * names + 24, far)
    with io.BufferedReader(io.BytesIO(data)) as stream:  # as the files of an image are read
        found = without_symbols(stream, len(data))
    assert found == UnchangedElf("it ends within its tables", 0)


def test_a_symbol_table_that_stays_keeps_the_numbers_that_it_names_sections_by() -> None:
    """A program without a dynamic section loses its debug sections alone."""
    data = linked(Layout(dynamic=False, unloaded=(*DEBUG, COMMENT, *SYMBOLS)))
    before, after = numbered(data), numbered(made(data))
    assert {name: before[name] for name in (".text", ".comment", ".symtab", ".strtab")} == {
        name: after[name] for name in (".text", ".comment", ".symtab", ".strtab")
    }
    assert ".debug_info" not in after


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("order", ["<", ">"])
def test_what_patchelf_adds_behind_symbols_moves_up_by_whole_pages(bits: int, order: str) -> None:
    data = linked(Layout(bits=bits, order=order, unloaded=(COMMENT, LARGE, *SYMBOLS), added=ADDED))
    out = made(data)
    assert len(data) - len(out) > 2 * PAGE
    assert sections(out) == [".text", ".dynamic", ".comment", ".dynstr", ".shstrtab"]
    (before, after) = (segments(data), segments(out))
    assert [row[:1] + row[2:] for row in before] == [row[:1] + row[2:] for row in after]
    assert {(one[1] - two[1]) % PAGE for one, two in zip(before, after, strict=True)} == {0}
    assert [segment.offset for segment in loaded(out)] == [0, PAGE]
    assert look(out) is None


def test_what_stands_behind_an_added_segment_keeps_its_bytes() -> None:
    data = linked(Layout(unloaded=(LARGE, *SYMBOLS), added=ADDED, behind=(COMMENT,)))
    out = made(data)
    assert sections(out) == [".text", ".dynamic", ".dynstr", ".comment", ".shstrtab"]
    assert COMMENT.data in out
    assert difference(data, out) == ""


def test_the_proof_compares_what_is_not_loaded() -> None:
    data = linked(Layout(unloaded=(COMMENT, *DEBUG, *SYMBOLS)))
    out = made(data).replace(COMMENT.data, b"x" * len(COMMENT.data))
    sizes = len(data), len(out)
    assert (
        loaded_difference(io.BytesIO(data), io.BytesIO(out), sizes, only_tables=True)
        == "the section '.comment' differs"
    )


def test_a_small_table_before_an_added_segment_stays() -> None:
    """There is not a page to win."""
    assert "among what is loaded" in why(Layout(added=ADDED))


def test_bytes_of_nobody_before_an_added_segment_leave_the_file_alone() -> None:
    assert "in no section" in why(
        Layout(unloaded=(LARGE, *SYMBOLS), gaps={".symtab": b"hidden"}, added=ADDED)
    )
    assert "'pydata'" in why(
        Layout(unloaded=(Part("pydata", b"MEI archive"), LARGE, *SYMBOLS), added=ADDED)
    )


def test_an_alignment_that_is_larger_than_the_gap_leaves_the_file_alone() -> None:
    data = bytearray(linked(Layout(unloaded=(COMMENT, LARGE, *SYMBOLS), added=ADDED)))
    for align, reason in ((1 << 20, "among what is loaded"), (3 * PAGE, "among what is loaded")):
        struct.pack_into("<Q", data, 64 + 3 * 56 + 48, align)
        found = look(bytes(data))
        assert isinstance(found, UnchangedElf)
        assert reason in found.reason


def test_the_proof_refuses_a_segment_that_moved_by_less_than_a_page() -> None:
    data = linked(Layout(unloaded=(COMMENT, LARGE, *SYMBOLS), added=ADDED))
    out = bytearray(made(data))
    where = 64 + 3 * 56 + 8
    (offset,) = struct.unpack_from("<Q", out, where)
    moved = bytearray(out)
    struct.pack_into("<Q", moved, where, offset - 16)
    assert difference(data, bytes(moved)) == "the program headers differ"
    struct.pack_into("<Q", moved, where, offset - PAGE)
    assert "differ" in difference(data, bytes(moved))
    out[offset] ^= 1
    assert "a loaded byte differs" in difference(data, bytes(out))


def test_the_proof_refuses_segments_that_held_the_same_bytes_and_part() -> None:
    data = bytearray(linked(Layout(unloaded=(COMMENT, LARGE, *SYMBOLS), added=ADDED)))
    (offset,) = struct.unpack_from("<Q", data, 64 + 3 * 56 + 8)
    struct.pack_into("<IIQQQQQQ", data, 64 + 2 * 56, 1, 4, offset, 0x900000, 0x900000, 8, 8, PAGE)
    out = bytearray(made(bytes(data)))
    struct.pack_into("<Q", out, 64 + 2 * 56 + 8, 0)
    before, after = io.BytesIO(bytes(data)), io.BytesIO(bytes(out))
    assert "torn apart" in loaded_difference(before, after, (len(data), len(out)), only_tables=True)
    assert difference(bytes(data), bytes(out)) != ""


def loaded(data: bytes) -> tuple[Segment, ...]:
    tables = elf_tables(io.BytesIO(data), len(data))
    assert isinstance(tables, ElfTables)
    return tables.segments


def segments(data: bytes) -> list[tuple[int, int, int]]:
    """The kind, offset in the file and address of each segment."""
    wide, order = data[4] == 2, "<" if data[5] == 1 else ">"
    head, each, form = (64, 56, "I4xQQ") if wide else (52, 32, "III")
    (count,) = struct.unpack_from(order + "H", data, 56 if wide else 44)
    return [struct.unpack_from(order + form, data, head + each * number) for number in range(count)]


def numbered(data: bytes) -> dict[str, int]:
    """The number of each section of a file of 64 bits."""
    (table,) = struct.unpack_from("<Q", data, 40)
    count, names = struct.unpack_from("<HH", data, 60)
    rows = [struct.unpack_from("<IIQQQQIIQQ", data, table + 64 * number) for number in range(count)]
    start = rows[names][4]
    return {
        data[start + row[0] : data.index(b"\0", start + row[0])].decode(): number
        for number, row in enumerate(rows)
    }
