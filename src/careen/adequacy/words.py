"""Names and sizes as they stand in a sentence."""

import math
from collections.abc import Sequence

LIMIT = 80
SHOWN = 3
_UNITS = ("B", "kB", "MB", "GB", "TB")
_STEP = 1000


def shown(name: str, limit: int = LIMIT) -> str:
    """Return a name of an image or a test on one line: what a terminal would obey is written as an
    escape, what is too long is cut.
    """
    plain = "".join(
        char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode()
        for char in name[: limit + 1]
    )
    return plain if len(name) <= limit and len(plain) <= limit else f"{plain[: limit - 3]}..."


def several(names: Sequence[str], total: int | None = None) -> str:
    """Return the first few names and how many more there are of `total` (of the names, if it is not
    given).
    """
    rest = (len(names) if total is None else total) - min(len(names), SHOWN)
    listed = ", ".join(shown(name) for name in names[:SHOWN])
    return f"{listed} and {rest:,} more" if rest > 0 else listed


def size(count: int) -> str:
    """Return bytes in decimal units, without a fraction: `214 MB`."""
    value, unit = float(count), 0
    while round(value) >= _STEP and unit < len(_UNITS) - 1:
        value, unit = value / _STEP, unit + 1
    return f"{value:.0f} {_UNITS[unit]}"


def percent(share: float) -> str:
    """Return a share in whole per cent, rounded down: nothing but all of it is 100 %."""
    return f"{int(share * 100 + 1e-9)} %"


def percent_up(chance: float) -> str:
    """Return a limit in whole per cent, rounded up: it must not promise more than was found."""
    return f"{math.ceil(chance * 100 - 1e-9)} %"
