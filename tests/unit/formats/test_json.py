"""JSON of others: what is refused, and that nothing in it is trusted to be of its type."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from careen.errors import ImageError, InputError
from careen.formats.json_document import (
    MAX_DEPTH,
    Strict,
    clean,
    items,
    mapping,
    objects,
    parse,
    parse_object,
    text,
    text_at,
)


def test_a_byte_order_mark_is_passed_over_and_the_last_of_two_keys_holds() -> None:
    assert parse_object(b'\xef\xbb\xbf{"a": 1, "a": 2}', "x", InputError) == {"a": 2}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"a": ', "x: not valid JSON"),
        (b'{"a": NaN}', "x: not valid JSON: NaN is not JSON"),
        (b'{"a": "\xff"}', "x: not valid JSON"),
        (b'{"a": ' + b"9" * 1_000_000 + b"}", "x: not valid JSON"),
        (b"[]", "x: expected a JSON object, got 'list'"),
        (b'{"a":' * 100_000, "x: JSON nested deeper than 200 levels"),
        (
            b'{"a":' + b"[" * MAX_DEPTH + b"0" + b"]" * MAX_DEPTH + b"}",
            "x: JSON nested deeper than 200 levels",
        ),
    ],
)
def test_what_is_no_object_is_refused_in_the_caller_s_terms(data: bytes, reason: str) -> None:
    for error in (ImageError, InputError):
        with pytest.raises(error, match=reason):
            parse_object(data, "x", error)


def test_the_last_level_that_is_allowed() -> None:
    found = parse(b"[" * MAX_DEPTH + b"7" + b"]" * MAX_DEPTH, "x", InputError)
    for _ in range(MAX_DEPTH):
        (found,) = found
    assert found == 7


@pytest.mark.parametrize("value", [None, 1, True, "word", [], {}])
def test_nothing_is_trusted_to_be_of_its_type(value: object) -> None:
    assert mapping(value) == {}
    assert items(value) == []
    assert list(objects(value)) == []
    assert text(value) == ("word" if value == "word" else "")


def test_objects_are_taken_out_of_whatever_else_is_in_an_array() -> None:
    assert list(objects([1, {"a": 1}, None, [{}], {"b": 2}])) == [{"a": 1}, {"b": 2}]


def test_lone_surrogates_do_not_get_out() -> None:
    assert clean("a\ud800ü") == "a?ü"


READ = Strict(InputError, "paper", longest=10)
FEED = Strict(ValueError, nulls=True)


@pytest.mark.parametrize(
    ("read", "value", "message"),
    [
        (READ.mapping, [], "a.b: expected an object, got []"),
        (READ.items, None, "a.b: expected an array, got None"),
        (READ.text, 7, "a.b: expected a string, got 7"),
        (READ.text, b"twelve bytes", "a.b: expected a string, got b'twelve b…"),
        (READ.texts, ["x", 7], "a.b[1]: expected a string, got 7"),
        (READ.count, True, "a.b: expected an integer that is not negative, got True"),
        (READ.count, 1 << 63, "a.b: expected an integer that is not negative, got 9223372036…"),
        (READ.number, float("nan"), "a.b: expected a number that is not negative, got nan"),
        (READ.number, 10**400, "a.b: expected a number that is not negative, got 1000000000…"),
    ],
)
def test_strict_access_names_the_key_path(
    read: Callable[[Any, str, str], object], value: object, message: str
) -> None:
    with pytest.raises(InputError) as caught:
        read(value, "a", "b")
    assert str(caught.value) == message


def test_a_path_starts_at_the_document_which_has_a_name() -> None:
    for place, key, path in (("", "a", "a"), ("a", 0, "a[0]"), ("", None, "paper")):
        with pytest.raises(InputError, match=f"^{re.escape(path)}: expected a string, got 7$"):
            READ.text(7, place, key)


def test_null_is_empty_only_for_those_who_ask_for_it() -> None:
    assert (FEED.text(None, "a"), FEED.items(None, "a"), FEED.mapping(None, "a")) == ("", [], {})
    with pytest.raises(ValueError, match=r"^a\[0\]: expected an object, got None$"):
        list(FEED.objects([None], "a"))
    with pytest.raises(InputError, match=r"^a: expected a string, got None$"):
        READ.text(None, "a")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (5, "paper: expected an object, got 5"),
        ({}, "paper: key 'a' is missing"),
        ({"a": 1, "b": 2, "c" * 9: 3}, "paper: unknown key 'ccccccccc…"),
    ],
)
def test_members_are_all_and_no_others(value: object, message: str) -> None:
    assert READ.members({"a": 1, "b": 2}, "", {"a"}, {"b"}) == {"a": 1, "b": 2}
    with pytest.raises(InputError) as caught:
        READ.members(value, "", {"a"}, {"b"})
    assert str(caught.value) == message


def test_a_limit_of_bytes_and_keys_that_may_not_repeat() -> None:
    with pytest.raises(InputError, match=r"^x: 3 bytes are more than the 2 that are read"):
        parse(b"[0]", "x", InputError, limit=2)
    with pytest.raises(InputError, match=r"^x: not valid JSON: key 'a' occurs twice$"):
        parse(b'{"b": 0, "a": 1, "a": 2}', "x", InputError, unique=True)


def test_text_at_a_path_is_clean_and_absent_if_it_is_no_text() -> None:
    document = {"a": {"b": "x\ud800"}, "c": 7}
    assert text_at(document, "a", "b") == "x?"
    assert text_at(document, "c") == text_at(document, "c", "d") == text_at(document, "a") == ""
