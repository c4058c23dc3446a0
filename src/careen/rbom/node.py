"""Typed, strict access to a JSON document.

Errors name the place of the value (`files[12].uses[0].use`).
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, TypeVar

from careen.errors import ConfigError

_E = TypeVar("_E", bound=Enum)
_T = TypeVar("_T")
_MAX_INTEGER = 1 << 63


class Node:
    """A value and its place in the document."""

    __slots__ = ("_value", "where")

    def __init__(self, value: Any, where: str) -> None:
        self._value = value
        self.where = where

    def refuse(self, expected: str) -> ConfigError:
        """Return (not raise) the error for an unexpected value."""
        text = repr(self._value)
        shown = text if len(text) <= 80 else f"{text[:77]}…"  # noqa: PLR2004 — one line for people
        return ConfigError(f"{self.where or 'rbom'}: expected {expected}, got {shown}")

    def object(self, required: Sequence[str], optional: Sequence[str] = ()) -> Mapping[str, "Node"]:
        """Return the members of an object that has all `required` and no unknown names."""
        value = self._value
        if not isinstance(value, dict):
            raise self.refuse("an object")
        for name in required:
            if name not in value:
                raise ConfigError(f"{self._member(name)}: missing")
        if len(value) > len(required):
            for name in value:
                if name not in required and name not in optional:
                    raise ConfigError(f"{self._member(name)}: unknown member of version 1")
        return {name: Node(item, self._member(name)) for name, item in value.items()}

    def _member(self, name: str) -> str:
        return f"{self.where}.{name}" if self.where else name

    def items(self) -> Iterator["Node"]:
        """Yield the items of an array."""
        if not isinstance(self._value, list):
            raise self.refuse("an array")
        for i, item in enumerate(self._value):
            yield Node(item, f"{self.where}[{i}]")

    def members(self) -> Iterator[tuple[str, "Node"]]:
        """Yield the names and values of an object used as a map."""
        if not isinstance(self._value, dict):
            raise self.refuse("an object")
        for name, item in self._value.items():
            yield name, Node(item, self._member(name))

    def string(self) -> str:
        """Return a string."""
        if not isinstance(self._value, str):
            raise self.refuse("a string")
        return self._value

    def strings(self) -> tuple[str, ...]:
        """Return an array of strings."""
        return tuple(item.string() for item in self.items())

    def integer(self) -> int:
        """Return an integer from 0 to 2^63 - 1."""
        if (
            not isinstance(self._value, int)
            or isinstance(self._value, bool)
            or not 0 <= self._value < _MAX_INTEGER
        ):
            raise self.refuse("an integer that is not negative")
        return self._value

    def number(self) -> float:
        """Return a finite number that is not negative."""
        value = self._value
        if (
            not isinstance(value, int | float)
            or isinstance(value, bool)
            or not math.isfinite(value)
            or value < 0
        ):
            raise self.refuse("a number that is not negative")
        return float(value)

    def share(self) -> float:
        """Return a number from 0 to 1."""
        value = self.number()
        if value > 1:
            raise self.refuse("a share from 0 to 1")
        return value

    def optional(self, read: Callable[["Node"], _T]) -> _T | None:
        """Return None for null, otherwise the result of `read`."""
        return None if self._value is None else read(self)

    def one_of(self, kind: type[_E]) -> _E:
        """Return the enumeration member whose value is this string."""
        try:
            return kind(self.string())
        except ValueError:
            raise self.refuse("one of " + ", ".join(repr(item.value) for item in kind)) from None

    def entry_of(self, table: Sequence[_T], name: str) -> _T:
        """Return the item of a table of the document at this index."""
        index = self.integer()
        if index >= len(table):
            raise self.refuse(f"an index into {name}, which has {len(table)} items")
        return table[index]
