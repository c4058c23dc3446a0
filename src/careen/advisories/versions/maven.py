"""Versions of Maven artefacts, in the order of Maven's ComparableVersion (maven.apache.org, "version order specification").

A version is a list of numbers and qualifiers; `-`, and every change between digits and letters, opens a list within the list. Trailing nulls (`0`, `ga`,
`final`) fall away, and a shorter list is filled up with nulls when it is compared: so `1`, `1.0` and `1-ga` are the same version.
"""

from dataclasses import dataclass, field
from functools import total_ordering
from itertools import zip_longest
from typing import TypeAlias, Union

from careen.advisories.versions.scheme import VersionScheme

_QUALIFIERS = {"alpha": 0, "beta": 1, "milestone": 2, "rc": 3, "snapshot": 4, "": 5, "sp": 6}
_RELEASE = (5, "")
_ALIASES = {"ga": "", "final": "", "release": "", "cr": "rc"}
_ABBREVIATIONS = {"a": "alpha", "b": "beta", "m": "milestone"}  # only before a number

_Word: TypeAlias = tuple[int, str]  # its place among the known qualifiers, then its text


@dataclass(frozen=True, slots=True)
class _Joined:
    """A qualifier with the number that follows it: `rc1`, `rc-1`."""

    word: _Word
    number: int


_Item: TypeAlias = Union[int, _Word, _Joined, "_Items"]


@dataclass(slots=True)
class _Items:
    """A list within a list."""

    items: list[_Item] = field(default_factory=list)


@total_ordering
class MavenVersion:
    """A version that sorts as Maven's."""

    __slots__ = ("_root",)

    def __init__(self, text: str) -> None:
        self._root = _parse(text.lower())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MavenVersion) and _compare(self._root, other._root) == 0

    def __lt__(self, other: "MavenVersion") -> bool:
        return _compare(self._root, other._root) < 0

    __hash__ = None  # type: ignore[assignment]  # equal versions are not equal text


def _parse(text: str) -> _Items:
    root = current = _Items()
    opened = [root]
    start, digits, joined = 0, False, False

    def descend() -> None:
        nonlocal current
        current.items.append(inner := _Items())
        current = inner
        opened.append(inner)

    for place, character in enumerate(text):
        if character in ".-":
            if place == start:
                current.items.append(0)
            elif character == "-" and not digits and text[place + 1 : place + 2].isdecimal():
                joined = True  # the number that follows belongs to the qualifier
                continue
            else:
                current.items.append(_item(text[start:place], digits=digits, joined=joined))
            start, joined = place + 1, False
            if character == "-" and current.items:
                descend()
        elif character.isdecimal():
            if not digits and place > start:
                joined = True
                if current.items:
                    descend()
            digits = True
        else:
            if digits and place > start:
                current.items.append(_item(text[start:place], digits=True, joined=joined))
                start, joined = place, False
                descend()
            digits = False
    if start < len(text):
        if not digits and current.items:
            descend()
        current.items.append(_item(text[start:], digits=digits, joined=joined))
    for part in reversed(opened):
        _normalise(part)
    return root


def _item(text: str, *, digits: bool, joined: bool) -> _Item:
    if joined:
        text = text.replace("-", "")
        word = text.rstrip("0123456789")
        return _Joined(_word(word, before_number=True), int(text[len(word) :]))
    return int(text) if digits else _word(text, before_number=False)


def _word(text: str, *, before_number: bool) -> _Word:
    if before_number:
        text = _ABBREVIATIONS.get(text, text)
    text = _ALIASES.get(text, text)
    known = _QUALIFIERS.get(text)
    return (len(_QUALIFIERS), text) if known is None else (known, "")


def _normalise(part: _Items) -> None:
    """Drop nulls at the end, and before a qualifier."""
    items = part.items
    for place in range(len(items) - 1, -1, -1):
        item = items[place]
        if item not in (0, _RELEASE) and not (isinstance(item, _Items) and not item.items):
            continue
        if place == len(items) - 1 or isinstance(items[place + 1], tuple):
            del items[place]
            continue
        following = items[place + 1]
        if isinstance(following, _Items) and isinstance(following.items[0], (_Joined, tuple)):
            del items[place]


def _compare(a: _Item | None, b: _Item | None) -> int:
    """Return -1, 0 or 1. Lists nest at most as deep as a version has characters, which MAX_VERSION bounds."""
    if a is None:
        return 0 if b is None else -_compare(b, None)
    if b is None:
        return _against_nothing(a)
    rank_a, rank_b = _rank(a), _rank(b)
    if isinstance(a, int) and isinstance(b, int):
        return (a > b) - (a < b)
    if isinstance(a, _Items) and isinstance(b, _Items):
        return next((order for x, y in zip_longest(a.items, b.items) if (order := _compare(x, y))), 0)
    words = (a.word if isinstance(a, _Joined) else a, b.word if isinstance(b, _Joined) else b)
    if isinstance(words[0], tuple) and isinstance(words[1], tuple):
        keys = ((words[0], a.number if isinstance(a, _Joined) else -1), (words[1], b.number if isinstance(b, _Joined) else -1))
        return (keys[0] > keys[1]) - (keys[0] < keys[1])
    return (rank_a > rank_b) - (rank_a < rank_b)


def _rank(item: _Item) -> int:
    """Qualifiers before lists before numbers."""
    return 2 if isinstance(item, int) else 1 if isinstance(item, _Items) else 0


def _against_nothing(item: _Item) -> int:
    match item:
        case int():
            return int(item > 0)
        case _Items():
            return next((order for inner in item.items if (order := _against_nothing(inner))), 0)
        case _Joined():
            return _against_nothing(item.word)
        case _:
            return (item > _RELEASE) - (item < _RELEASE)


MAVEN = VersionScheme("Maven", MavenVersion)
