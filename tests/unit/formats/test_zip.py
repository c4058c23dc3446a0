"""Zip archives of an image: bounded, hostile-safe, nested in place."""

import io
import struct
import zipfile
from collections.abc import Mapping

import pytest

from careen.errors import ImageError
from careen.formats.zip_reader import MAX_DEPTH, ZipArchive, ZipBudget


def packed(files: Mapping[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def archive(
    data: bytes, *, max_entries: int = 1000, max_ratio: int = 250, budget: ZipBudget | None = None
) -> ZipArchive:
    return ZipArchive(
        io.BytesIO(data), "/a.jar", max_entries=max_entries, max_ratio=max_ratio, budget=budget
    )


def test_entries_are_read_by_name_and_bounded() -> None:
    with archive(packed({"a/": b"", "a/b.txt": "text", "c": b"\0" * 10})) as found:
        assert found.names() == ("a/", "a/b.txt", "c")
        assert "c" in found
        assert "d" not in found
        assert found.size("c") == 10
        assert found.read("a/b.txt", 4) == b"text"
        with pytest.raises(ImageError, match=r"/a.jar: 'a/b.txt': larger than the 3 bytes"):
            found.read("a/b.txt", 3)
        with pytest.raises(ImageError, match="no entry 'd'"):
            found.read("d", 3)


def test_something_in_front_does_not_hide_an_archive() -> None:
    with archive(b"#!/bin/sh\nexec java -jar $0\n" + packed({"x": "1"})) as found:
        assert found.read("x", 10) == b"1"


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_nested_archives_are_opened_stored_and_packed(method: int) -> None:
    inner = packed({"META-INF/x": "inner"})
    outer = packed({"lib/inner.jar": inner, "other": "o"}, method)
    with archive(b"prefix" + outer) as found, found.open_nested("lib/inner.jar", 1 << 20) as nested:
        assert found.read("other", 10) == b"o"
        assert nested.read("META-INF/x", 10) == b"inner"
        with pytest.raises(ImageError, match=r"/a.jar!lib/inner.jar: no entry 'y'"):
            nested.read("y", 1)


def test_a_packed_nested_archive_is_bounded() -> None:
    with (
        archive(packed({"lib/inner.jar": packed({"x": bytes(range(256)) * 10})})) as found,
        pytest.raises(ImageError, match="larger than the 20 bytes"),
    ):
        found.open_nested("lib/inner.jar", 20)


def test_a_bomb_is_refused_by_its_ratio() -> None:
    data = packed({"bomb": b"\0" * (40 << 20)})
    assert len(data) < 100_000
    with (
        archive(data) as found,
        pytest.raises(ImageError, match="unpacks to more than 250 times its packed size of"),
    ):
        found.read("bomb", 1 << 30)


def test_a_bomb_that_states_a_small_size_is_bounded_all_the_same() -> None:
    data = bytearray(packed({"bomb": b"\0" * (8 << 20)}))
    at = data.index(b"PK\x01\x02")
    struct.pack_into("<I", data, at + 24, 10)  # the directory's unpacked size
    with (
        archive(bytes(data)) as found,
        pytest.raises(ImageError, match="cannot be read as a zip archive: Bad CRC-32"),
    ):
        found.read("bomb", 1 << 30)


def test_archives_without_end_are_refused_at_a_depth() -> None:
    data = packed({"x": "1"})
    for _ in range(MAX_DEPTH + 2):
        data = packed({"r.zip": data}, zipfile.ZIP_STORED)
    opened = [archive(data)]
    while len(opened) <= MAX_DEPTH:
        opened.append(opened[-1].open_nested("r.zip", 1 << 20))
    with pytest.raises(ImageError, match="nested more than 6 deep"):
        opened[-1].open_nested("r.zip", 1 << 20)
    for each in reversed(opened):
        each.close()


def test_too_many_entries_are_refused_before_they_become_objects() -> None:
    data = packed({str(number): b"" for number in range(200)})
    assert len(archive(data, max_entries=200).names()) == 200
    with pytest.raises(ImageError, match="more than 199 zip entries"):
        archive(data, max_entries=199)


def test_a_directory_that_states_gigabytes_is_not_read() -> None:
    data = bytearray(packed({"x": b"1"})) + bytearray(64)
    end = data.index(b"PK\x05\x06")
    data = data[: end + 22]
    struct.pack_into("<I", data, end + 12, 0x7FFFFFFF)
    with pytest.raises(
        ImageError,
        match=r"/a.jar: (a zip directory of 2147483647 bytes|cannot be read as a zip archive)",
    ):
        archive(bytes(data))


def test_all_archives_of_an_image_have_one_budget() -> None:
    data = packed({"x": b"0123456789", "y": b""})
    budget = ZipBudget(entries_left=3, archives_left=2)
    with archive(data, budget=budget) as found:
        budget.bytes_left = 15
        assert found.read("x", 100) == b"0123456789"
        with pytest.raises(ImageError, match="have more than 2147483648 bytes to read"):
            found.read("x", 100)
    budget.bytes_left = 1000
    with pytest.raises(ImageError, match="state more than"):
        archive(data, budget=budget)
    with pytest.raises(ImageError, match="more than 100000 archives"):
        archive(data, budget=budget)


def test_the_directories_of_an_image_s_archives_count_as_well() -> None:
    data = packed({"n" * 60_000: b"", "m" * 60_000: b""})
    with pytest.raises(ImageError, match="have more than 2147483648 bytes to read"):
        archive(data, budget=ZipBudget(bytes_left=100_000))


def test_a_nested_name_that_moves_the_cursor_is_shown_quoted() -> None:
    says = pytest.raises(ImageError, match=r"/a.jar!'\\x1b\[2J.jar': no entry 'y'")
    with (
        archive(packed({"\x1b[2J.jar": packed({"x": "1"})})) as found,
        found.open_nested("\x1b[2J.jar", 1000) as nested,
        says,
    ):
        nested.read("y", 1)


def test_what_is_no_zip_or_uses_other_methods_or_is_encrypted_is_an_image_error() -> None:
    with pytest.raises(
        ImageError, match=r"/a.jar: cannot be read as a zip archive: File is not a zip file"
    ):
        archive(b"not a zip")
    with (
        archive(packed({"x": b"1" * 100}, zipfile.ZIP_LZMA)) as found,
        pytest.raises(ImageError, match="packed with method 14"),
    ):
        found.read("x", 1000)
    data = bytearray(packed({"x": b"1"}))
    for signature, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        data[data.index(signature) + offset] |= 1
    with archive(bytes(data)) as found, pytest.raises(ImageError, match="encrypted"):
        found.read("x", 1000)
