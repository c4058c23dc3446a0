"""Time stated in documents: SOURCE_DATE_EPOCH if set, else the clock."""

import datetime as dt
import os

from careen.model.source_date import source_date


def now() -> str:
    """Return the time as RFC 3339 in UTC, to the second.

    Raises ConfigError for an invalid SOURCE_DATE_EPOCH.
    """
    return source_date(os.environ) or dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
