"""Comparison of two JSON bodies: keys, types, and values beyond noise."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from careen.verify.bodies.json_kinds import MISSING, NODES, is_new_kind, kind, name_of
from careen.verify.bodies.normal import MEASURED, Noise, close

LARGEST = 1 << 20  # characters
MOST = 20  # differences that are listed
LENGTH = " length"  # suffix of an array's place
_UNKNOWN: Mapping[str, frozenset[str]] = {}


@dataclass(frozen=True, slots=True)
class JsonDifference:
    """One difference.

    `place` is `.items[].name`, with `[]` for any array index. `structural`: a key or type differs,
    not a value. `length`: an array has another number of items.
    """

    place: str
    before: str
    after: str
    structural: bool
    length: bool = False

    @property
    def key(self) -> str:
        """Place to ignore if the original differs there; an array's length has its own."""
        place = "" if self.place == "." else self.place
        return f"{place}{LENGTH}" if self.length else place


def parse_json(body: str) -> tuple[Any] | None:
    """Return the value in a 1-tuple, or None if not JSON, too large or too deeply nested."""
    if len(body) > LARGEST or body.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return (json.loads(body),)
    except (ValueError, RecursionError):
        return None


def unlike(
    before: Any,
    after: Any,
    noise: Noise,
    ignored: frozenset[str] = frozenset(),
    shown: Mapping[str, frozenset[str]] = _UNKNOWN,
) -> tuple[JsonDifference, ...]:
    """Return at most 20 differences in document order, from at most 100,000 values.

    Keys and types must be equal (all numbers are one type). Arrays are compared item by item;
    another length is a difference of value. Fractions may differ by a thousandth, measured
    quantities (`took_ms`, `created`, `port`) by any amount; texts are compared by lines. At
    `ignored` places only a kind that `shown` lacks, or a newly empty value, counts.
    """
    out: list[JsonDifference] = []
    todo: list[tuple[str, str, Any, Any]] = [("", "", before, after)]
    visited = 0
    while todo and len(out) < MOST and visited < NODES:
        place, key, one, two = todo.pop()
        visited += 1
        if place in ignored:
            if is_new_kind(shown.get(place), one, two) and not _declared(key, one, two, noise):
                out.append(_lost(place, one, two))
            continue
        if kind(one) != kind(two):
            if not _declared(key, one, two, noise):
                out.append(JsonDifference(place or ".", _shown(one), _shown(two), structural=True))
        elif isinstance(one, dict):
            if is_new_kind(shown.get(place), one, two):
                out.append(
                    JsonDifference(place or ".", _shown(one), "an empty object", structural=True)
                )
            else:
                todo.extend(reversed([*_members(place, one, two)]))
        elif isinstance(one, list):
            may_vary = {f"{place}[]", f"{place}{LENGTH}"} & ignored
            if len(one) != len(two) and (not may_vary or is_new_kind(shown.get(place), one, two)):
                out.append(_lengths(place, one, two))
            todo.extend(
                (f"{place}[]", key, *both) for both in reversed([*zip(one, two, strict=False)])
            )
        elif not _alike(key, one, two, noise):
            out.append(JsonDifference(place or ".", _shown(one), _shown(two), structural=False))
    return tuple(out)


def places(found: tuple[JsonDifference, ...]) -> frozenset[str]:
    """Return the places where two tries on one image differ; they are noise."""
    return frozenset(item.key for item in found)


def _lost(place: str, one: Any, two: Any) -> JsonDifference:
    """Return the difference for another kind or an empty value at a place of noise."""
    after = f"an empty {kind(two)}" if isinstance(two, dict | list) and not two else _shown(two)
    return JsonDifference(place or ".", _shown(one), after, structural=kind(one) != kind(two))


def _lengths(place: str, one: list[Any], two: list[Any]) -> JsonDifference:
    counts = (f"{len(one)} items", f"{len(two)} items")
    return JsonDifference(place or ".", *counts, structural=False, length=True)


def _members(
    place: str, one: dict[str, Any], two: dict[str, Any]
) -> Iterator[tuple[str, str, Any, Any]]:
    for key in (*one, *(key for key in two if key not in one)):
        name = name_of(key)
        yield f"{place}.{name}", name, one.get(key, MISSING), two.get(key, MISSING)


def _alike(key: str, one: Any, two: Any, noise: Noise) -> bool:
    if one == two:
        return True
    if isinstance(one, bool) or one is None:
        return _declared(key, one, two, noise)
    if isinstance(one, int | float):
        measured = MEASURED.search(key) is not None
        return (
            measured
            or _near(one, two)
            or noise.line(str(one)) == noise.line(str(two))
            or _declared(key, one, two, noise)
        )
    lines = (str(one).splitlines(), str(two).splitlines())
    same = len(lines[0]) == len(lines[1]) and all(
        noise.alike(a, b) for a, b in zip(*lines, strict=True)
    )
    return same or _declared(key, one, two, noise)


def _near(one: float, two: float) -> bool:
    """Return whether two numbers are close; integers count things and must be equal."""
    if isinstance(one, int) and isinstance(two, int):
        return one == two
    try:
        return close(float(one), float(two))
    except OverflowError:
        return False


def _declared(key: str, one: Any, two: Any, noise: Noise) -> bool:
    """Compare members as in a document (`"created": 17`) after removing declared noise."""
    return noise.declared(_member(key, one)) == noise.declared(_member(key, two))


def _member(key: str, value: Any) -> str:
    return f"{json.dumps(key)}: {_shown(value, 4096)}"


def _shown(value: Any, limit: int = 80) -> str:
    if value is MISSING:
        return "nothing"
    if isinstance(value, dict | list):
        return f"an {kind(value)}"
    return json.dumps(value[:limit] if isinstance(value, str) else value, ensure_ascii=False)[
        : limit + 2
    ]
