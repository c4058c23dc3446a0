"""Names in the code of compiled programs."""

import struct

import pytest

from careen.plan.mechanisms.commands.compiled_commands import is_runtime, loaded_names
from careen.plan.scanners.compiled.tables import tabled_names

NAMES = frozenset({b"git", b"convert", b"got"})


def program(code: bytes, rest: bytes, *, machine: int = 62) -> bytes:
    content = code + rest
    header = (
        b"\x7fELF\x02\x01\x01"
        + bytes(9)
        + struct.pack("<HHIQQQIHHHHHH", 2, machine, 1, 0, 64, 0, 0, 64, 56, 1, 64, 0, 0)
    )
    return (
        header
        + struct.pack("<IIQQQQQQ", 1, 5, 120, 0x400078, 0, len(content), len(content), 8)
        + content
    )


def lea(distance: int) -> bytes:
    return b"\x48\x8d\x3d" + struct.pack("<i", distance)


def test_a_name_with_its_length_beside_its_address() -> None:
    assert list(
        loaded_names(program(lea(5) + b"\xbe" + struct.pack("<I", 3), b"gitgot"), NAMES)
    ) == [b"git"]


def test_a_name_that_a_nul_ends() -> None:
    assert list(loaded_names(program(lea(0), b"convert\0"), NAMES)) == [b"convert"]


def test_the_beginning_of_a_longer_text_is_no_name() -> None:
    assert (
        list(loaded_names(program(lea(5) + b"\xbe" + struct.pack("<I", 6), b"gitlabgot"), NAMES))
        == []
    )


def test_a_name_whose_address_nothing_takes_is_none() -> None:
    assert list(loaded_names(program(lea(9), b"git\0" + bytes(40)), NAMES)) == []


def test_what_is_broken_or_of_another_machine_has_no_names() -> None:
    good = program(lea(0), b"git\0")
    assert list(loaded_names(good, NAMES)) == [b"git"]
    assert list(loaded_names(program(lea(0), b"git\0", machine=183), NAMES)) == []
    assert [list(loaded_names(good[:end], NAMES)) for end in range(len(good) - 3)] == [[]] * (
        len(good) - 3
    )
    assert list(loaded_names(program(lea(2**31 - 1), b"git\0"), NAMES)) == []


def test_interpreters_and_libraries_that_nobody_packed_are_no_programs_of_the_application() -> None:
    for path in (
        "libpython3.11.so.1.0",
        "libpython3.so",
        "python3.11",
        "python3",
        "node",
        "ruby3.3",
        "php-fpm8.4",
        "java",
    ):
        assert is_runtime(path), path
    for path in ("server", "node_exporter", "pythonic", "api.sock", "javelin", "perlmutter"):
        assert not is_runtime(path), path


TABLED = frozenset({b"git", b"hg", b"convert", b"gcc"})
TEXTS = (b"git", b"hg", b"convert")
BASE = 0x400000


def data_program(
    texts: tuple[bytes, ...], *, gap: int = 0, relocated: bool = False, ends: bytes = b""
) -> bytes:
    """A program with a table of texts in its data: address and length of each, or relocations that
    put the addresses in.
    """
    pool = b"\0" + b"".join(text + ends for text in texts)
    head = 64 + 56
    places = [
        head + 1 + sum(len(item) + len(ends) for item in texts[:number])
        for number in range(len(texts))
    ]
    pool = pool.ljust((len(pool) + 7) // 8 * 8, b"\0")
    at = head + len(pool)
    rows = [
        (0 if relocated else BASE + place, 0 if ends else len(text))
        for place, text in zip(places, texts, strict=True)
    ]
    table = b"".join(struct.pack("<QQ", *row) + bytes(gap) for row in rows)
    relocations = b"".join(
        struct.pack("<QQq", BASE + at + number * (16 + gap), 8, BASE + place)
        for number, place in enumerate(places)
        if relocated
    )
    content = pool + table + relocations
    sections = struct.pack(
        "<IIQQQQIIQQ", 0, 4, 0, 0, at + len(table), len(relocations), 0, 0, 8, 24
    )
    header = (
        b"\x7fELF\x02\x01\x01"
        + bytes(9)
        + struct.pack(
            "<HHIQQQIHHHHHH", 2, 62, 1, 0, 64, head + len(content), 0, 64, 56, 1, 64, 1, 0
        )
    )
    return (
        header
        + struct.pack("<IIQQQQQQ", 1, 4, 0, BASE, 0, head + len(content), head + len(content), 8)
        + content
        + sections
    )


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"gap": 64},
        {"relocated": True},
        {"relocated": True, "ends": b"\0"},
        {"relocated": True, "gap": 200},
    ],
)
def test_a_table_in_the_data_of_a_program(options: dict[str, object]) -> None:
    assert tabled_names(data_program(TEXTS, **options), TABLED) == set(TEXTS)  # type: ignore[arg-type]


def test_what_is_no_table_in_the_data_names_nothing() -> None:
    assert tabled_names(data_program(TEXTS[:2]), TABLED) == set()
    assert tabled_names(data_program(TEXTS, gap=400), TABLED) == set()
    assert tabled_names(data_program((b"git", b"hgx", b"convert")), TABLED) == set()


def test_a_constant_of_a_program_in_a_library_counts_alone() -> None:
    assert tabled_names(data_program(TEXTS[:1]), TABLED, alone=True) == {b"git"}
    assert tabled_names(data_program((b"gitx",)), TABLED, alone=True) == set()


def test_a_broken_table_in_the_data_ends() -> None:
    good = data_program(TEXTS, relocated=True)
    for at in range(16, len(good), 3):
        tabled_names(good[:at] + b"\xff" * 5 + good[at + 5 :], TABLED)
        tabled_names(good[:at], TABLED)
