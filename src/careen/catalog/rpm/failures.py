"""One clear line for what dnf and rpm say when a build fails."""

import re

from careen.catalog.causes import ALTERED, FULL_DISK, LACKING, SILENT_MIRROR, Causes, cause_of

_CAUSES: Causes = (
    FULL_DISK,
    (
        re.compile(
            r"GPG check FAILED|is not signed|Public key for \S{1,300} is not installed"
            r"|[Bb]ad (?:PGP|GPG) signature|GPG signature|BAD|NOKEY|repomd\.xml GPG"
            r"|Failed to retrieve GPG key|Invalid GPG|no valid OpenPGP"
        ),
        "a package has no valid signature of a given key; check the mirror and --source-key",
    ),
    (
        re.compile(
            r"Cannot download repomd\.xml|Could ?n[o']t (?:connect|resolve)|Timeout was reached"
            r"|Connection refused|Curl error"
        ),
        SILENT_MIRROR,
    ),
    (
        re.compile(
            r"incorrect checksum|[Cc]hecksum doesn't match|Cannot download, all mirrors|unpacking"
            r"|cpio:|digest|Error opening|repo downloading error|not an rpm package"
        ),
        ALTERED,
    ),
    (re.compile(r"nothing provides|Unable to find a match|No match for argument"), LACKING),
    (re.compile(r"conflicting requests|Failed dependencies|is needed by|No package"), LACKING),
    (re.compile(r"scriptlet failed"), "a script of a package failed"),
)
_ERROR = re.compile(r"(?:[Ee]rror|Public key|Package \S{1,300} is not)[^\n]{1,400}")
SCRIPT_FAILED = re.compile(r"^[^\n]{0,300}scriptlet failed[^\n]{0,300}$", re.MULTILINE)
"""rpm goes on after some scripts that fail, and ends with 0."""


def failure(output: str) -> str:
    """Return what went wrong, from the output of dnf or rpm: the cause, what to do, and its
    line.
    """
    return cause_of(output, _CAUSES, _ERROR)
