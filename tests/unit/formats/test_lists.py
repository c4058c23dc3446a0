"""RECORD and dpkg's status file, read and written back."""

import csv
import io
from pathlib import Path

import pytest
from debian.deb822 import Deb822
from hypothesis import given
from hypothesis import strategies as st

from careen.errors import ImageError
from careen.formats import dpkg_status
from careen.formats.dpkg_status import join_status, split_status
from careen.formats.python_record import RecordRow, read_record

pytestmark = pytest.mark.slow

STATUS = Path("/var/lib/dpkg/status")


def test_record_rows_as_stored() -> None:
    data = b'a.py,sha256=x,3\r\n"b,c",,\n\nd\ne,,,extra\n'
    assert read_record(data, "R") == (
        RecordRow("a.py", "sha256=x", "3"),
        RecordRow("b,c"),
        RecordRow("d"),
        RecordRow("e"),
    )


TEXTS = st.text(st.characters(exclude_characters="\r\n\0", codec="utf-8"))


@given(st.lists(st.builds(RecordRow, TEXTS.filter(bool), TEXTS, TEXTS)))
def test_a_record_reads_as_it_was_written(rows: list[RecordRow]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows((row.path, row.hash, row.size) for row in rows)
    assert read_record(out.getvalue().encode(), "R") == tuple(rows)


def test_record_keeps_names_that_are_not_utf8() -> None:
    assert read_record(b"\xff.py,,\n", "R") == (RecordRow("\udcff.py"),)


BLOCKS = st.lists(
    st.sampled_from(
        [b"Package: a\nVersion: 1\n", b"A:b\n c\n\td\n .\n", b"X-Y: \xff\xfe\n", b"K: v\r\n"]
    ),
    min_size=1,
)


@given(st.lists(st.tuples(BLOCKS, st.integers(1, 3))), st.integers(0, 2), st.booleans())
def test_status_is_joined_byte_for_byte(
    parts: list[tuple[list[bytes], int]], lead: int, cut: bool
) -> None:
    data = b"\n" * lead + b"".join(b"".join(blocks) + b"\n" * gap for blocks, gap in parts)
    data = data.rstrip(b"\n") if cut else data
    paragraphs = split_status(data, "status")
    assert len(paragraphs) == len(parts)
    assert join_status(paragraphs) == (data if parts else b"")


def test_a_paragraph_taken_from_the_middle_or_put_last_stays_apart() -> None:
    a, b, c = split_status(b"P: a\n\nP: b\n\nP: c", "status")
    assert join_status([a, c]) == b"P: a\n\nP: c"
    assert [paragraph.get("p") for paragraph in split_status(join_status([c, a, b]), "status")] == [
        "c",
        "a",
        "b",
    ]


def test_fields_in_any_case_with_their_continuation_lines() -> None:
    (paragraph,) = split_status(
        b"Package: x\nConffiles:\n /etc/a 01\n /etc/b 02\nEmpty:\n", "status"
    )
    assert paragraph.get("PACKAGE") == "x"
    assert paragraph.get("conffiles") == "\n /etc/a 01\n /etc/b 02"
    assert paragraph.get("Empty") == paragraph.get("missing") == ""


def test_nothing_in_a_value_ends_the_paragraph() -> None:
    data = (
        b"A: \xe2\x80\xa8x\x0c\n \t\n -----BEGIN PGP SIGNATURE-----\n #\nB: \xff\nC:"
        b" d\x85\xe2\x80\xa8e\nc: last\n"
    )
    (paragraph,) = split_status(data, "status")
    assert paragraph.raw == data
    assert paragraph.get("A").splitlines()[-2:] == [" -----BEGIN PGP SIGNATURE-----", " #"]
    assert (paragraph.get("B"), paragraph.get("C")) == ("\\xff", "last")


LINES = st.lists(
    st.binary(max_size=12)
    | st.sampled_from(
        [b"A: b", b" c", b"", b" ", b"\tx", b"-----BEGIN PGP A-----", b"# A: b", b"P\t: \x1cq"]
    )
)


@given(LINES)
def test_any_bytes_are_paragraphs_or_an_error_of_the_image(lines: list[bytes]) -> None:
    data = b"\n".join(lines)
    try:
        paragraphs = split_status(data, "status")
    except ImageError:
        return
    assert join_status(paragraphs) == (data if paragraphs else b"")
    assert all(paragraph.fields for paragraph in paragraphs)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b" x\n", "status: line 1: a continuation line without a field"),
        (b"A: b\n\n\n!!\n", "status: line 4: expected 'Field: value', got b'!!'"),
        (b"A: b\n\n: c\n", "status: line 3: expected 'Field: value', got b': c'"),
        (b"A: b\n#C: d\n", "status: line 2: expected 'Field: value', got b'#C: d'"),
        (
            b"-----BEGIN PGP A:-----\nA: b\n",
            "status: line 1: expected 'Field: value', got b'-----BEGIN PGP A:-----'",
        ),
        (b"A b: c\n", "status: line 1: expected 'Field: value', got b'A b: c'"),
        (b"A: " + b"x" * (256 << 10), "status: line 1: 262147 bytes, at most 262144 are read"),
    ],
)
def test_damage_is_named_by_its_line(data: bytes, message: str) -> None:
    with pytest.raises(ImageError) as caught:
        split_status(data, "status")
    assert str(caught.value) == message


@pytest.mark.parametrize("end", [b"\n", b"\r"])
def test_lines_are_counted_before_each_takes_its_memory(end: bytes) -> None:
    with pytest.raises(ImageError, match="status: more than 1000000 lines"):
        split_status(b"Package: a" + end + (b" ." + end) * 1_000_000, "status")


def test_agrees_with_an_independent_reader() -> None:
    data = (
        STATUS.read_bytes()
        if STATUS.exists()
        else (
            b"Package: a\nVersion: 1\nDescription: x\n y\n .\n\nPackage: b\nConffiles:\n /etc/b"
            b" 01\n"
        )
    )
    ours = split_status(data, "status")
    assert join_status(ours) == data
    theirs = list(Deb822.iter_paragraphs(io.BytesIO(data), use_apt_pkg=False))
    assert [paragraph.get("Package") for paragraph in ours] == [
        paragraph["Package"] for paragraph in theirs
    ]
    for mine, other in zip(ours, theirs, strict=True):
        assert {name.lower(): "".join(value.split()) for name, value in other.items()} == {
            name: "".join(value.split()) for name, value in mine.fields.items()
        }


def test_a_status_file_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[int] = []
    fields = dpkg_status._fields

    def counted(lines: list[bytes], number: int) -> dict[str, str]:
        parsed.append(number)
        return fields(lines, number)

    monkeypatch.setattr(dpkg_status, "_fields", counted)
    data = b"Package: parsed-once\nVersion: 1\n\nPackage: other\n"
    assert split_status(data, "a") is split_status(bytes(bytearray(data)), "b")
    assert parsed == [1, 4]
    monkeypatch.setattr(dpkg_status, "MAX_KNOWN", 10)  # a large one is not kept
    assert split_status(data, "a") == split_status(data, "a")
    assert parsed == [1, 4] * 3


def test_an_unreadable_status_file_is_named_each_time() -> None:
    for where in ("/var/lib/dpkg/status", "/var/lib/dpkg/status-old"):
        with pytest.raises(ImageError, match=f"{where}: line 1: a continuation line"):
            split_status(b" no field\n", where)
