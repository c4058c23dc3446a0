"""What scanners search in a source: its words and literals, found once, as a full search finds."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careen.plan.scanners.any_source import scan
from careen.plan.scanners.source import Source, may_mention, mentions, of_bytes

TEXTS = st.text("ab_.(/\"' \n", max_size=40).map(str.encode)


@given(TEXTS, st.text("ab_.(/ ", min_size=1, max_size=5).map(str.encode))
def test_a_text_is_found_as_in_the_whole_source(data: bytes, text: bytes) -> None:
    assert mentions(Source(data), text) == mentions(data, text) == (text in data)


@given(TEXTS, st.text("ab_.(/ ", min_size=1, max_size=5).map(str.encode))
def test_a_text_that_is_there_may_be_mentioned(data: bytes, text: bytes) -> None:
    assert may_mention(Source(data), text) or text not in data


@given(
    st.text("ab(", max_size=60).map(str.encode),
    st.lists(st.text("ab(", min_size=4, max_size=9).map(str.encode), min_size=1, max_size=4),
)
def test_one_of_several_texts_with_common_parts_is_found(data: bytes, texts: list[bytes]) -> None:
    assert mentions(Source(data), *texts) == any(text in data for text in texts)


def test_a_common_part_alone_is_none_of_the_texts() -> None:
    texts = (b"find_library", b"LoadLibrary", b"spawnSync")
    assert not mentions(Source(b"the library"), *texts)
    assert mentions(Source(b"ctypes.util.find_library(name)"), *texts)


@given(TEXTS)
def test_runs_are_the_longest(data: bytes) -> None:
    assert Source(data).runs == set(re.findall(rb"[\w./]+", data))


@pytest.mark.parametrize(
    ("data", "quoted"),
    [
        (b"", set()),
        (b"no quote", set()),
        (b"x = 'one' + \"two\"", {b"one", b" + ", b"two", b""}),
        (b"'open", {b"open"}),
    ],
)
def test_quoted_texts(data: bytes, quoted: set[bytes]) -> None:
    assert Source(data).quoted == quoted


def test_a_source_is_made_once() -> None:
    source = Source(b"x")
    assert of_bytes(source) is source
    assert of_bytes(b"x") == source


def test_a_scan_is_the_same_with_and_without_words() -> None:
    text = (
        b"import ctypes, subprocess\n"
        b"from gi.repository import Gst\n"
        b"lib = ctypes.CDLL('libmagic.so.1')\n"
        b"run(['pdftoppm', '-f'])\n"
        b"FONTS = '/usr/share/fonts/truetype'\n"
    )
    found = scan(Source(text))
    assert found == scan(text)
    assert found.starts_programs
    assert found.heads_of_lists == {"pdftoppm"}
    assert found.libraries == {"libmagic.so.1"}
    assert found.namespaces == {"Gst"}
    assert found.data_paths == {b"/usr/share/fonts/truetype"}
