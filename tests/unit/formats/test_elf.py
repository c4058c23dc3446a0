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

from careen.errors import ImageError
from careen.formats.elf.program import ElfInfo, Unreadable, elf_info

pytestmark = pytest.mark.slow

SYSTEM = sorted(
    {
        path.resolve()
        for folder in ("/bin", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu")
        for path in Path(folder).glob("*[ao]*")
    }
)


def make(
    tags: list[tuple[int, int]],
    strings: bytes,
    bits: int = 64,
    order: str = "<",
    interpreter: bytes = b"/lib/ld.so\0",
) -> bytes:
    """A minimal shared object: header, three program headers, interpreter, strings, dynamic
    section.
    """
    wide = bits == 64
    header, program, dynamic = (64, 56, order + "qQ") if wide else (52, 32, order + "iI")
    start = header + 3 * program
    strtab = start + len(interpreter)
    dyn = strtab + len(strings)
    section = b"".join(
        struct.pack(dynamic, *tag) for tag in [*tags, (5, 0x1000 + strtab), (0, 0), (1, 0)]
    )
    size = dyn + len(section)
    ident = b"\x7fELF" + bytes([2 if wide else 1, 1 if order == "<" else 2, 1]) + b"\0" * 9
    machine = 62 if wide else 40
    words = "HHIQQQIHHHHHH" if wide else "HHIIIIIHHHHHH"
    head = ident + struct.pack(
        order + words, 3, machine, 1, 0, header, 0, 0, header, program, 3, 0, 0, 0
    )

    def segment(kind: int, offset: int, length: int) -> bytes:
        if wide:
            return struct.pack(
                order + "IIQQQQQQ", kind, 4, offset, 0x1000 + offset, 0, length, length, 1
            )
        return struct.pack(
            order + "IIIIIIII", kind, offset, 0x1000 + offset, 0, length, length, 4, 1
        )

    table = (
        segment(1, 0, size) + segment(3, start, len(interpreter)) + segment(2, dyn, len(section))
    )
    return head + table + interpreter + strings + section


STRINGS = b"\0libc.so.6\0libfoo.so\0$ORIGIN/../lib:/opt::\0"
TAGS = [(1, 1), (1, 1), (14, 11), (29, 21)]


@pytest.mark.parametrize(
    ("bits", "order", "machine"),
    [(64, "<", "x86_64"), (64, ">", "x86_64"), (32, "<", "arm"), (32, ">", "arm")],
)
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


def test_the_place_of_the_dynamic_strings_is_told() -> None:
    data = make([*TAGS, (10, len(STRINGS))], STRINGS)
    info = elf_info(io.BytesIO(data))
    assert isinstance(info, ElfInfo)
    assert data[info.strings[0] : sum(info.strings)] == STRINGS


def test_rpath_and_names_that_are_not_utf8() -> None:
    info = elf_info(io.BytesIO(make([(15, 1), (1, 4)], b"\0/r\0\xff.so\0")))
    assert isinstance(info, ElfInfo)
    assert (info.rpath, info.needed) == (("/r",), ("\udcff.so",))


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
        (
            make([(1, 1 << 62)], STRINGS),
            "a name in the dynamic section has no end within 4096 bytes",
        ),
        (
            make([(1, (1 << 64) - 1)], STRINGS),
            "a name in the dynamic section lies beyond the end of the file",
        ),
        (
            make([(1, 1)], b"\0" + b"a" * 5000 + b"\0"),
            "a name in the dynamic section has no end within 4096 bytes",
        ),
        (
            make(TAGS, STRINGS, interpreter=b"x" * 9000),
            "the interpreter's name has no end within 4096 bytes",
        ),
    ],
)
def test_broken_files_say_why(data: bytes, reason: str) -> None:
    assert elf_info(io.BytesIO(data)) == Unreadable(reason)


def test_a_string_table_outside_of_every_segment_is_refused() -> None:
    info = elf_info(io.BytesIO(make([(1, 1), (5, 0xDEAD0000)], STRINGS)))
    assert info == Unreadable("the string table's address 0xdead0000 is in no loaded segment")


@given(
    st.binary(max_size=400),
    st.integers(0, 420),
    st.integers(0, 500),
    st.sampled_from([(32, "<"), (32, ">"), (64, "<"), (64, ">")]),
)
def test_damage_never_raises(noise: bytes, at: int, end: int, shape: tuple[int, str]) -> None:
    data = bytearray(make(TAGS, STRINGS, *shape))
    data[at : at + len(noise)] = noise
    found = elf_info(io.BytesIO(bytes(data[:end])))
    assert (
        found is None
        if data[: min(end, 4)] != b"\x7fELF"
        else isinstance(found, ElfInfo | Unreadable)
    )


class Counted(io.BytesIO):
    """A stream that counts what is read of it."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data


def test_a_large_file_is_not_read_beyond_its_headers() -> None:
    stream = Counted(make(TAGS, STRINGS) + b"\1" * (8 << 20))
    assert isinstance(elf_info(stream), ElfInfo)
    assert stream.taken < 64 << 10
    assert not stream.closed


def test_names_spread_over_a_large_file_end_the_reading() -> None:
    step = 16 << 10
    strings = b"".join(b"x\0".ljust(step, b"\0") for _ in range(1000))
    stream = Counted(make([(1, i * step) for i in range(1000)], strings))
    assert elf_info(stream) == Unreadable(
        "what the loader reads of it is spread over more than 4194304 bytes"
    )
    assert stream.taken < 5 << 20


@pytest.mark.parametrize(("count", "readable"), [(4000, True), (4100, False), (200_000, False)])
def test_a_dynamic_section_without_end_is_refused(count: int, readable: bool) -> None:
    found = elf_info(io.BytesIO(make([(0x6FFFFFFB, 1)] * count, STRINGS)))
    assert (
        isinstance(found, ElfInfo)
        if readable
        else found == Unreadable("more than 4096 entries in the dynamic section")
    )


def with_header(at: int, word: int) -> bytes:
    data = bytearray(make(TAGS, STRINGS))
    data[at : at + 2] = struct.pack("<H", word)
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (with_header(56, 0xFFFF), "65535 program headers of 56 bytes"),
        (with_header(54, 0xFFFF), "3 program headers of 65535 bytes"),
        (with_header(54, 8), "3 program headers of 8 bytes"),
    ],
)
def test_program_header_tables_that_are_none(data: bytes, reason: str) -> None:
    assert elf_info(io.BytesIO(data)) == Unreadable(reason)


def test_kinds_and_machines_that_have_no_name_are_numbers() -> None:
    info = elf_info(io.BytesIO(with_header(16, 0xFE77)))
    assert isinstance(info, ElfInfo)
    assert info.kind == str(0xFE77)
    info = elf_info(io.BytesIO(with_header(18, 0x7777)))
    assert isinstance(info, ElfInfo)
    assert info.machine == str(0x7777)


class Failing(io.BytesIO):
    """The image's own stream may refuse: that says nothing of the ELF file."""

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() == 0 and size == 16:
            return super().read(size)
        msg = "the layer is damaged"
        raise ImageError(msg)


def test_the_stream_s_own_errors_pass_through() -> None:
    with pytest.raises(ImageError, match="the layer is damaged"):
        elf_info(Failing(make(TAGS, STRINGS)))


def test_agrees_with_the_library_s_walk_over_sections_on_what_this_machine_has() -> None:
    compared = 0
    for path in SYSTEM[:300]:
        if not path.is_file():
            continue
        with path.open("rb") as stream:
            info = elf_info(stream)
            if not isinstance(info, ElfInfo):
                continue
            theirs = ELFFile(stream)
            dynamic = next(
                (
                    segment
                    for segment in theirs.iter_segments()
                    if isinstance(segment, DynamicSegment)
                ),
                None,
            )
            tags: list[Any] = list(dynamic.iter_tags()) if dynamic is not None else []
            assert info.needed == tuple(
                tag.needed for tag in tags if tag.entry.d_tag == "DT_NEEDED"
            )
            assert info.soname == next(
                (tag.soname for tag in tags if tag.entry.d_tag == "DT_SONAME"), ""
            )
            assert info.runpath == tuple(
                part
                for tag in tags
                if tag.entry.d_tag == "DT_RUNPATH"
                for part in tag.runpath.split(":")
            )
            interpreters: list[Any] = list(theirs.iter_segments("PT_INTERP"))
            assert info.interpreter == next(
                (segment.get_interp_name() for segment in interpreters), ""
            )
            compared += 1
    assert compared > 50
