"""Names of libraries that are composed at run time: `libmkl_%s.so.2`, `libggml-{name}.so`.

Their fixed parts find the whole family.
"""

import re
from collections.abc import Iterable, Sequence

MIN_FIXED = 4  # letters, digits, `_`, `-` without `lib` and `so`; fewer would match half an image
MAX_PLACES = 4
_PLACE = re.compile(
    r"%[-+ #0-9.*]{0,8}(?:hh|h|ll|l|z|j|t)?[sdiuxXcp]|%\([\w]{1,40}\)[sd]|\$?\{[^{}\"']{0,80}\}"
)
_FILLING = re.compile(r"[\w.+-]{0,80}")
_LOOSE = re.compile(r"[%{}]")


def is_composed(text: str) -> bool:
    """Return whether a name has placeholders that are filled in at run time."""
    return _PLACE.search(text) is not None


def composed(text: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return the known names that a name with placeholders can become, in order.

    Placeholders are `%s`, `%d`, `{}`, `{name}`, `%(name)s`. Empty if too little of the name is
    fixed.
    """
    fixed = _PLACE.split(text)
    if len(fixed) < 2 or len(fixed) > MAX_PLACES + 1:  # noqa: PLR2004 — a placeholder has two sides
        return ()
    fixed[0] = _LOOSE.split(fixed[0])[-1]  # without unrelated bytes before the name
    if any(_LOOSE.search(part) for part in fixed):
        return ()
    letters = re.sub(r"\A(?:.*/)?lib|\.so\b|[^0-9A-Za-z_-]", "", "".join(fixed))
    if len(letters) < MIN_FIXED:
        return ()
    parts = [part.rpartition("/")[2] for part in fixed]
    return tuple(sorted(item for item in known if _fits(item, parts)))


def _fits(name: str, parts: Sequence[str]) -> bool:
    """Return whether a name is the parts with fillings between them."""
    # Sets of possible ends bound the work: a pattern with four fillings of 80 characters would try
    # all combinations of their lengths.
    if not name.startswith(parts[0]):
        return False
    ends = {len(parts[0])}
    for part in parts[1:]:
        begins = {begin for end in ends for begin in _begins(name, end)}
        ends = {begin + len(part) for begin in begins if name.startswith(part, begin)}
    return len(name) in ends


def _begins(name: str, end: int) -> range:
    """Return where the next part can begin after a filling that begins at `end`."""
    filling = _FILLING.match(name, end)
    return range(end, filling.end() + 1 if filling is not None else end + 1)
