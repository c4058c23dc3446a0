"""Names in the code of compiled programs."""

import struct

from careen.plan.compiled_commands import is_runtime, loaded_names

NAMES = frozenset({b"git", b"convert", b"got"})


def program(code: bytes, rest: bytes, *, machine: int = 62) -> bytes:
    content = code + rest
    header = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 2, machine, 1, 0, 64, 0, 0, 64, 56, 1, 64, 0, 0)
    return header + struct.pack("<IIQQQQQQ", 1, 5, 120, 0x400078, 0, len(content), len(content), 8) + content


def lea(distance: int) -> bytes:
    return b"\x48\x8d\x3d" + struct.pack("<i", distance)


def test_a_name_with_its_length_beside_its_address() -> None:
    assert list(loaded_names(program(lea(5) + b"\xbe" + struct.pack("<I", 3), b"gitgot"), NAMES)) == [b"git"]


def test_a_name_that_a_nul_ends() -> None:
    assert list(loaded_names(program(lea(0), b"convert\0"), NAMES)) == [b"convert"]


def test_the_beginning_of_a_longer_text_is_no_name() -> None:
    assert list(loaded_names(program(lea(5) + b"\xbe" + struct.pack("<I", 6), b"gitlabgot"), NAMES)) == []


def test_a_name_whose_address_nothing_takes_is_none() -> None:
    assert list(loaded_names(program(lea(9), b"git\0" + bytes(40)), NAMES)) == []


def test_what_is_broken_or_of_another_machine_has_no_names() -> None:
    good = program(lea(0), b"git\0")
    assert list(loaded_names(good, NAMES)) == [b"git"]
    assert list(loaded_names(program(lea(0), b"git\0", machine=183), NAMES)) == []
    assert [list(loaded_names(good[:end], NAMES)) for end in range(len(good) - 3)] == [[]] * (len(good) - 3)
    assert list(loaded_names(program(lea(2**31 - 1), b"git\0"), NAMES)) == []


def test_interpreters_and_libraries_that_nobody_packed_are_no_programs_of_the_application() -> None:
    for path in ("libpython3.11.so.1.0", "libpython3.so", "python3.11", "python3", "node", "ruby3.3", "php-fpm8.4", "java"):
        assert is_runtime(path), path
    for path in ("server", "node_exporter", "pythonic", "api.sock", "javelin", "perlmutter"):
        assert not is_runtime(path), path
