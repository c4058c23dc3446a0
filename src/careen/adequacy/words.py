"""Formatting of names, sizes and shares in sentences."""

import math
from collections.abc import Sequence

LIMIT = 80
SHOWN = 3
_UNITS = ("B", "kB", "MB", "GB", "TB")
_STEP = 1000


def shown(name: str, limit: int = LIMIT) -> str:
    """Return a name on one line, non-printable characters escaped and long names cut."""
    plain = "".join(
        char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode()
        for char in name[: limit + 1]
    )
    return plain if len(name) <= limit and len(plain) <= limit else f"{plain[: limit - 3]}..."


def several(names: Sequence[str], total: int | None = None) -> str:
    """Return the first names and how many more there are of `total` (default: of the names)."""
    rest = (len(names) if total is None else total) - min(len(names), SHOWN)
    listed = ", ".join(shown(name) for name in names[:SHOWN])
    return f"{listed} and {rest:,} more" if rest > 0 else listed


def size(count: int) -> str:
    """Return a number of bytes in decimal units, without a fraction: `214 MB`."""
    value, unit = float(count), 0
    while round(value) >= _STEP and unit < len(_UNITS) - 1:
        value, unit = value / _STEP, unit + 1
    return f"{value:.0f} {_UNITS[unit]}"


def percent(share: float) -> str:
    """Return a share as a whole percentage, rounded down."""
    return f"{int(share * 100 + 1e-9)} %"


def percent_up(chance: float) -> str:
    """Return an upper limit as a whole percentage, rounded up."""
    return f"{math.ceil(chance * 100 - 1e-9)} %"
