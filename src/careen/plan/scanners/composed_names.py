"""Names of libraries that are put together at run time: `libmkl_%s.so.2`,
`f"libggml-cpu-{variant}.so"`. What is fixed in them finds the whole family.
"""

import re
from collections.abc import Iterable, Sequence

MIN_FIXED = (
    4  # letters, digits, `_` and `-` besides `lib` and `so`: fewer would stand for half of an image
)
MAX_PLACES = 4
_PLACE = re.compile(
    r"%[-+ #0-9.*]{0,8}(?:hh|h|ll|l|z|j|t)?[sdiuxXcp]|%\([\w]{1,40}\)[sd]|\$?\{[^{}\"']{0,80}\}"
)
_FILLING = re.compile(r"[\w.+-]{0,80}")
_LOOSE = re.compile(r"[%{}]")


def is_composed(text: str) -> bool:
    """Say whether a name has places that are filled in at run time."""
    return _PLACE.search(text) is not None


def composed(text: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return those of the known names that a name with places (`%s`, `%d`, `{}`, `{name}`,
    `%(name)s`) can become, in order; none if too little of it is fixed.
    """
    fixed = _PLACE.split(text)
    if len(fixed) < 2 or len(fixed) > MAX_PLACES + 1:  # noqa: PLR2004 — a place has two sides
        return ()
    fixed[0] = _LOOSE.split(fixed[0])[-1]  # bytes before a name that belong to nothing
    if any(_LOOSE.search(part) for part in fixed):
        return ()
    letters = re.sub(r"\A(?:.*/)?lib|\.so\b|[^0-9A-Za-z_-]", "", "".join(fixed))
    if len(letters) < MIN_FIXED:
        return ()
    parts = [part.rpartition("/")[2] for part in fixed]
    return tuple(sorted(item for item in known if _fits(item, parts)))


def _fits(name: str, parts: Sequence[str]) -> bool:
    """Say whether a name is the parts with fillings between them.

    By the set of ends that each part can have, so that the work is bounded: a pattern with four
    fillings of 80 characters would try all their lengths together.
    """
    if not name.startswith(parts[0]):
        return False
    ends = {len(parts[0])}
    for part in parts[1:]:
        begins = {begin for end in ends for begin in _begins(name, end)}
        ends = {begin + len(part) for begin in begins if name.startswith(part, begin)}
    return len(name) in ends


def _begins(name: str, end: int) -> range:
    """Return where the next part can begin behind a filling that begins at `end`."""
    filling = _FILLING.match(name, end)
    return range(end, filling.end() + 1 if filling is not None else end + 1)
