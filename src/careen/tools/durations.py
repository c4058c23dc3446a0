"""Durations as users write them: `60s`, `2m`, `1.5h`, `250ms`, a bare number of seconds."""

import re

from careen.errors import InputError

LONGEST = 7 * 24 * 3600.0
_UNITS = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)\s*(ms|s|m|h|)\Z", re.ASCII)


def parse_duration(text: str) -> float:
    """Return the seconds of a duration, 0 to seven days; raise InputError for other text."""
    match = _DURATION.match(text.strip())
    if match is None:
        msg = (
            f"not a duration: {text!r}; expected a number with ms, s, m or h, like '60s', or a bare"
            " number of seconds"
        )
        raise InputError(msg)
    seconds = float(match.group(1)) * _UNITS[match.group(2)]
    if seconds > LONGEST:
        msg = f"duration is too long: {text!r}; at most 7 days"
        raise InputError(msg)
    return seconds
