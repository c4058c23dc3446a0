"""Lines of `--source` that each name one repository."""

import re
from collections.abc import Sequence

from careen.catalog.credentials import require_plain, without_any
from careen.errors import InputError

MAX_SOURCES = 64


def repositories_of(lines: Sequence[str], form: re.Pattern[str], expected: str) -> tuple[str, ...]:
    """Return the lines as they are used. Raises InputError for one that is not of a form."""
    if len(lines) > MAX_SOURCES:
        msg = f"--source: {len(lines)} sources; at most {MAX_SOURCES} are used"
        raise InputError(msg)
    for line in lines:
        where = f"--source {without_any(line)[:200]!r}"
        if not form.fullmatch(line.strip()):
            msg = f"{where}: expected {expected}"
            raise InputError(msg)
        require_plain(line, where)
    return tuple(line.strip().rstrip("/") for line in lines)
