"""Where keys stand in a TOML document."""

from hypothesis import given
from hypothesis import strategies as st

from careen.tools.toml_lines import find_lines

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
    assert len(lines) == 8


@given(st.text(alphabet="ab.=[]{}\"'#\n\\, 1", max_size=60))
def test_documents_that_are_no_toml_end_too(text: str) -> None:
    lines = find_lines(text)
    assert all(1 <= line <= text.count("\n") + 1 for line in lines.values())
