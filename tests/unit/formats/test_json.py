"""JSON of others: what is refused, and that nothing in it is trusted to be of its type."""

import pytest

from careen.errors import ImageError, InputError
from careen.formats.json_document import (
    MAX_DEPTH,
    clean,
    items,
    mapping,
    objects,
    parse,
    parse_object,
    text,
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
