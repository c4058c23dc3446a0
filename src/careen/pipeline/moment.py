"""The time that documents state: SOURCE_DATE_EPOCH where it is set, else the clock."""

import datetime as dt
import os

from careen.errors import ConfigError

_MOST = 253402300799  # the last second of the year 9999
_DIGITS = 12


def now() -> str:
    """Return the time as RFC 3339 in UTC, to the second. Raises ConfigError for a SOURCE_DATE_EPOCH that is none."""
    text = os.environ.get("SOURCE_DATE_EPOCH")
    if text is None:
        return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if not text.isascii() or not text.isdigit() or len(text) > _DIGITS or int(text) > _MOST:
        msg = f"SOURCE_DATE_EPOCH: expected seconds since 1970, got {text!r}"
        raise ConfigError(msg)
    return dt.datetime.fromtimestamp(int(text), dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
