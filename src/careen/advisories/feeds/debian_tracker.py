"""JSON of Debian's security tracker: source package, then CVE, then release.

Source: security-tracker.debian.org/tracker/data/json. `resolved` names the version with the fix, or
`0`: this release was never affected. `open` with `nodsa` will be fixed in a point release, if at
all.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import ijson  # type: ignore[import-untyped]

from careen.advisories.feeds.debian_releases import debian_releases
from careen.advisories.feeds.fields import WrongField, mapping, shortened, text, wrong
from careen.advisories.feeds.port import (
    LONGEST_RECORD,
    About,
    Document,
    Head,
    Item,
    Record,
    Refused,
)
from careen.errors import InputError
from careen.model.findings.advisory import (
    Advisory,
    AffectedPackage,
    AffectedRange,
    Event,
    EventKind,
    RangeKind,
    VendorStatus,
)

FEED = "debian-tracker"
COMPLETE_FROM = 2500
"""Source packages from which on an export counts as complete.

The tracker's export holds every source package that ever had a CVE, many more than this. The layout
does not mark a partial one.
"""

_IDENTIFIER = re.compile(r"(?:CVE|TEMP)-\d+-\w+", re.ASCII)
_SUMMARY = 300
_BEFORE_ALL = Event(EventKind.INTRODUCED, "0")


class DebianTracker:
    """Reader of the tracker's JSON."""

    single = False

    def recognises(self, head: Head) -> bool:
        """Return whether it starts with a source package, a CVE and `releases`."""
        if not isinstance(head.value, dict) or head.lines:
            return False
        for cves in head.value.values():
            if not isinstance(cves, dict):
                return False
            for identifier, entry in cves.items():
                return (
                    bool(_IDENTIFIER.fullmatch(identifier))
                    and isinstance(entry, dict)
                    and "releases" in entry
                )
        return False

    def read(self, document: Document) -> Iterator[Item]:
        """Yield one record for each CVE of each source package."""
        sources = 0
        releases: set[str] = set()
        metered = _Metered(document)
        for source, cves in ijson.kvitems(metered, "", use_float=True):
            metered.begin()
            sources += 1
            for identifier, entry in _entries(source, cves):
                if isinstance(entry, Refused):
                    yield entry
                    continue
                try:
                    advisory = _advisory(source, identifier, entry)
                except WrongField as error:
                    yield Refused(FEED, f"{source} {identifier}", str(error))
                    continue
                releases.update(affected.ecosystem for affected in advisory.affected)
                yield Record((advisory,), joins=True)
        partial = (
            f"it holds {sources} source packages, the whole tracker several thousand: a package"
            " that is not in it is unknown"
            if sources < COMPLETE_FROM
            else ""
        )
        yield About(FEED, partial=partial, ecosystems=tuple(sorted(releases)))


class _Metered:
    """The document's bytes, limited per source package: one is held in memory at once."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._taken = 0

    def begin(self) -> None:
        """Reset the count for the next source package."""
        self._taken = 0

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes. Raises InputError beyond the limit."""
        part = self._document.stream.read(size)
        self._taken += len(part)
        if self._taken > LONGEST_RECORD:
            msg = (
                f"{self._document.name}: more than {LONGEST_RECORD} bytes about one source package"
            )
            raise InputError(msg)
        return part


def _entries(source: str, cves: object) -> Iterator[tuple[str, Mapping[str, Any] | Refused]]:
    if not isinstance(cves, dict):
        yield "", Refused(FEED, source, str(wrong("CVEs", "an object", cves)))
        return
    for identifier, entry in cves.items():
        if isinstance(entry, dict):
            yield identifier, entry
        else:
            yield (
                identifier,
                Refused(FEED, f"{source} {identifier}", str(wrong("entry", "an object", entry))),
            )


def _advisory(source: str, identifier: str, entry: Mapping[str, Any]) -> Advisory:
    if not source or not _IDENTIFIER.fullmatch(identifier):
        raise wrong("key", "a CVE below a source package", identifier)
    affected = []
    for codename, state in mapping(entry.get("releases"), "releases").items():
        ecosystem = debian_releases().get(codename)
        # A release newer than this version of careen has no name here, nor can its images be known.
        if ecosystem is not None:
            affected.append(
                _affected(
                    ecosystem,
                    source,
                    mapping(state, f"releases.{codename}"),
                    f"releases.{codename}",
                )
            )
    return Advisory(
        identifier,
        FEED,
        tuple(affected),
        summary=shortened(text(entry.get("description"), "description"), _SUMMARY),
    )


def _affected(ecosystem: str, source: str, state: Mapping[str, Any], where: str) -> AffectedPackage:
    word, fixed, urgency = (
        text(state.get(key), f"{where}.{key}") for key in ("status", "fixed_version", "urgency")
    )
    severity = "" if urgency in ("not yet assigned", "end-of-life") else urgency.rstrip("*")
    if word == "resolved":
        if not fixed:
            raise wrong(f"{where}.fixed_version", "a version", state.get("fixed_version"))
        if fixed == "0":
            return AffectedPackage(
                ecosystem, source, status=VendorStatus.NOT_AFFECTED, severity=severity
            )
        ranges = (AffectedRange(RangeKind.ECOSYSTEM, (_BEFORE_ALL, Event(EventKind.FIXED, fixed))),)
        return AffectedPackage(
            ecosystem, source, ranges, status=VendorStatus.FIXED, severity=severity
        )
    every = (AffectedRange(RangeKind.ECOSYSTEM, (_BEFORE_ALL,)),)
    return AffectedPackage(
        ecosystem,
        source,
        every,
        status=_open_status(word, state, where),
        note=text(state.get("nodsa"), f"{where}.nodsa"),
        severity=severity,
    )


def _open_status(word: str, state: Mapping[str, Any], where: str) -> VendorStatus:
    if word == "undetermined":
        return VendorStatus.UNDETERMINED
    if word != "open":
        raise wrong(f"{where}.status", "resolved, open or undetermined", word)
    if state.get("urgency") == "end-of-life":
        return VendorStatus.END_OF_LIFE
    if state.get("nodsa_reason") == "ignored":
        return VendorStatus.WONT_FIX
    return VendorStatus.DEFERRED if "nodsa" in state else VendorStatus.AFFECTED
