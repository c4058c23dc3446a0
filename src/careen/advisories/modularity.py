"""rpm's modules: streams of one package (`nodejs:18`, `nodejs:20`) that are versioned and fixed
apart, and apart from the package of the distribution itself.

A build says that it belongs to a module in its release (`…-1.module_el8.9.0+3786+e8a73bbf`, RHEL:
`….module+el8.9.0+…`). Which stream it is says rpm's modularity label; an advisory states its
streams, or has them in its title (`nodejs:18 security update`).
"""

import re

from careen.formats.versions.scheme import MAX_VERSION
from careen.model.advisory import Advisory, AffectedPackage, EventKind
from careen.model.package import Package

_BUILD = re.compile(r"\.module(?:_|\+)")
_TITLE_STREAM = re.compile(
    r"(?<![\w.+:-])([A-Za-z0-9][\w.+-]{0,60}):([A-Za-z0-9][\w.]{0,40})(?![\w:])", re.ASCII
)
_TITLE = 300


def is_modular(version: str) -> bool:
    """The version is one of a module's build."""
    return _BUILD.search(version[:MAX_VERSION]) is not None


def concerns_stream(advisory: Advisory, entry: AffectedPackage, package: Package) -> bool:
    """The entry is about the stream, or about the non-modular package, that is installed.

    Where one side does not name its stream they are compared: an advisory too many is seen, one too
    few is not.
    """
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
    if not modular or not package.module:
        return True
    streams = {entry.module} if entry.module else _streams_in_title(advisory.summary)
    return not streams or _stream(package.module) in {_stream(stream) for stream in streams}


def _streams_in_title(summary: str) -> set[str]:
    return {f"{name}:{stream}" for name, stream in _TITLE_STREAM.findall(summary[:_TITLE])}


def _stream(label: str) -> str:
    """Return `name:stream` of a label, which may go on with version, context and architecture."""
    return ":".join(label.split(":", 2)[:2])
