"""Versions of Maven artefacts, in the order of Maven 3's ComparableVersion.

Source: maven.apache.org, "version order specification". A version is a list of numbers and
qualifiers; `-`, and every change between digits and letters, opens an inner list. Trailing nulls
(`0`, `ga`, `final`) are dropped, and a shorter list is padded with nulls: `1`, `1.0` and `1-ga` are
equal.
"""

from dataclasses import dataclass, field
from functools import total_ordering
from itertools import zip_longest
from typing import TypeAlias, Union

from careen.formats.versions.scheme import VersionScheme

_QUALIFIERS = {"alpha": 0, "beta": 1, "milestone": 2, "rc": 3, "snapshot": 4, "": 5, "sp": 6}
_RELEASE = (5, "")
_ALIASES = {"ga": "", "final": "", "release": "", "cr": "rc"}
# Only if a number follows directly.
_ABBREVIATIONS = {
    "a": "alpha",
    "b": "beta",
    "m": "milestone",
}

# Rank among the known qualifiers (unknown ones come last), then the text.
_Word: TypeAlias = tuple[int, str]
_Item: TypeAlias = Union[int, _Word, "_Items"]


@dataclass(slots=True)
class _Items:
    """A list within a list."""

    items: list[_Item] = field(default_factory=list)


@total_ordering
class MavenVersion:
    """A version with Maven's order."""

    __slots__ = ("_root",)

    def __init__(self, text: str) -> None:
        self._root = _parse(text.lower())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MavenVersion) and _compare(self._root, other._root) == 0

    def __lt__(self, other: "MavenVersion") -> bool:
        return _compare(self._root, other._root) < 0

    __hash__ = None  # type: ignore[assignment]  # equal versions may have different text


def _parse(text: str) -> _Items:
    opened = [_Items()]

    def descend() -> None:
        inner = _Items()
        opened[-1].items.append(inner)
        opened.append(inner)

    start, digits = 0, False
    for place, character in enumerate(text):
        if character in ".-":
            opened[-1].items.append(
                0 if place == start else _item(text[start:place], digits=digits)
            )
            start = place + 1
            if character == "-":
                descend()
            continue
        if character.isdecimal() != digits and place > start:
            if digits:
                opened[-1].items.append(int(text[start:place]))
            else:
                if opened[-1].items:
                    descend()
                opened[-1].items.append(
                    _word(_ABBREVIATIONS.get(text[start:place], text[start:place]))
                )
            start = place
            descend()
        digits = character.isdecimal()
    if start < len(text):
        if not digits and opened[-1].items:
            descend()
        opened[-1].items.append(_item(text[start:], digits=digits))
    for part in reversed(opened):
        _normalise(part.items)
    return opened[0]


def _item(text: str, *, digits: bool) -> _Item:
    return int(text) if digits else _word(text)


def _word(text: str) -> _Word:
    text = _ALIASES.get(text, text)
    known = _QUALIFIERS.get(text)
    return (len(_QUALIFIERS), text) if known is None else (known, "")


def _normalise(items: list[_Item]) -> None:
    """Drop nulls from the end, also before inner lists, up to the last significant item."""
    for place in range(len(items) - 1, -1, -1):
        item = items[place]
        if item in (0, _RELEASE) or (isinstance(item, _Items) and not item.items):
            del items[place]
        elif not isinstance(item, _Items):
            return


def _compare(a: _Item | None, b: _Item | None) -> int:
    """Return -1, 0 or 1; the depth is bounded by MAX_VERSION."""
    if a is None:
        return 0 if b is None else -_compare(b, None)
    if b is None:
        return _against_nothing(a)
    if isinstance(a, int) and isinstance(b, int):
        return (a > b) - (a < b)
    if isinstance(a, tuple) and isinstance(b, tuple):
        return (a > b) - (a < b)
    if isinstance(a, _Items) and isinstance(b, _Items):
        return next(
            (order for x, y in zip_longest(a.items, b.items) if (order := _compare(x, y))), 0
        )
    return _rank(a) - _rank(b)


def _rank(item: _Item) -> int:
    """Return a rank: qualifiers before lists before numbers."""
    return 2 if isinstance(item, int) else 1 if isinstance(item, _Items) else 0


def _against_nothing(item: _Item) -> int:
    match item:
        case int():
            return int(item > 0)
        case _Items():
            return next((order for inner in item.items if (order := _against_nothing(inner))), 0)
        case _:
            return (item > _RELEASE) - (item < _RELEASE)


MAVEN = VersionScheme("Maven", MavenVersion)
