"""Whatever valid TOML is written, each key's line is the line that it was written on."""

import tomllib
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from careen.tools.toml.lines import Place, find_lines

SCALARS = st.sampled_from(
    [
        "1",
        "-2.5",
        "true",
        "1979-05-27 07:32:00Z",
        "nan",
        "''",
        '""',
        "'[x]'",
        '"# \\" ]"',
        '"""a\nb = 1\n[c]\n"""',
        "'''\n\n'quoted'''''",
        '"""\\""""""',
        "0x1F",
    ]
)
VALUES = st.recursive(SCALARS, lambda below: st.lists(below, max_size=3).map(tuple), max_leaves=6)
BLANK = st.sampled_from(["", "\n", "  # [comment]\n", "\n\n", "# a = 1\n\n"])


@dataclass
class Written:
    """A document under construction and where its keys are known to be."""

    text: str = ""
    lines: dict[Place, int] = field(default_factory=dict)

    def note(self, place: Place) -> None:
        self.lines[place] = self.text.count("\n") + 1

    def value(self, place: Place, value: Any, gaps: list[str]) -> None:
        if isinstance(value, str):
            self.text += value
            return
        self.text += "["
        for i, item in enumerate(value):
            self.text += gaps[i % len(gaps)]
            self.note((*place, i))
            self.value((*place, i), item, gaps)
            self.text += " ,"
        self.text += gaps[0] + "]"


@given(
    st.lists(
        st.tuples(BLANK, st.integers(0, 3), VALUES, st.lists(BLANK, min_size=1, max_size=3)),
        max_size=8,
    )
)
def test_lines_of_generated_documents(statements: list[tuple[str, int, Any, list[str]]]) -> None:
    written = Written()
    table: Place = ()
    arrays = 0
    for number, (blank, shape, value, gaps) in enumerate(statements):
        written.text += blank
        match shape:
            case 0:
                table = (f"t{number}", "sub table")
                written.note(table)
                written.text += f"[ t{number} . 'sub table' ]\n"
            case 1:
                table = ("array", arrays)
                arrays += 1
                written.note(table)
                written.text += '[["array"]] # more\n'
            case 2:
                written.note((*table, f"k{number}", "d.d"))
                written.text += f'  k{number}."d.d" = '
                written.value((*table, f"k{number}", "d.d"), value, gaps)
                written.text += "\n"
            case _:
                written.note((*table, f"k{number}", "in"))
                written.text += f"k{number} = {{ in = "
                written.value((*table, f"k{number}", "in"), value, gaps)
                written.text += ", b = 1 } # end\n"
    tomllib.loads(written.text)  # the generator writes TOML
    found = find_lines(written.text)
    assert {place: found.get(place) for place in written.lines} == written.lines
