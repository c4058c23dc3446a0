"""Numbers for display: decimal units as in docker, thousands separators, percentages."""

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB")
_STEP = 1000.0
_MINUTE = 60.0
_HOUR = 3600.0


def size(count: int) -> str:
    """Return bytes in decimal units with three significant digits: `999 B`, `1.02 GB`, `412 MB`."""
    if abs(count) < _STEP:
        return f"{count} B"
    value = float(count)
    for unit in _UNITS:
        text = f"{value:.{_digits(value)}f}"
        if abs(float(text)) < _STEP or unit == _UNITS[-1]:
            return f"{text} {unit}"
        value /= _STEP
    raise AssertionError  # the last unit always returns


def moved(done: int, of: int) -> str:
    """Return the bytes that are done, and of how many if that is known: `1.02 GB of 2.40 GB`."""
    return f"{size(done)} of {size(of)}" if of >= done else size(done)


def _digits(value: float) -> int:
    rounded = abs(value)
    if rounded < 9.995:  # noqa: PLR2004 — what still rounds to three digits
        return 2
    return 1 if rounded < 99.95 else 0  # noqa: PLR2004 — as above


def number(count: int | None) -> str:
    """Return a count with thousands separators; `?` if it is unknown."""
    return "?" if count is None else f"{count:,}"


def counted(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun: `1 case`, `1,204 cases`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def duration(seconds: float) -> str:
    """Return a duration: `0.4 s`, `12.1 s`, `3 min 05 s`, `1 h 02 min`."""
    if seconds < _MINUTE - 0.05:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < _HOUR:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def change(before: int, after: int, *, minus: str, unknown: str) -> str:
    """Return the signed change in percent, or `unknown` if only `before` is 0."""
    if before == 0:
        return "0 %" if after == 0 else unknown
    percent = (after - before) / before * 100
    if percent == 0:
        return "0 %"
    sign = minus if percent < 0 else "+"
    magnitude = abs(percent)
    if magnitude < 0.05:  # noqa: PLR2004 — would round to 0.0
        return f"{sign}<0.1 %"
    if magnitude == 100:  # noqa: PLR2004 — all of it
        return f"{sign}100 %"
    return f"{sign}{min(magnitude, 99.9) if after and percent < 0 else magnitude:.1f} %"
