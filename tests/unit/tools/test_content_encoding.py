"""Packed HTTP bodies are read as what they say, and what is no such body stays as it is."""

import gzip
import zlib

import pytest

from careen.tools.content_encoding import decoded
from careen.tools.exchange import Reply, digested

TEXT = b'{"openapi": "3.1.0"}'
LIMIT = 1 << 16


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (gzip.compress(TEXT, mtime=1), "gzip"),
        (gzip.compress(TEXT, mtime=1), " X-GZIP "),
        (zlib.compress(TEXT), "deflate"),
        (TEXT, ""),
        (TEXT, "gzip"),
        (TEXT, "identity"),
    ],
    ids=("gzip", "x-gzip", "deflate", "plain", "not gzip", "identity"),
)
def test_a_body_is_read_beneath_its_packing(body: bytes, encoding: str) -> None:
    assert decoded(body, encoding, LIMIT) == TEXT


def test_another_encoding_and_a_broken_body_stay_as_they_are() -> None:
    packed = gzip.compress(TEXT)
    assert decoded(packed, "br", LIMIT) == packed
    broken = packed[:10] + b"\xff\xff" + packed[12:]
    assert decoded(broken, "gzip", LIMIT) == broken


def test_a_bomb_is_unpacked_no_further_than_the_limit() -> None:
    assert decoded(gzip.compress(bytes(1 << 24)), "gzip", LIMIT) == bytes(LIMIT)


def test_the_time_of_packing_is_no_difference() -> None:
    one, two = (gzip.compress(TEXT, mtime=time) for time in (1, 2))
    headers = {"content-encoding": "gzip"}
    assert one != two
    assert Reply(200, headers, one).text == Reply(200, headers, two).text == TEXT.decode()
    assert Reply(200, {}, one).text == digested(one)
