"""The ELF reader: what the loader reads, and nothing that a hostile file can turn against it."""

import io
import struct
from pathlib import Path
from typing import Any

import pytest
from elftools.elf.dynamic import DynamicSegment
from elftools.elf.elffile import ELFFile
from hypothesis import given
from hypothesis import strategies as st

from careen.formats.elf import ElfInfo, Unreadable, elf_info

SYSTEM = sorted({path.resolve() for folder in ("/bin", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu") for path in Path(folder).glob("*[ao]*")})


def make(tags: list[tuple[int, int]], strings: bytes, bits: int = 64, order: str = "<", interpreter: bytes = b"/lib/ld.so\0") -> bytes:
    """A minimal shared object: header, three program headers, interpreter, strings, dynamic section."""
    wide = bits == 64
    header, program, dynamic = (64, 56, order + "qQ") if wide else (52, 32, order + "iI")
    start = header + 3 * program
    strtab = start + len(interpreter)
    dyn = strtab + len(strings)
    section = b"".join(struct.pack(dynamic, *tag) for tag in [*tags, (5, 0x1000 + strtab), (0, 0), (1, 0)])
    size = dyn + len(section)
    ident = b"\x7fELF" + bytes([2 if wide else 1, 1 if order == "<" else 2, 1]) + b"\0" * 9
    machine = 62 if wide else 40
    words = "HHIQQQIHHHHHH" if wide else "HHIIIIIHHHHHH"
    head = ident + struct.pack(order + words, 3, machine, 1, 0, header, 0, 0, header, program, 3, 0, 0, 0)

    def segment(kind: int, offset: int, length: int) -> bytes:
        if wide:
            return struct.pack(order + "IIQQQQQQ", kind, 4, offset, 0x1000 + offset, 0, length, length, 1)
        return struct.pack(order + "IIIIIIII", kind, offset, 0x1000 + offset, 0, length, length, 4, 1)

    table = segment(1, 0, size) + segment(3, start, len(interpreter)) + segment(2, dyn, len(section))
    return head + table + interpreter + strings + section


STRINGS = b"\0libc.so.6\0libfoo.so\0$ORIGIN/../lib:/opt::\0"
TAGS = [(1, 1), (1, 1), (14, 11), (29, 21)]


@pytest.mark.parametrize(("bits", "order", "machine"), [(64, "<", "x86_64"), (64, ">", "x86_64"), (32, "<", "arm"), (32, ">", "arm")])
def test_reads_both_classes_and_byte_orders(bits: int, order: str, machine: str) -> None:
    assert elf_info(io.BytesIO(make(TAGS, STRINGS, bits, order))) == ElfInfo(
        bits=bits,
        little_endian=order == "<",
        machine=machine,
        kind="dyn",
        interpreter="/lib/ld.so",
        needed=("libc.so.6",),
        soname="libfoo.so",
        runpath=("$ORIGIN/../lib", "/opt"),
    )


def test_origin_is_told_and_entries_after_the_end_are_not_read() -> None:
    info = elf_info(io.BytesIO(make(TAGS, STRINGS)))
    assert isinstance(info, ElfInfo)
    assert info.uses_origin
    assert info.is_dynamic


def test_rpath_and_names_that_are_not_utf8() -> None:
    info = elf_info(io.BytesIO(make([(15, 1), (1, 4)], b"\0/r\0\xff.so\0")))
    assert isinstance(info, ElfInfo)
    assert (info.rpath, info.needed, info.uses_origin) == (("/r",), ("\udcff.so",), False)


@pytest.mark.parametrize("data", [b"", b"\x7fEL", b"#!/bin/sh\n", b"!<arch>\n" + b"\0" * 60])
def test_other_files_are_none(data: bytes) -> None:
    assert elf_info(io.BytesIO(data)) is None


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x7fELF", "ends within its first 16 bytes"),
        (b"\x7fELF\x02\x01" + b"\0" * 10, "the header lies beyond the end of the file"),
        (b"\x7fELF\x09\x01" + b"\0" * 90, "unknown class 9"),
        (b"\x7fELF\x02\x07" + b"\0" * 90, "unknown byte order 7"),
        (make(TAGS, STRINGS)[:100], "the program header table lies beyond the end of the file"),
        (make([(1, 1 << 62)], STRINGS), "a name in the dynamic section has no end within 4096 bytes"),
        (make([(1, (1 << 64) - 1)], STRINGS), "a name in the dynamic section lies beyond the end of the file"),
        (make([(1, 1)], b"\0" + b"a" * 5000 + b"\0"), "a name in the dynamic section has no end within 4096 bytes"),
        (make(TAGS, STRINGS, interpreter=b"x" * 9000), "the interpreter's name has no end within 4096 bytes"),
    ],
)
def test_broken_files_say_why(data: bytes, reason: str) -> None:
    assert elf_info(io.BytesIO(data)) == Unreadable(reason)


def test_a_string_table_outside_of_every_segment_is_refused() -> None:
    info = elf_info(io.BytesIO(make([(1, 1), (5, 0xDEAD0000)], STRINGS)))
    assert info == Unreadable("the string table's address 0xdead0000 is in no loaded segment")


@given(st.binary(max_size=400), st.integers(0, 260))
def test_damage_never_raises(noise: bytes, at: int) -> None:
    data = bytearray(make(TAGS, STRINGS))
    data[at : at + len(noise)] = noise
    assert elf_info(io.BytesIO(bytes(data))) is None or isinstance(elf_info(io.BytesIO(bytes(data))), ElfInfo | Unreadable)


def test_agrees_with_an_independent_reader_on_what_this_machine_has() -> None:
    compared = 0
    for path in SYSTEM[:300]:
        if not path.is_file():
            continue
        with path.open("rb") as stream:
            info = elf_info(stream)
            if not isinstance(info, ElfInfo):
                continue
            theirs = ELFFile(stream)
            dynamic = next((segment for segment in theirs.iter_segments() if isinstance(segment, DynamicSegment)), None)
            tags: list[Any] = list(dynamic.iter_tags()) if dynamic is not None else []
            assert info.needed == tuple(tag.needed for tag in tags if tag.entry.d_tag == "DT_NEEDED")
            assert info.soname == next((tag.soname for tag in tags if tag.entry.d_tag == "DT_SONAME"), "")
            assert info.runpath == tuple(part for tag in tags if tag.entry.d_tag == "DT_RUNPATH" for part in tag.runpath.split(":"))
            interpreters: list[Any] = list(theirs.iter_segments("PT_INTERP"))
            assert info.interpreter == next((segment.get_interp_name() for segment in interpreters), "")
            compared += 1
    assert compared > 50
