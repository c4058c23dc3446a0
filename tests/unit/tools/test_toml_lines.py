"""Line numbers of the keys of a TOML document."""

import tomllib
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from careen.tools.toml.lines import DEEPEST, Place, find_lines

DOCUMENT = """\
a = 1
b.c = "x" # [not.a.table]
[t]
d = [ # comment with ]
  1, "two ] #",
  [3,
   4],
]
e = { f = 'g', h = { i = [1, 2] } }

[[list]]
x = 1
[[list]]
x = 2
[list.sub]
y = 3
["quo.ted".'lit"eral']
z = 1979-05-27 07:32:00
"""


def test_every_place_has_its_line() -> None:
    lines = find_lines(DOCUMENT)
    assert {place: line for place, line in lines.items() if place[0] in {"a", "b"}} == {
        ("a",): 1,
        ("b",): 2,
        ("b", "c"): 2,
    }
    assert lines["t",] == 3
    assert lines["t", "d"] == 4
    assert [lines["t", "d", i] for i in range(3)] == [5, 5, 6]
    assert lines["t", "d", 2, 1] == 7
    assert lines["t", "e", "h", "i", 1] == 9
    assert lines["list", 0, "x"] == 12
    assert lines["list", 1, "x"] == 14
    assert lines["list", 1, "sub", "y"] == 16
    assert lines["quo.ted", 'lit"eral', "z"] == 18


def test_a_long_dotted_key_costs_little() -> None:
    """A key of many parts is kept to the depth that settings have."""
    lines = find_lines(".".join(["a"] * 2000) + " = 1\n")
    assert len(lines) == DEEPEST


def test_deep_nesting_keeps_what_was_found_before() -> None:
    lines = find_lines("a = 1\nb = " + "[" * 100_000)
    assert (lines["a",], lines["b",]) == (1, 2)


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("a = 1\nb = [}\nc = 2\n", ("b", 0)),
        ("a = 1\nb = [1 2}]\nc = 2\n", ("b", 0)),
        ("a = 1\nb = [[#}\n}\nc = 2\n", ("b", 0, 0)),
        ("a = 1\nb = {}}\nc = 2\n", ("b",)),
        ('a = 1\nb = "\nc = 2\n', ("b",)),
        ("a = 1\nb = '''\nc = 2\n", ("b",)),
        ("a = 1\nb.\n", ("a",)),
    ],
)
def test_a_mistake_ends_the_search_and_loses_no_earlier_line(text: str, last: Place) -> None:
    lines = find_lines(text)
    assert lines["a",] == 1
    assert list(lines)[-1] == last


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (r'"caf\u00e9"', "caf\u00e9"),
        (r'"\U0001F600"', "\U0001f600"),
        (r'"tab\tquote\"backslash\\"', 'tab\tquote"backslash\\'),
        (r"'raw\t'", r"raw\t"),
        ('""', ""),
    ],
)
def test_a_quoted_key_is_found_under_the_name_that_tomllib_reads(key: str, name: str) -> None:
    text = f"\n{key} = 1\n"
    assert list(tomllib.loads(text)) == [name]
    assert find_lines(text) == {(name,): 2}


def _places(value: object, above: Place = ()) -> Iterator[Place]:
    children = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, child in children:
        yield (*above, key)
        yield from _places(child, (*above, key))


@given(st.text(alphabet="ab.=[]{}\"'#\n\\, 1", max_size=60))
@example("a=[}")
@example("a=[1#}\n}")
@example("[[a]]\n[[a]]\nb.b=[[1],{a=[]}]")
def test_any_text_ends_and_every_key_of_toml_has_a_line(text: str) -> None:
    lines = find_lines(text)
    assert all(1 <= line <= text.count("\n") + 1 for line in lines.values())
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert {place for place in _places(document) if len(place) <= DEEPEST} <= lines.keys()
