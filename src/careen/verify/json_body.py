"""Two JSON answers side by side: which keys and types differ, and which values beyond noise."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from careen.verify.json_kinds import MISSING, NODES, is_unseen, kind, name_of
from careen.verify.normal import MEASURED, Noise, close

LARGEST = 1 << 20  # characters
MOST = 20  # differences that are listed
LENGTH = " length"  # behind the place of an array
_UNKNOWN: Mapping[str, frozenset[str]] = {}


@dataclass(frozen=True, slots=True)
class Unlike:
    """One difference: `place` is `.items[].name`, an index of an array being `[]`; `structural` for
    a key or a type, else it is a value; `length` for an array that has more or fewer items.
    """

    place: str
    before: str
    after: str
    structural: bool
    length: bool = False

    @property
    def key(self) -> str:
        """What is ignored where the original itself differs there: of an array's length the items
        are still compared.
        """
        place = "" if self.place == "." else self.place
        return f"{place}{LENGTH}" if self.length else place


def parse_json(body: str) -> tuple[Any] | None:
    """Return the value in a tuple of one, or None: it is not JSON, or too large, or nested too deep
    to be read.
    """
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
) -> tuple[Unlike, ...]:
    """Return at most 20 differences, in the document's order. At most 100,000 values are visited.

    What lies at or below an `ignored` place is passed over, unless it is of a kind that `shown` has
    not there, or empty as none there was: a random text that is null, or gone.

    Keys must be the same and types, too (whole and other numbers are one type). An array of another
    length is a difference of value; the items that both have are compared. Numbers are equal within
    a thousandth, those under a name of a measured quantity (`took_ms`, `created`, `port`) always;
    texts by their lines.
    """
    out: list[Unlike] = []
    todo: list[tuple[str, str, Any, Any]] = [("", "", before, after)]
    visited = 0
    while todo and len(out) < MOST and visited < NODES:
        place, key, one, two = todo.pop()
        visited += 1
        if place in ignored:
            if is_unseen(shown.get(place), one, two) and not _declared(key, one, two, noise):
                out.append(_lost(place, one, two))
            continue
        if kind(one) != kind(two):
            if not _declared(key, one, two, noise):
                out.append(Unlike(place or ".", _shown(one), _shown(two), structural=True))
        elif isinstance(one, dict):
            if is_unseen(shown.get(place), one, two):
                out.append(Unlike(place or ".", _shown(one), "an empty object", structural=True))
            else:
                todo.extend(reversed([*_members(place, one, two)]))
        elif isinstance(one, list):
            may_vary = {f"{place}[]", f"{place}{LENGTH}"} & ignored
            if len(one) != len(two) and (not may_vary or is_unseen(shown.get(place), one, two)):
                out.append(_lengths(place, one, two))
            todo.extend(
                (f"{place}[]", key, *both) for both in reversed([*zip(one, two, strict=False)])
            )
        elif not _alike(key, one, two, noise):
            out.append(Unlike(place or ".", _shown(one), _shown(two), structural=False))
    return tuple(out)


def places(found: tuple[Unlike, ...]) -> frozenset[str]:
    """Return where two tries on one image differ: what is there is noise."""
    return frozenset(item.key for item in found)


def _lost(place: str, one: Any, two: Any) -> Unlike:
    """A value at a place of noise that is of another kind, or empty."""
    after = f"an empty {kind(two)}" if isinstance(two, dict | list) and not two else _shown(two)
    return Unlike(place or ".", _shown(one), after, structural=kind(one) != kind(two))


def _lengths(place: str, one: list[Any], two: list[Any]) -> Unlike:
    counts = (f"{len(one)} items", f"{len(two)} items")
    return Unlike(place or ".", *counts, structural=False, length=True)


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
    """Whole numbers count things: they are equal or not."""
    if isinstance(one, int) and isinstance(two, int):
        return one == two
    try:
        return close(float(one), float(two))
    except OverflowError:
        return False


def _declared(key: str, one: Any, two: Any, noise: Noise) -> bool:
    """Hold what the user declared against the member as a document has it: `"created": 17`."""
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
