"""Typed reads of a TOML table: the value or its default, and one message for each wrong value."""

import datetime as dt
import tomllib
from collections.abc import Callable

import pytest

from careen.errors import ConfigError, InputError
from careen.tools.toml.lines import find_lines
from careen.tools.toml.table import Document, Table, dotted


def table(text: str) -> Table:
    return Table(Document("f.toml", find_lines(text)), (), tomllib.loads(text))


def refused(text: str, read: Callable[[Table], object]) -> str:
    with pytest.raises(ConfigError) as caught:
        read(table(text))
    return str(caught.value)


def test_a_missing_key_gives_the_default() -> None:
    empty = table("")
    assert empty.text("a") is None
    assert empty.text_or_number("a") is None
    assert empty.texts("a") == ()
    assert empty.flag("a") is False
    assert empty.date("a") is None
    assert empty.duration("a", 7.5) == 7.5
    assert empty.array("a") == ()
    assert dict(empty.table("a").values) == {}
    assert list(empty.tables()) == []


def test_values_are_read_in_every_form_that_they_may_be_written_in() -> None:
    root = table(
        """
        number = 1000
        name = "x"
        one = "a"
        many = ["a", "b"]
        yes = true
        day = 2026-12-31
        day_text = "2026-12-31"
        whole = 3
        part = 0.5
        minutes = "2m"
        [[list]]
        name = "first"
        [[list]]
        name = "second"
        """
    )
    assert root.text_or_number("number") == "1000"
    assert root.text_or_number("name") == "x"
    assert root.texts("one") == ("a",)
    assert root.texts("many") == ("a", "b")
    assert root.flag("yes") is True
    assert root.date("day") == root.date("day_text") == dt.date(2026, 12, 31)
    assert [root.duration(key, 0) for key in ("whole", "part", "minutes")] == [3, 0.5, 120]
    assert [item.text("name") for item in root.array("list")] == ["first", "second"]


WRONG: dict[str, tuple[str, Callable[[Table], object], str]] = {
    "number for a text": ("a = 1", lambda t: t.text("a"), "expected text, got 1 (integer)"),
    "boolean for a text": ("a = true", lambda t: t.text("a"), "expected text, got true (boolean)"),
    "empty text": ("a = ''", lambda t: t.text("a"), "is empty"),
    "NUL": (r'a = "x\u0000"', lambda t: t.text("a"), "holds a NUL character"),
    "boolean for a text or a number": (
        "a = false",
        lambda t: t.text_or_number("a"),
        "expected text, got false (boolean)",
    ),
    "number for texts": (
        "a = 1.5",
        lambda t: t.texts("a"),
        "expected text or an array of texts, got 1.5 (float)",
    ),
    "table for texts": (
        "a = { b = 1 }",
        lambda t: t.texts("a"),
        "expected text or an array of texts, got a table",
    ),
    "text for a boolean": (
        "a = 'yes'",
        lambda t: t.flag("a"),
        'expected true or false, got "yes" (text)',
    ),
    "number for a boolean": ("a = 1", lambda t: t.flag("a"), "expected true or false, got 1"),
    "day that does not exist": (
        "a = '2026-02-30'",
        lambda t: t.date("a"),
        'expected a day that exists as YYYY-MM-DD, got "2026-02-30" (text)',
    ),
    "day with a time": (
        "a = 2026-01-01T00:00:00Z",
        lambda t: t.date("a"),
        "expected a day that exists as YYYY-MM-DD, got 2026-01-01 00:00:00+00:00 (date or time)",
    ),
    "day in other digits": (
        "a = '\u0662\u0660\u0662\u0666-\u0660\u0661-\u0660\u0661'",
        lambda t: t.date("a"),
        "expected a day that exists as YYYY-MM-DD",
    ),
    "boolean for a duration": (
        "a = true",
        lambda t: t.duration("a", 1),
        'expected a duration like "60s", got true (boolean)',
    ),
    "negative duration": (
        "a = -1",
        lambda t: t.duration("a", 1),
        "expected a number of seconds from 0 to 7 days, got -1 (integer)",
    ),
    "duration that is no number": (
        "a = nan",
        lambda t: t.duration("a", 1),
        "expected a number of seconds from 0 to 7 days, got nan (float)",
    ),
    "endless duration": (
        "a = inf",
        lambda t: t.duration("a", 1),
        "expected a number of seconds from 0 to 7 days, got inf (float)",
    ),
    "duration in words": ("a = 'soon'", lambda t: t.duration("a", 1), "not a duration: 'soon'"),
    "text for a table": (
        "a = 'x'",
        lambda t: t.table("a"),
        'expected a table ([a]), got "x" (text)',
    ),
    "table for tables": (
        "[a]\nb = 1",
        lambda t: t.array("a"),
        "expected tables ([[a]]), got a table",
    ),
    "array of other values": (
        "a = [{}, 1]",
        lambda t: t.array("a"),
        "expected tables ([[a]]), got an array",
    ),
    "long text": (
        f"a = '{'x' * 500}'",
        lambda t: t.flag("a"),
        f'expected true or false, got "{"x" * 60}"… (text)',
    ),
    "control characters": (
        r'a = "\u001b[31m"',
        lambda t: t.flag("a"),
        r'expected true or false, got "\u001b[31m" (text)',
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_is_refused_at_its_line(name: str) -> None:
    text, read, complaint = WRONG[name]
    assert refused("\n" + text, read).startswith(f"f.toml:2: a: {complaint}")


def test_the_line_is_that_of_the_wrong_element() -> None:
    text = "a = [\n'x',\n'',\n]"
    assert refused(text, lambda t: t.texts("a")) == "f.toml:3: a[1]: is empty"


def test_a_key_without_a_line_of_its_own_has_that_of_the_nearest_table() -> None:
    root = table("\n[t]\nx = 1\n")
    assert root.table("t").where("missing") == "f.toml:2"
    assert root.where("missing") == "f.toml:1"


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("work-dir", "did you mean 'work_dir'?"),
        ("wrkdir", "did you mean 'work_dir'?"),
        ("zzz", "known keys: image, work_dir"),
        ("w" * 70, "known keys: image, work_dir"),
    ],
)
def test_an_unknown_key_comes_with_the_nearest_known_one(key: str, hint: str) -> None:
    message = refused(f"\n{key} = 1", lambda t: t.only(("work_dir", "image")))
    assert message == f"f.toml:2: {key}: unknown key; {hint}"


def test_tables_of_a_table_are_read_by_name() -> None:
    root = table("[w.a]\nx = '1'\n[w.b]\nx = '2'\n")
    assert [(key, each.text("x")) for key, each in root.table("w").tables()] == [
        ("a", "1"),
        ("b", "2"),
    ]
    assert refused("[w]\na = 1", lambda t: list(t.table("w").tables())) == (
        "f.toml:2: w.a: expected a table ([w.a]), got 1 (integer)"
    )


def test_the_error_of_a_parser_gets_the_line_of_its_key() -> None:
    def never(text: str) -> int:
        msg = f"not a port: {text}"
        raise InputError(msg)

    assert refused("\na = 1", lambda t: t.parsed("a", "x", never)) == "f.toml:2: a: not a port: x"


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ((), ""),
        (("workload", "serve", "test", 1), "workload.serve.test[1]"),
        (("a b", "c.d"), '"a b"."c.d"'),
        (("", 0), '""[0]'),
        (("a\x1b\n",), r'"a\u001b\n"'),
        (("a\n",), r'"a\n"'),
        (("é" * 100,), '"' + "é" * 60 + '"'),
    ],
)
def test_places_are_written_as_toml_writes_keys(place: tuple[str | int, ...], text: str) -> None:
    assert dotted(place) == text
