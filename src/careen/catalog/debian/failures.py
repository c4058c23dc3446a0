"""One clear line for what mmdebstrap and apt say when a build fails."""

import re

from careen.catalog.causes import FULL_DISK, LACKING, SILENT_MIRROR, Causes, cause_of

_CAUSES: Causes = (
    FULL_DISK,
    (
        re.compile(r"Release file for \S+ is (?:expired|not valid yet)|is expired \(invalid since"),
        (
            "the Release file has expired: the mirror is no longer updated, or somebody serves an"
            " old state; use another mirror"
        ),
    ),
    (
        re.compile(
            r"NO_PUBKEY|BADSIG|EXPKEYSIG|REVKEYSIG|signatures? (?:was|were|couldn't|could not)"
            r"|is not signed|not a valid signature|Sub-process /usr/bin/sqv|Missing key"
            r"|GPG error|OpenPGP signature verification failed",
        ),
        (
            "the Release file has no valid signature of a trusted key; check the mirror and"
            " --source-key"
        ),
    ),
    (
        re.compile(r"Hash Sum mismatch|File has unexpected size|Mirror sync in progress"),
        (
            "a package or a list is not what the signed Release file says: the mirror is being"
            " updated, or altered; try again"
        ),
    ),
    (
        re.compile(
            r"Could not connect|Connection failed|Connection refused|Could not resolve"
            r"|Temporary failure resolving|Connection timed out|Network is unreachable"
            r"|Unable to connect",
        ),
        SILENT_MIRROR,
    ),
    (
        re.compile(r"404\s+Not Found|does not have a Release file|File not found"),
        "the mirror lacks a file of the release; check the sources",
    ),
    (
        re.compile(
            r"Version '[^'\n]{0,200}' for '[^'\n]{0,200}' was not found"
            r"|has no installation candidate|Unable to locate package|unmet dependencies"
            r"|Unable to correct problems|Unable to satisfy dependencies"
        ),
        LACKING,
    ),
    (
        re.compile(r"script subprocess (?:returned error exit status|was killed)"),
        "a script of a package failed",
    ),
    (
        re.compile(r"trying to overwrite|^dpkg: error processing|^dpkg: dependency problems"),
        "dpkg cannot install a package",
    ),
    (
        re.compile(r"Failed to fetch|index files failed to download"),
        (
            "a file of the mirror cannot be fetched, or is not what the signed Release file says;"
            " check the mirror"
        ),
    ),
)
_SAID = re.compile(r"(?:E|Err|W): ?[^\n]{1,400}")


def failure(output: str) -> str:
    """Return what went wrong, from the output of mmdebstrap: the cause, what to do, and apt's
    line.
    """
    return cause_of(output, _CAUSES, _SAID)
