"""Values that a JSON Schema of an OpenAPI document allows: plausible and deterministic.

A service refuses random values before it does any work. So the document's examples and defaults
come first, then the plainest value that the schema allows. Schemas are untrusted, and the work for
one value is bounded.
"""

import enum
import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from careen.formats.json_document import items, mapping, text
from careen.formats.openapi import resolve

_DEPTH = 8
_NODES = 500
_PROPERTIES = 40
_ITEMS = 16
_REQUIRED = 256
_ENUM = 256
_KNOWN = 20_000
_ROOM = 1 << 20
"""Characters and members that one value may take from the document. One example can be the whole
document, and a schema can name it in each of its 500 nodes.
"""

_MANY = 4
_LENGTH = 2000
_LONG = 300
_MOST = 64  # for numbers without a limit: they are often an amount of work
_SAMPLES = ("apple", "river", "a green field", "night", "seven", "music")
_WORDS = "The quick brown fox jumps over the lazy dog. "
_FOREIGN = "Grüße aus Köln, 世界 🌍 العالم. "
_UUID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
_FORMATS: Mapping[str, str] = {
    "date-time": "2024-02-29T12:30:00Z",
    "date": "2024-02-29",
    "time": "12:30:00Z",
    "duration": "PT1H30M",
    "email": "someone@example.com",
    "idn-email": "someone@example.com",
    "hostname": "localhost",
    "idn-hostname": "localhost",
    "ipv4": "127.0.0.1",
    "ipv6": "::1",
    # A service may call the URL: use its own loopback, where nothing listens on port 9 (discard).
    "uri": "http://127.0.0.1:9/",
    "url": "http://127.0.0.1:9/",
    "uri-reference": "/",
    "iri": "http://127.0.0.1:9/",
    "uuid": _UUID,
    "byte": "aGVsbG8=",
    "json-pointer": "/a",
    "regex": "a+",
}


_NAMES: Mapping[str, str] = {
    **dict.fromkeys(
        ("url", "uri", "link", "href", "callback", "webhook", "callback_url", "webhook_url"),
        _FORMATS["url"],
    ),
    **dict.fromkeys(("tz", "timezone", "time_zone"), "Asia/Kathmandu"),
    **dict.fromkeys(("lang", "language", "locale"), "de"),
    **dict.fromkeys(("email", "mail"), _FORMATS["email"]),
    **dict.fromkeys(("date", "day"), _FORMATS["date"]),
}
"""Values for fields by name, if the schema does not define them."""


_KEYWORDS = (
    *("type", "format", "const", "enum", "example", "examples", "default"),
    *("properties", "required", "additionalProperties", "items", "allOf", "anyOf", "oneOf"),
    *("minItems", "maxItems", "minLength", "maxLength", "contentMediaType"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
)
"""The keywords that are read. A merged schema takes only these from its parts."""


class Style(enum.Enum):
    """Which of the allowed values to choose."""

    FULL = "all fields"
    REQUIRED = "required fields only"
    LEAST = "least values"
    GREATEST = "greatest values"


class SchemaValues:
    """Generator of values for the schemas of one document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._left = _NODES
        self._room = _ROOM
        self._strings = 0
        # The schema is kept with its result, so that its id() is not reused.
        self._known: dict[int, tuple[object, Mapping[str, Any]]] = {}

    def value(self, schema: object, style: Style, name: str = "") -> Any:
        """Return a value as JSON data, or None if the schema does not define one.

        `name` is that of the field or parameter.
        """
        self._left = _NODES
        self._room = _ROOM
        self._strings = 0
        return self._value(schema, style, 0, name)

    def fits(self, value: object) -> bool:
        """Return whether a value of the document is small enough to use."""
        self._room = _ROOM
        return self._fits(value)

    def choices(self, schema: object) -> Iterator[tuple[str, Any]]:
        """Yield name and word for each word of an enumerated property that `value` does not choose.

        Nested objects are not searched.
        """
        properties = mapping(self._whole(schema).get("properties"))
        for name in islice(properties, _PROPERTIES):
            inner = self._whole(properties[name])
            if self._given(inner) is None and "enum" not in inner:
                continue
            chosen = self.value(inner, Style.FULL)
            self._room = _ROOM
            words = (each for each in items(inner.get("enum"))[:_ITEMS] if self._fits(each))
            yield from ((name, each) for each in words if each != chosen)

    def flags(self, schema: object) -> tuple[str, ...]:
        """Return the names of the boolean properties."""
        properties = mapping(self._whole(schema).get("properties"))
        return tuple(
            name
            for name in islice(properties, _PROPERTIES)
            if _kind(self._whole(properties[name])) == "boolean"
        )

    def required(self, schema: object) -> tuple[str, ...]:
        """Return the names of the required properties, in the document's order."""
        return tuple(
            name
            for name in items(self._whole(schema).get("required"))[:_PROPERTIES]
            if isinstance(name, str)
        )

    def kind(self, schema: object) -> str:
        """Return the JSON type of a schema, or "" if undefined."""
        return _kind(self._whole(schema))

    def property(self, schema: object, name: str) -> Mapping[str, Any]:
        """Return the schema of a property."""
        return self._whole(mapping(self._whole(schema).get("properties")).get(name))

    def _whole(self, schema: object) -> Mapping[str, Any]:
        """Follow references, merge `allOf`, and take the first alternative that is not null."""
        known = self._known.get(id(schema))
        if known is not None:
            return known[1]
        found = self._joined(schema)
        if len(self._known) >= _KNOWN:
            self._known.clear()
        self._known[id(schema)] = (schema, found)
        return found

    def _joined(self, schema: object) -> Mapping[str, Any]:
        found = resolve(self._document, schema)
        for _ in range(_DEPTH):
            alternatives = items(found.get("anyOf")) or items(found.get("oneOf"))
            if not alternatives:
                break
            resolved = (resolve(self._document, each) for each in alternatives[:_ITEMS])
            chosen = next((each for each in resolved if each.get("type") != "null"), {})
            rest = {key: value for key, value in _read(found).items() if key not in _ALTERNATIVES}
            found = {**_read(chosen), **rest}
        if isinstance(found.get("allOf"), list):
            parts = [resolve(self._document, each) for each in found["allOf"][:_ITEMS]]
            found = _merged((*parts, found))
        return found

    def _given(self, schema: Mapping[str, Any]) -> Any:
        """Return the document's own value, or None."""
        for key in ("const", "example", "default"):
            if schema.get(key) is not None:
                return schema[key]
        examples = items(schema.get("examples"))
        return examples[0] if examples else None

    def _fits(self, value: object) -> bool:
        """Return whether a value of the document fits the room that is left, and take the room."""
        weight = steps = 0
        open_: list[object] = [value]
        while open_ and weight <= self._room:
            each = open_.pop()
            steps += 1
            weight += 1 + (len(each) if isinstance(each, str | list | dict) else 0)
            if weight > self._room:
                break
            if isinstance(each, dict):
                open_ += each.values()
                weight += sum(map(len, each))
            elif isinstance(each, list):
                open_ += each
        fits = weight <= self._room
        self._room -= weight if fits else min(steps, self._room)
        return fits

    def _value(self, schema: object, style: Style, depth: int, name: str = "") -> Any:
        self._left -= 1
        if depth > _DEPTH or self._left < 0:
            return None
        whole = self._whole(schema)
        extreme = style in {Style.LEAST, Style.GREATEST}
        if "const" in whole:
            return whole["const"] if self._fits(whole["const"]) else None
        if words := items(whole.get("enum")):
            word = _word(words, self._given(whole), style)
            return word if self._fits(word) else None
        if not extreme and (given := self._given(whole)) is not None and self._fits(given):
            return given
        match _kind(whole):
            case "object":
                return self._object(whole, style, depth)
            case "array":
                return self._array(whole, style, depth)
            case "string":
                self._strings += 1
                return _string(whole, style, name, _SAMPLES[(self._strings - 1) % len(_SAMPLES)])
            case "integer" | "number" as kind:
                return _number(whole, style, whole_numbers=kind == "integer")
            case "boolean":
                return style is not Style.LEAST
            case _:
                return None

    def _object(self, schema: Mapping[str, Any], style: Style, depth: int) -> Any:
        properties = mapping(schema.get("properties"))
        required = items(schema.get("required"))[:_REQUIRED]
        needed = {name for name in required if isinstance(name, str)}
        most = style in {Style.FULL, Style.GREATEST}
        names = [name for name in islice(properties, _PROPERTIES) if most or name in needed]
        names = [name for name in names if self._fits(name)]
        out = {name: self._value(properties[name], style, depth + 1, name) for name in names}
        # Leave out an optional field without a value rather than send null.
        out = {name: value for name, value in out.items() if value is not None or name in needed}
        extra = schema.get("additionalProperties")
        if not properties and isinstance(extra, dict) and style is not Style.LEAST:
            out["key"] = self._value(extra, style, depth + 1)
        return out

    def _array(self, schema: Mapping[str, Any], style: Style, depth: int) -> Any:
        least = min(_whole_number(schema.get("minItems"), 0), _ITEMS)
        most = min(_whole_number(schema.get("maxItems"), _MANY), _MANY)
        count = {Style.LEAST: least, Style.GREATEST: max(most, least)}.get(
            style, max(least, min(2, most))
        )
        inner = schema.get("items")
        members = (
            self._value(inner, style if style is not Style.LEAST else Style.REQUIRED, depth + 1)
            for _ in range(count)
        )
        return [member for member in members if member is not None]


_ALTERNATIVES = frozenset({"anyOf", "oneOf"})


def _read(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the known keywords of a schema, which may have a million others."""
    return {key: schema[key] for key in _KEYWORDS if key in schema}


def _merged(parts: tuple[Mapping[str, Any], ...]) -> Mapping[str, Any]:
    """Merge schemas: the last value of each keyword and property, the first names."""
    merged = {key: value for part in parts for key, value in _read(part).items() if key != "allOf"}
    stated = [mapping(part.get("properties")) for part in parts]
    names = _first_names(stated)
    if names:
        last_first = stated[::-1]
        merged["properties"] = {
            name: next(each[name] for each in last_first if name in each) for name in names
        }
    required = (name for part in parts for name in items(part.get("required"))[:_REQUIRED])
    if found := list(islice(required, _REQUIRED)):
        merged["required"] = found
    return merged


def _first_names(stated: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    """Return the first 40 names, without reading more of any part than needed."""
    names: dict[str, None] = {}
    for properties in stated:
        for name in properties:
            if len(names) == _PROPERTIES:
                return names
            names[name] = None
    return names


def _word(words: list[Any], given: object, style: Style) -> Any:
    """Return a word of an enumeration: the document's own, else the first."""
    if style is Style.LEAST:
        return words[0]
    if style is Style.GREATEST:
        return words[-1]
    plain = isinstance(given, str | int | float)
    return given if plain and given in words[:_ENUM] else words[0]


def _kind(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((each for each in kind if each != "null"), None)
    if isinstance(kind, str):
        return kind
    if "properties" in schema or "additionalProperties" in schema:
        return "object"
    return "array" if "items" in schema else ""


def _whole_number(value: object, otherwise: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return otherwise
    return int(max(0, min(value, 1 << 31)))


def _string(schema: Mapping[str, Any], style: Style, name: str, sample: str) -> str:
    form = text(schema.get("format"))
    if form in _FORMATS:
        return _FORMATS[form]
    if style is not Style.LEAST and name.lower() in _NAMES:
        return _NAMES[name.lower()]
    least, most = (
        _whole_number(schema.get("minLength"), 0),
        _whole_number(schema.get("maxLength"), _LENGTH),
    )
    if style is Style.LEAST:
        return "a" * min(least, _LENGTH)
    if style is Style.GREATEST:
        return (_FOREIGN * (_LENGTH // len(_FOREIGN) + 1))[
            : max(min(most, _LONG), min(least, _LENGTH))
        ]
    plain = sample if least <= len(sample) else _WORDS * (min(least, _LENGTH) // len(_WORDS) + 1)
    return plain[: min(most, max(least, len(sample)))]


def _number(schema: Mapping[str, Any], style: Style, *, whole_numbers: bool) -> int | float:
    step = _real(schema.get("multipleOf")) or 1
    low, high = _real(schema.get("minimum")), _real(schema.get("maximum"))
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    # In OpenAPI 3.0 exclusive limits are flags, in 3.1 numbers.
    margin = step if whole_numbers else 0.001
    if (limit := _real(above)) is not None:
        low = limit + margin
    elif above is True and low is not None:
        low += margin
    if (limit := _real(below)) is not None:
        high = limit - margin
    elif below is True and high is not None:
        high -= margin
    if style is Style.LEAST:
        value = low if low is not None else 0
    elif style is Style.GREATEST:
        value = high if high is not None else max(_MOST, low or 0)
    else:
        value = max(low, 1) if low is not None else 1
        value = min(value, high) if high is not None else value
    if not whole_numbers:
        return value
    unit = max(1, int(step))
    return (
        -(-math.ceil(value) // unit) * unit
        if style is not Style.GREATEST
        else math.floor(value) // unit * unit
    )


def _real(value: object) -> float | int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return (
        value
        if isinstance(value, int) and abs(value) < 1 << 53
        else float(value)
        if isinstance(value, float) and math.isfinite(value)
        else None
    )
