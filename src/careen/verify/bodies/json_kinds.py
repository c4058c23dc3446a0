"""Kinds of values at places of JSON answers, with empty ones apart.

Where values are noise, the hardened image must still show a kind that the original had.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from careen.verify.words import brief

NODES = 100_000
MISSING = object()
_EMPTY = "empty "
_NONE_THERE = frozenset({"null", "nothing"})


def kind(value: Any) -> str:
    """Return a value's kind; all numbers are one kind, and MISSING is "nothing"."""
    match value:
        case bool():
            return "true or false"
        case int() | float():
            return "number"
        case str():
            return "text"
        case list():
            return "array"
        case dict():
            return "object"
        case None:
            return "null"
        case _:
            return "nothing"


def name_of(key: str) -> str:
    """Return a member's name as used in a place."""
    return brief(key, 80)


def kinds_at(documents: Iterable[Any], places: Collection[str]) -> Mapping[str, frozenset[str]]:
    """Return the kinds in the documents at these places and their parents.

    Returns {} if a document has more than NODES values.
    """
    found: defaultdict[str, set[str]] = defaultdict(set)
    above: dict[str, str] = {}
    times: Counter[str] = Counter()
    objects: Counter[str] = Counter()
    for document in documents:
        todo: list[tuple[str, Any]] = [("", document)]
        visited = 0
        while todo:
            place, value = todo.pop()
            visited += 1
            if visited > NODES:
                return {}
            found[place].add(_state(value))
            times[place] += 1
            objects[place] += isinstance(value, dict)
            for below, each in _below(place, value):
                above[below] = place
                todo.append((below, each))
    for place in places:
        if times[place] < objects[above.get(place, "")]:
            found[place].add("nothing")
    wanted = {*places, *(above[place] for place in places if place in above)}
    return {place: frozenset(found[place]) for place in wanted if place in found}


def is_new_kind(shown: frozenset[str] | None, before: Any, after: Any) -> bool:
    """Return whether `after` has a kind, or is empty, as never seen at that place.

    `shown` are the original's kinds there, in addition to `before`; None if unknown.
    """
    if shown is None:
        return False
    states = {*shown, _state(before)}
    if kind(after) not in {each.removeprefix(_EMPTY) for each in states}:
        return True
    return _state(after).startswith(_EMPTY) and not states & {_state(after), *_NONE_THERE}


def _below(place: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from ((f"{place}.{name_of(key)}", each) for key, each in value.items())
    elif isinstance(value, list):
        yield from ((f"{place}[]", each) for each in value)


def _state(value: Any) -> str:
    content = value.strip() if isinstance(value, str) else value
    empty = isinstance(content, str | list | dict) and not content
    return f"{_EMPTY}{kind(value)}" if empty else kind(value)
