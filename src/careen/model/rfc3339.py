"""Timestamps in RFC 3339 form with capital T and Z."""

import datetime as dt
import re

_SYNTAX = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)


def parse_time(text: str) -> dt.datetime | None:
    """Return the time in whole seconds, or None if the text is invalid."""
    match = _SYNTAX.fullmatch(text)
    if match is None:
        return None
    try:
        return dt.datetime.fromisoformat(f"{match[1]}T{match[2]}{match[4].replace('Z', '+00:00')}")
    except ValueError:
        return None
