"""Sparse files of tar in each of the five forms: the content that was stored, and damaged maps."""

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from careen.errors import ImageError
from careen.oci.extents import BytesPart, Extents
from careen.oci.limits import MAX_SPARSE_PARTS, MAX_SPARSE_SIZE
from careen.oci.tar.read import content_of, read_members
from tests.support.raw_tar import END, GNU, Raw, encoded, padded

Parts = list[tuple[int, bytes]]
Form = Callable[[Parts, int], bytes]


@st.composite
def files(draw: st.DrawFn) -> tuple[Parts, int]:
    """Return the parts of a file, (offset, data) without holes, and its size."""
    parts: Parts = []
    end = 0
    for hole, data in draw(
        st.lists(st.tuples(st.integers(0, 40), st.binary(min_size=1, max_size=9)), max_size=30)
    ):
        parts.append((end + hole, data))
        end += hole + len(data)
    return parts, end + draw(st.integers(0, 1000))


def content(parts: Parts, size: int) -> bytes:
    out = bytearray(size)
    for offset, data in parts:
        out[offset : offset + len(data)] = data
    return bytes(out)


def pax(*records: tuple[str, object]) -> tuple[tuple[bytes, bytes], ...]:
    return tuple((f"GNU.sparse.{key}".encode(), str(value).encode()) for key, value in records)


def old_gnu(parts: Parts, size: int) -> bytes:
    """Type S: four pairs in the header, 21 in each block behind it."""
    pairs = [(offset, len(data)) for offset, data in parts]

    def written(some: list[tuple[int, int]], count: int) -> bytes:
        text = b"".join(b"%011o\0%011o\0" % pair for pair in some)
        return text + bytes(24 * (count - len(some)))

    blocks = [pairs[at : at + 21] for at in range(4, len(pairs), 21)]
    extensions = b"".join(
        padded(written(block, 21) + bytes([number < len(blocks)]))
        for number, block in enumerate(blocks, 1)
    )
    stored = b"".join(data for _, data in parts)
    header = written(pairs[:4], 4) + bytes([bool(blocks)]) + b"%011o\0" % size
    return encoded(
        Raw(
            b"f",
            kind=b"S",
            data=extensions + padded(stored),
            size=len(stored),
            magic=GNU,
            sparse=header,
        )
    )


def pax_00(parts: Parts, size: int) -> bytes:
    pairs = [
        record for offset, data in parts for record in (("offset", offset), ("numbytes", len(data)))
    ]
    records = pax(("size", size), ("numblocks", len(parts)), *pairs)
    return encoded(Raw(b"f", pax=records, data=b"".join(data for _, data in parts)))


def pax_01(parts: Parts, size: int) -> bytes:
    listed = ",".join(f"{offset},{len(data)}" for offset, data in parts)
    records = pax(("size", size), ("numblocks", len(parts)), ("map", listed), ("name", "f"))
    return encoded(Raw(b"other", pax=records, data=b"".join(data for _, data in parts)))


def pax_10(parts: Parts, size: int) -> bytes:
    numbers = [len(parts), *(n for offset, data in parts for n in (offset, len(data)))]
    listed = padded("".join(f"{number}\n" for number in numbers).encode())
    records = pax(("major", 1), ("minor", 0), ("name", "f"), ("realsize", size))
    return encoded(Raw(b"other", pax=records, data=listed + b"".join(data for _, data in parts)))


def read(tar: bytes) -> tuple[str, int, bytes]:
    source = Extents([BytesPart(tar)])
    sparse, after = read_members(source, "x.tar")
    assert after.name == "after"  # the next entry is where it should be
    found = content_of(source, sparse.data, sparse.size, sparse.sparse)
    return sparse.name, sparse.size, found.read_at(0, found.size)


@pytest.mark.parametrize("form", [old_gnu, pax_00, pax_01, pax_10])
@given(file=files())
@example(file=([(at * 2, b"x") for at in range(70)], 200))
@example(file=([], 5))
def test_the_content_is_the_same_in_every_form(form: Form, file: tuple[Parts, int]) -> None:
    parts, size = file
    tar = form(parts, size) + encoded(Raw(b"after")) + END
    assert read(tar) == ("f", size, content(parts, size))


DAMAGES: dict[str, tuple[bytes, str]] = {
    "too large": (
        encoded(Raw(b"f", pax=pax(("map", ""), ("size", MAX_SPARSE_SIZE + 1)))),
        f"sparse file of {MAX_SPARSE_SIZE + 1} bytes; at most {MAX_SPARSE_SIZE} are read",
    ),
    "without a size": (
        encoded(Raw(b"f", pax=pax(("map", "")))),
        "pax sparse size is not a number: b''",
    ),
    "negative size": (
        encoded(Raw(b"f", pax=pax(("map", ""), ("size", "-1")))),
        "pax sparse size is not a number",
    ),
    "odd count of numbers": (
        encoded(Raw(b"f", pax=pax(("map", "0,1,2"), ("size", 9)), data=b"x")),
        "sparse map has an odd count of numbers",
    ),
    "no numbers": (
        encoded(Raw(b"f", pax=pax(("map", "0,x"), ("size", 9)), data=b"x")),
        "pax sparse map is not a number: b'x'",
    ),
    "offsets without lengths": (
        encoded(Raw(b"f", pax=pax(("size", 9), ("offset", 0), ("offset", 1)), data=b"x")),
        "sparse offsets and lengths do not alternate",
    ),
    "lengths before offsets": (
        encoded(Raw(b"f", pax=pax(("size", 9), ("numbytes", 1), ("offset", 0)), data=b"x")),
        "sparse offsets and lengths do not alternate",
    ),
    "not ascending": (
        pax_01([(5, b"x"), (2, b"y")], 9),
        "sparse map is not ascending inside the file's 9 bytes: 1 bytes at 2",
    ),
    "past the end": (pax_01([(8, b"xy")], 9), "2 bytes at 8"),
    "more data than the map": (
        encoded(Raw(b"f", pax=pax(("map", "0,1"), ("size", 9)), data=b"xyz")),
        "sparse map names 1 bytes of data, the entry holds 3",
    ),
    "unknown format": (
        encoded(Raw(b"f", pax=pax(("major", 2), ("minor", 1), ("size", 0)))),
        "sparse file in unknown format 2.1",
    ),
    "format that is no text": (
        encoded(Raw(b"f", pax=((b"GNU.sparse.major", b"\xff\x1b"),))),
        "pax sparse size is not a number",
    ),
    "no map at all": (
        encoded(Raw(b"f", pax=pax(("size", 9)))),
        "sparse file in unknown format 0.0",
    ),
    "map of format 1.0 with too many parts": (
        encoded(
            Raw(
                b"f",
                pax=pax(("major", 1), ("minor", 0), ("realsize", 9)),
                data=padded(b"%d\n" % (MAX_SPARSE_PARTS + 1)),
            )
        ),
        f"sparse map of {MAX_SPARSE_PARTS + 1} parts; at most {MAX_SPARSE_PARTS} are read",
    ),
    "map of format 1.0 that ends early": (
        encoded(
            Raw(
                b"f",
                pax=pax(("major", 1), ("minor", 0), ("realsize", 9)),
                data=padded(b"200\n1\n"),
            )
        ),
        "sparse map has a line of more than 64 characters",
    ),
    "old map that goes on behind the file": (
        encoded(Raw(b"f", kind=b"S", magic=GNU, sparse=bytes(96) + b"\1" + b"%011o\0" % 9)),
        "sparse map is truncated",
    ),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_map_is_refused_with_the_place(name: str) -> None:
    tar, expected = DAMAGES[name]
    with pytest.raises(ImageError) as caught:
        list(read_members(Extents([BytesPart(tar)]), "x.tar"))
    message = str(caught.value)
    assert message.startswith("x.tar, tar entry at byte ")
    assert expected in message
    assert "\n" not in message
    assert message.isprintable()
