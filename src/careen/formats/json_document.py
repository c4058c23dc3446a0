"""Parsing of JSON documents, and typed access to their values.

Depth is limited, and types are not trusted. The functions `mapping` to `text_at` are lenient: a
value of another type counts as absent. `Strict` raises the caller's error with the key path.
The caller limits the size: a parsed document takes ten times its bytes, `[[],[],…` twenty times.
"""

import enum
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from careen.errors import CareenError

MAX_DEPTH = 200
"""Levels; real documents have trees of a dozen components, and each component takes two levels."""

SHOWN = 80
"""Characters of a value in a message."""

_SAID = 200
_HOLDERS = (dict, list)
_MAX_INTEGER = 1 << 63
Member = TypeVar("Member", bound=enum.Enum)


def parse(
    data: bytes,
    where: str,
    error: type[CareenError],
    *,
    limit: int | None = None,
    unique: bool = False,
) -> Any:
    """Parse one JSON document in UTF-8, with or without a byte order mark.

    The last value of a repeated key holds, unless keys have to be `unique`. Raises `error` that
    names `where`.
    """
    if limit is not None and len(data) > limit:
        msg = (
            f"{where}: {len(data)} bytes are more than the {limit} that are read of such a document"
        )
        raise error(msg)
    try:
        document = json.loads(
            data.decode("utf-8-sig"),
            parse_constant=_refuse_constant,
            object_pairs_hook=_refuse_repeated if unique else None,
        )
        deep = _is_deep(document)
    except RecursionError:
        deep = True
    except ValueError as problem:
        # A wrong byte, a wrong token, or an integer of a million digits.
        msg = f"{where}: not valid JSON: {str(problem)[:_SAID]}"
        raise error(msg) from problem
    if deep:
        msg = f"{where}: JSON nested deeper than {MAX_DEPTH} levels"
        raise error(msg)
    return document


def parse_object(data: bytes, where: str, error: type[CareenError]) -> Mapping[str, Any]:
    """Parse one JSON object (see `parse`)."""
    document = parse(data, where, error)
    if not isinstance(document, dict):
        msg = f"{where}: expected a JSON object, got {type(document).__name__!r}"
        raise error(msg)
    return document


def _refuse_constant(word: str) -> NoReturn:
    msg = f"{word} is not JSON"
    raise ValueError(msg)


def _refuse_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        counts = Counter(name for name, _ in pairs)
        msg = f"key {shown(counts.most_common(1)[0][0])} occurs twice"
        raise ValueError(msg)
    return out


def _is_deep(document: object) -> bool:
    # The parser makes no other classes; `isinstance` takes three times as long.
    level = [document] if document.__class__ in _HOLDERS else []
    for _ in range(MAX_DEPTH):
        level = [
            child
            for item in level
            for child in (item.values() if item.__class__ is dict else item)
            if child.__class__ in _HOLDERS and child
        ]
        if not level:
            return False
    return True


def shown(value: object, longest: int = SHOWN) -> str:
    """Return a value for a message, cut to `longest` characters."""
    said = repr(value)
    return said if len(said) <= longest else f"{said[:longest]}…"


def mapping(value: object) -> Mapping[str, Any]:
    """Return `value` if it is a JSON object, else an empty mapping."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    """Return `value` if it is a JSON array, else an empty list."""
    return value if isinstance(value, list) else []


def objects(value: object) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of `value` if it is a JSON array."""
    return (item for item in items(value) if isinstance(item, dict))


def text(value: object) -> str:
    """Return `value` if it is a JSON string, else ""; may hold lone surrogates (see `clean`)."""
    return value if isinstance(value, str) else ""


def text_at(document: Mapping[str, Any], *names: str) -> str:
    """Return the string at a path of members, `clean`, or "" if it is not one."""
    value: object = document
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return clean(text(value))


def clean(value: str) -> str:
    """Replace lone surrogates, which JSON can state and no encoding can write."""
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


def _at(place: str, key: str | int | None) -> str:
    if isinstance(key, int):
        return f"{place}[{key}]"
    return place if key is None else f"{place}.{key}" if place else key


@dataclass(frozen=True, slots=True)
class Strict:
    """Typed access that raises `error` for a value of another type.

    The message starts with the key path: the holder's `place`, then `key`. The document itself
    has the place "" and the name `source`. With `nulls`, null counts as an empty value.
    """

    # `key` is apart from `place`, so that nobody builds a path that no message needs.

    error: type[Exception]
    source: str = "document"
    longest: int = SHOWN
    nulls: bool = False

    def wrong(
        self, place: str, expected: str, value: object, key: str | int | None = None
    ) -> Exception:
        """Return (not raise) the error for an unexpected value."""
        said = f"expected {expected}, got {shown(value, self.longest)}"
        return self.error(f"{_at(place, key) or self.source}: {said}")

    def fail(self, place: str, problem: str) -> NoReturn:
        """Raise the error."""
        msg = f"{place or self.source}: {problem}"
        raise self.error(msg)

    def check_format(self, document: Any, place: str, expected: str, version: int) -> None:
        """Refuse another format or version; a missing field is left to `members`."""
        if not isinstance(document, dict) or not {"format", "version"} <= document.keys():
            return
        given, number = document["format"], document["version"]
        if given != expected or type(number) is not int or number != version:
            found = f"{shown(given, self.longest)} version {shown(number, self.longest)}"
            self.fail(_at(place, "format"), f"expected {expected!r} version {version}, got {found}")

    def members(
        self,
        value: Any,
        place: str,
        required: AbstractSet[str],
        optional: AbstractSet[str] = frozenset(),
    ) -> dict[str, Any]:
        """Return an object that has all `required` keys, and no others than `optional` ones."""
        if not isinstance(value, dict):
            raise self.wrong(place, "an object", value)
        if value.keys() == required:
            return value
        if missing := sorted(required - value.keys()):
            self.fail(place, f"key {missing[0]!r} is missing")
        if unknown := sorted(value.keys() - required - optional):
            self.fail(place, f"unknown key {shown(unknown[0], self.longest)}")
        return value

    def mapping(self, value: Any, place: str, key: str | int | None = None) -> Mapping[str, Any]:
        """Return an object."""
        if isinstance(value, dict):
            return value
        if value is None and self.nulls:
            return {}
        raise self.wrong(place, "an object", value, key)

    def items(self, value: Any, place: str, key: str | int | None = None) -> list[Any]:
        """Return an array."""
        if isinstance(value, list):
            return value
        if value is None and self.nulls:
            return []
        raise self.wrong(place, "an array", value, key)

    def objects(self, value: Any, place: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield each object of an array with its place; none of them may be null."""
        for number, item in enumerate(self.items(value, place)):
            if not isinstance(item, dict):
                raise self.wrong(place, "an object", item, number)
            yield f"{place}[{number}]", item

    def text(self, value: Any, place: str, key: str | int | None = None) -> str:
        """Return a string."""
        if isinstance(value, str):
            return value
        if value is None and self.nulls:
            return ""
        raise self.wrong(place, "a string", value, key)

    def texts(self, value: Any, place: str, key: str | int | None = None) -> tuple[str, ...]:
        """Return an array of strings; none of them may be null."""
        found = self.items(value, place, key)
        for number, item in enumerate(found):
            if not isinstance(item, str):
                raise self.wrong(_at(place, key), "a string", item, number)
        return tuple(found)

    def count(self, value: Any, place: str, key: str | int | None = None) -> int:
        """Return an integer from 0 to 2^63 - 1."""
        if type(value) is int and 0 <= value < _MAX_INTEGER:
            return value
        raise self.wrong(place, "an integer that is not negative", value, key)

    def number(self, value: Any, place: str, key: str | int | None = None) -> float:
        """Return a number from 0 to below 2^63."""
        if type(value) in (int, float) and 0 <= value < _MAX_INTEGER:  # NaN is neither
            return float(value)
        raise self.wrong(place, "a number that is not negative", value, key)

    def member(
        self, kind: type[Member], value: Any, place: str, key: str | int | None = None
    ) -> Member:
        """Return the enumeration member with this value."""
        try:
            return kind(value)
        except ValueError:
            words = ", ".join(str(item.value) for item in kind)
            raise self.wrong(place, f"one of {words}", value, key) from None

    def set_of(
        self, kind: type[Member], value: Any, place: str, key: str | int | None = None
    ) -> frozenset[Member]:
        """Return an array of enumeration members as a set."""
        found = self.items(value, place, key)
        try:
            return frozenset(map(kind, found))
        except ValueError:
            place = _at(place, key)
            return frozenset(self.member(kind, item, place, i) for i, item in enumerate(found))
