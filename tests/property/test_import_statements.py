"""Import statements that are looked for line by line are those that a scan of the whole text
finds.
"""

from hypothesis import given
from hypothesis import strategies as st

from careen.explore.import_names import _STATEMENT, _statements

_PIECES = (
    "import ",
    "from ",
    "x",
    "\n",
    "  ",
    "(",
    ")",
    ".",
    "\\\n",
    "#",
    ",",
    "if TYPE_CHECKING:",
    "if t.TYPE_CHECKING :",
    "try: ",
    ";",
    "\r\n",
    "\t",
)


@given(st.lists(st.sampled_from(_PIECES), max_size=30))
def test_the_same_statements_are_found(pieces: list[str]) -> None:
    source = "".join(pieces).encode()
    assert [match.span() for match in _statements(source)] == [
        match.span() for match in _STATEMENT.finditer(source)
    ]


def test_a_line_without_end_is_read_once() -> None:
    assert len(list(_statements(b"x = 1; import a " * 200_000))) == 0
