"""Streams of rpm modules (`nodejs:18`), which are versioned and fixed separately.

A modular build is marked in its release (`…-1.module_el8.9.0+3786+e8a73bbf`, RHEL:
`….module+el8.9.0+…`). rpm's modularity label names the stream. An advisory states its streams, or
names them in its title (`nodejs:18 security update`).
"""

import re

from careen.formats.versions.scheme import MAX_VERSION
from careen.model.findings.advisory import Advisory, AffectedPackage, EventKind
from careen.model.packages.package import Package

_BUILD = re.compile(r"\.module(?:_|\+)")
_TITLE_STREAM = re.compile(
    r"(?<![\w.+:-])([A-Za-z0-9][\w.+-]{0,60}):([A-Za-z0-9][\w.]{0,40})(?![\w:])", re.ASCII
)
_TITLE = 300


def is_modular(version: str) -> bool:
    """Return whether the version is of a modular build."""
    return _BUILD.search(version[:MAX_VERSION]) is not None


def concerns_stream(advisory: Advisory, entry: AffectedPackage, package: Package) -> bool:
    """Return whether the entry is about the installed stream, or non-modular package."""
    modular = bool(entry.module) or any(
        is_modular(event.version)
        for one in entry.ranges
        for event in one.events
        if event.kind in {EventKind.FIXED, EventKind.LAST_AFFECTED}
    )
    bounded = any(
        event.kind in {EventKind.FIXED, EventKind.LAST_AFFECTED}
        for one in entry.ranges
        for event in one.events
    )
    installed = bool(package.module) or is_modular(package.version)
    if bounded and modular != installed:
        return False
    # If one side names no stream, the entry applies: a false finding is visible, a missed one not.
    if not modular or not package.module:
        return True
    streams = {entry.module} if entry.module else _streams_in_title(advisory.summary)
    return not streams or _stream(package.module) in {_stream(stream) for stream in streams}


def _streams_in_title(summary: str) -> set[str]:
    return {f"{name}:{stream}" for name, stream in _TITLE_STREAM.findall(summary[:_TITLE])}


def _stream(label: str) -> str:
    """Return `name:stream` of a label; version, context and architecture may follow."""
    return ":".join(label.split(":", 2)[:2])
