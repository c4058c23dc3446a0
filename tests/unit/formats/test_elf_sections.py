"""The section table of hostile ELF files: a clear reason, and no work beyond the file."""

import io
import struct

import pytest

from careen.formats.elf.program import Unreadable
from careen.formats.elf.sections import ElfTables, elf_tables
from tests.support.elf_bytes import BASE, elf


def tables(data: bytes) -> ElfTables | Unreadable:
    return elf_tables(io.BytesIO(data), len(data))


def patched(data: bytes, offset: int, form: str, value: int) -> bytes:
    out = bytearray(data)
    struct.pack_into(form, out, offset, value)
    return bytes(out)


GOOD = elf({".rodata": b"hello", ".data": b"world"})
TABLE = struct.unpack_from("<Q", GOOD, 40)[0]


def test_sections_and_segments_lie_where_they_say() -> None:
    found = tables(GOOD)
    assert isinstance(found, ElfTables)
    section = found.section(".rodata")
    assert section is not None
    assert GOOD[section.offset : section.offset + section.size] == b"hello"
    assert (found.bits, found.order, found.machine) == (64, "<", 62)
    assert [(item.address, item.offset, item.flags) for item in found.segments] == [(BASE, 0, 6)]
    assert found.section(".text") is None


def test_section_that_ends_beyond_the_file_is_cut_there_and_one_that_starts_there_is_dropped() -> (
    None
):
    longer = tables(patched(GOOD, TABLE + 64 + 32, "<Q", 1 << 60))
    assert isinstance(longer, ElfTables)
    section = longer.section(".rodata")
    assert section is not None
    assert section.offset + section.size == len(GOOD)
    beyond = tables(patched(GOOD, TABLE + 64 + 24, "<Q", 1 << 60))
    assert isinstance(beyond, ElfTables)
    assert beyond.section(".rodata") is None


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (GOOD[:50], "its ELF header is cut short or of an unknown class"),
        (GOOD[:60], "its ELF header is cut short"),
        (patched(GOOD, 4, "<B", 9), "its ELF header is cut short or of an unknown class"),
        (patched(GOOD, 58, "<H", 65), "section headers of 65 bytes"),
        (patched(GOOD, 40, "<Q", 1 << 62), "its section headers lie beyond the end of the file"),
        (patched(GOOD, 60, "<H", 4097), "4097 sections, more than the 4096 that are read"),
        (patched(GOOD, 60, "<H", 4000), "its section headers lie beyond the end of the file"),
        (
            patched(patched(GOOD, 60, "<H", 0), TABLE + 32, "<Q", 1 << 63),
            f"{1 << 63} sections, more than the 4096 that are read",
        ),
        (patched(GOOD, 62, "<H", 50), "its section names are said to be in section 50 of 4"),
        (patched(GOOD, 56, "<H", 5000), "5000 program headers of 56 bytes"),
        (patched(GOOD, 32, "<Q", 1 << 62), "its program headers lie beyond the end of the file"),
    ],
)
def test_lying_tables_are_refused_with_a_reason(data: bytes, reason: str) -> None:
    assert tables(data) == Unreadable(reason)


def test_names_without_end_and_overlapping_sections_are_taken_as_they_are() -> None:
    overlapping = bytearray(GOOD)
    for i in range(1, 3):  # every section is the whole file
        struct.pack_into("<QQ", overlapping, TABLE + 64 * i + 24, 0, len(GOOD))
    struct.pack_into("<I", overlapping, TABLE + 64, 0xFFFFFFF0)  # a name beyond the names
    found = tables(bytes(overlapping))
    assert isinstance(found, ElfTables)
    assert [(item.name, item.size) for item in found.sections] == [
        ("", len(GOOD)),
        (".data", len(GOOD)),
        (".shstrtab", 25),
    ]
