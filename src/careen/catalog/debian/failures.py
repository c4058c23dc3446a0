"""One clear line for what mmdebstrap and apt say when a build fails."""

import re

from careen.catalog.debian.sources import AptSources

_LONGEST = 300

_CAUSES: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"No space left on device|write error|ENOSPC"),
        "the disk is full; free some room, or name another work directory with --work-dir",
    ),
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
        "a mirror does not answer; check the network and the sources, then try again",
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
        (
            "the sources lack a package, or a version that the lock names; give a source that still"
            " has it, or build without --lock"
        ),
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
    """Return what went wrong, from the output of mmdebstrap: the cause, what to do, and apt's line.

    Unknown output gives its last line of an error.
    """
    errors = [line.strip() for line in output.splitlines() if _SAID.match(line.strip())]
    for pattern, advice in _CAUSES:
        line = next((each for each in errors if pattern.search(each)), None)
        if line is None and pattern.search(output):
            line = next(each for each in output.splitlines() if pattern.search(each))
        if line is not None:
            return f"{advice} ({_shown(line)})"
    ends = [line for line in errors if line.startswith("E:")]
    last = ends[0] if ends else (output.strip().splitlines() or ["no output"])[-1]
    return _shown(last)


def _shown(line: str) -> str:
    """Return a line of apt's without credentials: it may hold a whole source."""
    return AptSources((line.strip(),), ()).public[0][:_LONGEST]
