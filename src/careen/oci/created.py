"""The time that goes into an output: SOURCE_DATE_EPOCH or the original's, never the clock."""

from collections.abc import Mapping

from careen.model.image import ImageConfig
from careen.model.rfc3339 import parse_time
from careen.model.source_date import source_date

EPOCH = "1970-01-01T00:00:00Z"


def created_from_environment(environment: Mapping[str, str], config: ImageConfig) -> str:
    """Return the RFC 3339 time for `Edit.created`.

    It is SOURCE_DATE_EPOCH, else the original's time, else 1970. Raises ConfigError.
    """
    if (stated := source_date(environment)) is not None:
        return stated
    created = str(config.document.get("created") or "")
    return created if parse_time(created) is not None else EPOCH


def epoch_seconds(created: str) -> int:
    """Return whole seconds since 1970 of an RFC 3339 time; 0 if it is invalid or earlier."""
    time = parse_time(created)
    return 0 if time is None else max(0, int(time.timestamp()))
