"""SOURCE_DATE_EPOCH (reproducible-builds.org/specs/source-date-epoch)."""

from collections.abc import Mapping
from datetime import UTC, datetime

from careen.errors import ConfigError

_LAST = 253402300799  # the last second of the year 9999
_MAX_DIGITS = 20


def source_date(environment: Mapping[str, str]) -> str | None:
    """Return SOURCE_DATE_EPOCH as RFC 3339 in UTC, or None if it is not set.

    Raises ConfigError if it is not a number of seconds since 1970 up to the year 9999.
    """
    text = environment.get("SOURCE_DATE_EPOCH")
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > _MAX_DIGITS or int(text) > _LAST:
        msg = f"SOURCE_DATE_EPOCH: expected seconds since 1970, got {text!r}"
        raise ConfigError(msg)
    return datetime.fromtimestamp(int(text), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
