"""Whatever archive: one entry exchanged, all others as they were, read by the standard library's
own reader.
"""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careen.errors import ImageError
from careen.patch.jars.zip import Exchanged, exchange

NAMES = st.lists(
    st.text("ab/é.", min_size=1, max_size=8).filter(lambda name: not name.startswith("/")),
    min_size=1,
    max_size=6,
    unique=True,
)
TIMES = st.sampled_from([(1980, 1, 1, 0, 0, 0), (2021, 5, 4, 3, 2, 2)])


@st.composite
def archives(draw: st.DrawFn) -> tuple[bytes, list[str]]:
    """Stored and packed entries, comments, something in front, sizes behind the content (as streams
    are written) or in 64 bits.
    """
    names = draw(NAMES)
    out: io.BytesIO = io.BytesIO()
    out.write(draw(st.binary(max_size=20)))
    with zipfile.ZipFile(out, "a") as archive:
        for name in names:
            info = zipfile.ZipInfo(name, draw(TIMES))
            info.compress_type = draw(st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
            info.comment = draw(st.binary(max_size=5))
            info.external_attr = draw(st.sampled_from([0, 0o644 << 16]))
            with archive.open(info, "w", force_zip64=draw(st.booleans())) as entry:
                entry.write(draw(st.binary(max_size=200)))
        archive.comment = draw(st.binary(max_size=10))
    return out.getvalue(), names


def read(data: bytes) -> list[tuple[object, ...]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [
            (
                info.filename,
                info.date_time,
                info.compress_type,
                info.comment,
                info.external_attr,
                archive.read(info),
            )
            for info in archive.infolist()
        ]


@given(archives(), st.binary(max_size=300), st.data())
def test_one_entry_is_exchanged_and_all_others_stay(
    made: tuple[bytes, list[str]], content: bytes, data: st.DataObject
) -> None:
    archive, names = made
    chosen = data.draw(st.sampled_from(names))
    after = exchange(archive, {chosen: Exchanged(chosen, content)}, "x.jar")
    assert read(after) == [
        (*item[:-1], content) if item[0] == chosen else item for item in read(archive)
    ]
    assert exchange(archive, {chosen: Exchanged(chosen, content)}, "x.jar") == after


@given(archives())
def test_nothing_exchanged_is_the_same_bytes(made: tuple[bytes, list[str]]) -> None:
    assert exchange(made[0], {}, "x.jar") == made[0]


@given(archives(), st.data())
def test_a_damaged_archive_is_refused_or_read_but_never_anything_else(
    made: tuple[bytes, list[str]], data: st.DataObject
) -> None:
    archive = bytearray(made[0])
    archive[data.draw(st.integers(0, len(archive) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        exchange(
            bytes(archive[: data.draw(st.integers(0, len(archive)))]),
            {made[1][0]: Exchanged(made[1][0], b"new")},
            "x.jar",
        )
    except ImageError as error:
        # no other error may come, an error need not
        assert str(error).startswith("x.jar: cannot be rewritten: ")  # noqa: PT017


def test_what_is_not_there_cannot_be_exchanged() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a", b"a")
    with pytest.raises(
        ImageError,
        match=(
            r"x\.jar: cannot be rewritten: an entry that is to be exchanged is not there, or there"
            r" twice"
        ),
    ):
        exchange(out.getvalue(), {"b": Exchanged("b", b"")}, "x.jar")
