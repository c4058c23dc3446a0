"""One clear line for what a package manager says when it fails: the cause, and what to do."""

import re
from collections.abc import Sequence

from careen.catalog.credentials import without_credentials

_LONGEST = 300
Causes = Sequence[tuple[re.Pattern[str], str]]
"""What a line of an output matches, and the advice."""

FULL_DISK = (
    re.compile(r"No space left on device|write error|ENOSPC|needs \S{1,20} more space on"),
    "the disk is full; free some room, or name another work directory with --work-dir",
)
SILENT_MIRROR = "a mirror does not answer; check the network and the sources, then try again"
ALTERED = (
    "a package or a list is not what the signed metadata says: the mirror is being updated, or"
    " altered; try again"
)
LACKING = (
    "the sources lack a package, or a version that the lock names; give a source that still has it,"
    " or build without --lock"
)


def cause_of(output: str, causes: Causes, error: re.Pattern[str]) -> str:
    """Return the advice for the first cause with the line behind it; `error` matches lines of
    errors, which go first.

    Unknown output gives its first error that is no warning, else its last line.
    """
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if error.match(line)]
    for pattern, advice in causes:
        line = next((each for each in (*errors, *lines) if pattern.search(each)), None)
        if line is not None:
            return f"{advice} ({_shown(line)})"
    last = [each for each in errors if each.startswith("E")] or lines[-1:] or ["no output"]
    return _shown(last[0])


def _shown(line: str) -> str:
    """Return a line without credentials: it may hold a whole source."""
    return without_credentials(line)[:_LONGEST]
