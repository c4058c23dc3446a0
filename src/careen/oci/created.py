"""The time that goes into an output: SOURCE_DATE_EPOCH, else the original's own, never the clock."""

from collections.abc import Mapping
from datetime import UTC, datetime

from careen.errors import ConfigError
from careen.model.image import ImageConfig
from careen.model.rfc3339 import parse_time

EPOCH = "1970-01-01T00:00:00Z"
_MAX_EPOCH = 253402300799  # the last second of the year 9999
_MAX_DIGITS = 20


def created_from_environment(environment: Mapping[str, str], config: ImageConfig) -> str:
    """Return the RFC 3339 time for `Edit.created`: of SOURCE_DATE_EPOCH if set, else what the original states, else 1970. Raises ConfigError."""
    text = environment.get("SOURCE_DATE_EPOCH")
    if text is not None:
        if not text.isascii() or not text.isdigit() or len(text) > _MAX_DIGITS or int(text) > _MAX_EPOCH:
            msg = f"SOURCE_DATE_EPOCH: expected seconds since 1970, got {text!r}"
            raise ConfigError(msg)
        return datetime.fromtimestamp(int(text), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    created = str(config.document.get("created") or "")
    return created if parse_time(created) is not None else EPOCH


def epoch_seconds(created: str) -> int:
    """Return whole seconds since 1970 of an RFC 3339 time, 0 for what is not one or lies before."""
    time = parse_time(created)
    return 0 if time is None else max(0, int(time.timestamp()))
