"""Typed access to a TOML table; errors name file, line, key and what was expected."""

import contextlib
import datetime as dt
import difflib
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from careen.errors import ConfigError, InputError
from careen.tools.durations import LONGEST, parse_duration
from careen.tools.toml.lines import Place

_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_SHOWN = 60
T = TypeVar("T")


def kind_of(value: object) -> str:
    """Return the type of a value under TOML's name for it."""
    match value:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "float"
        case str():
            return "text"
        case list():
            return "array"
        case dict():
            return "table"
        case _:
            return "date or time"


def _shown(value: object) -> str:
    if isinstance(value, dict | list):
        return f"{'an' if isinstance(value, list) else 'a'} {kind_of(value)}"
    text = (
        value
        if not isinstance(value, str)
        else json.dumps(value[:_SHOWN], ensure_ascii=False) + ("…" if len(value) > _SHOWN else "")
    )
    return f"{str(text).lower() if isinstance(value, bool) else text} ({kind_of(value)})"


def dotted(place: Place) -> str:
    """Return a place as text: `workload.serve.test[1]`."""
    out = ""
    for part in place:
        if isinstance(part, int):
            out += f"[{part}]"
        else:
            out += ("." if out else "") + (
                part if _BARE.match(part) else json.dumps(part[:_SHOWN], ensure_ascii=False)
            )
    return out


@dataclass(frozen=True, slots=True)
class Document:
    """A file's name and the lines of its keys, for messages."""

    name: str
    lines: Mapping[Place, int]

    def where(self, place: Place) -> str:
        """Return `file:line` of `place` or of its nearest parent with a known line."""
        above = place
        while above and above not in self.lines:
            above = above[:-1]
        return f"{self.name}:{self.lines.get(above, 1)}"

    def fail(self, place: Place, complaint: str) -> NoReturn:
        """Raise ConfigError at the line of `place`."""
        key = dotted(place)
        msg = f"{self.where(place)}: {f'{key}: ' if key else ''}{complaint}"
        raise ConfigError(msg)


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the document, at `place`.

    Each reader returns its default if the key is missing and raises ConfigError for a wrong value.
    """

    document: Document
    place: Place
    values: Mapping[str, Any]

    def fail(self, key: str, complaint: str) -> NoReturn:
        """Raise ConfigError at the line of `key`."""
        self.document.fail((*self.place, key), complaint)

    def where(self, key: str) -> str:
        """Return `file:line` of `key`."""
        return self.document.where((*self.place, key))

    def _wrong(self, place: Place, expected: str, value: object) -> NoReturn:
        self.document.fail(place, f"expected {expected}, got {_shown(value)}")

    def only(self, allowed: Collection[str]) -> None:
        """Check that all keys are in `allowed`; the error suggests the nearest one."""
        for key in self.values:
            if key not in allowed:
                near = difflib.get_close_matches(
                    key[:_SHOWN].replace("-", "_"), allowed, n=1, cutoff=0.6
                )
                hint = (
                    f"did you mean {near[0]!r}?"
                    if near
                    else f"known keys: {', '.join(sorted(allowed))}"
                )
                self.fail(key, f"unknown key; {hint}")

    def text(self, key: str) -> str | None:
        """Return a text that is not empty, or None."""
        value = self.values.get(key)
        if value is None:
            return None
        return self._one_text((*self.place, key), value)

    def _one_text(self, place: Place, value: object) -> str:
        if not isinstance(value, str):
            self._wrong(place, "text", value)
        if not value or "\0" in value:
            self.document.fail(place, "is empty" if not value else "holds a NUL character")
        return value

    def text_or_number(self, key: str) -> str | None:
        """Return a text, or an integer as text, or None."""
        value = self.values.get(key)
        return (
            str(value) if isinstance(value, int) and not isinstance(value, bool) else self.text(key)
        )

    def texts(self, key: str) -> tuple[str, ...]:
        """Return an array of texts; a single text is an array of one."""
        value = self.values.get(key, [])
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list):
            self._wrong((*self.place, key), "text or an array of texts", value)
        single = isinstance(value, str)
        return tuple(
            self._one_text((*self.place, key) if single else (*self.place, key, i), item)
            for i, item in enumerate(items)
        )

    def flag(self, key: str) -> bool:
        """Return a boolean, False by default."""
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            self._wrong((*self.place, key), "true or false", value)
        return value

    def date(self, key: str) -> dt.date | None:
        """Return a TOML date, or a text like "2026-12-31" as a date; None by default."""
        value = self.values.get(key)
        if type(value) is dt.date:
            return value
        if isinstance(value, str) and _DAY.match(value):
            with contextlib.suppress(ValueError):
                return dt.date.fromisoformat(value)
        if value is not None:
            self._wrong((*self.place, key), "a day that exists as YYYY-MM-DD", value)
        return None

    def duration(self, key: str, default: float) -> float:
        """Return seconds, given as a number or as text like "60s"."""
        value = self.values.get(key)
        if value is None:
            return default
        if isinstance(value, str):
            return self.parsed(key, value, parse_duration)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._wrong((*self.place, key), 'a duration like "60s"', value)
        if not 0 <= value <= LONGEST:  # NaN is neither
            self._wrong((*self.place, key), "a number of seconds from 0 to 7 days", value)
        return float(value)

    def parsed(self, key: str, text: str, parse: Callable[[str], T]) -> T:
        """Return `parse(text)`; its InputError is raised at the line of `key`."""
        try:
            return parse(text)
        except InputError as error:
            self.fail(key, str(error))

    def table(self, key: str) -> "Table":
        """Return the table at `key`, empty by default."""
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            self._wrong((*self.place, key), f"a table ([{dotted((*self.place, key))}])", value)
        return Table(self.document, (*self.place, key), value)

    def tables(self) -> Iterator[tuple[str, "Table"]]:
        """Yield the keys and values of a table of tables."""
        for key in self.values:
            yield key, self.table(key)

    def array(self, key: str) -> "tuple[Table, ...]":
        """Return the array of tables at `key` ([[key]]), empty by default."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self._wrong((*self.place, key), f"tables ([[{dotted((*self.place, key))}]])", value)
        return tuple(
            Table(self.document, (*self.place, key, i), item) for i, item in enumerate(value)
        )
