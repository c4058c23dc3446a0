"""One clear line for what apk says when a build fails."""

import re

from careen.catalog.causes import ALTERED, FULL_DISK, LACKING, SILENT_MIRROR, Causes, cause_of

_CAUSES: Causes = (
    FULL_DISK,
    (
        re.compile(r"(?:BAD|UNTRUSTED|untrusted|bad) signature|[Nn]ot signed|Key not found"),
        "the index has no valid signature of a given key; check the mirror and --source-key",
    ),
    (
        re.compile(
            r"Connection (?:refused|reset|timed out)|DNS|Operation timed out|network error"
            r"|Network unreachable|could not connect|temporary error|Host is unreachable"
        ),
        SILENT_MIRROR,
    ),
    (
        re.compile(
            r"unexpected end of file|mentioned in index not found|format error|v2 package"
            r"|file format is invalid|checksum|content mismatch|file integrity"
            r"|BAD archive|IO ERROR|I/O error"
        ),
        ALTERED,
    ),
    (
        re.compile(
            r"script exited with error|failed to execute|: exited with error \d|^\* execve:"
        ),
        "a script of a package failed",
    ),
    (re.compile(r"No such file|HTTP \d{3}|not found$"), "the mirror lacks a file; check it"),
    (
        re.compile(r"unable to select packages|no such package|breaks: world|unsatisfiable"),
        LACKING,
    ),
)
_ERROR = re.compile(r"(?:ERROR|WARNING): ?[^\n]{1,400}")
UNREAD = re.compile(r"^WARNING: (?:updating and )?opening [^\n]{1,400}", re.MULTILINE)
"""apk goes on without a repository that it cannot read, unless others lack a package."""


def failure(output: str) -> str:
    """Return what went wrong, from the output of apk: the cause, what to do, and apk's line."""
    return cause_of(output, _CAUSES, _ERROR)
