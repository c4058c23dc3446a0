"""What the libraries of the queue say, in one line each on standard error."""

import logging
import sys

from careen.formats.printable import printable_line

_LOGGER = "procrastinate"


class _OneLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return printable_line(f"careen: queue: {' '.join(record.getMessage().split())}")


def _is_ours(record: logging.LogRecord) -> bool:
    """Return whether a record is about the queue; what a job did is printed with its image."""
    return not str(getattr(record, "action", "")).startswith("job_")


def quiet_log() -> None:
    """Print errors of the queue in one line, and not the tries of the connection pool."""
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)
    logger = logging.getLogger(_LOGGER)
    if logger.handlers:
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine())
    handler.addFilter(_is_ours)
    logger.addHandler(handler)
    logger.setLevel(logging.ERROR)
    logger.propagate = False
