"""Debian's security advisories (DSA, DLA) as JSON lines.

A line is `{id, date, title, cves, fixed: [[codename, source package, version], …]}`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from careen.advisories.feeds.debian_releases import debian_releases
from careen.advisories.feeds.fields import WrongField, items, mapping, text, texts, wrong
from careen.advisories.feeds.json_lines import json_lines
from careen.advisories.feeds.port import About, Document, Head, Item, Record, Refused
from careen.model.findings.advisory import (
    Advisory,
    AffectedPackage,
    AffectedRange,
    Event,
    EventKind,
    RangeKind,
    VendorStatus,
)

FEED = "debian-advisories"
_IDENTIFIER = re.compile(r"D[SLT]A-\d+(?:-\d+)?", re.ASCII)
_PARTIAL = (
    "it holds what was fixed by an advisory: a CVE that is open, or was fixed without one, is not"
    " in it"
)


class DebianAdvisories:
    """Reader of the list of advisories."""

    single = False

    def recognises(self, head: Head) -> bool:
        """Return whether it is a `DSA-…` or `DLA-…` with CVEs and fixed versions."""
        value = head.value
        return (
            isinstance(value, dict)
            and "cves" in value
            and "fixed" in value
            and isinstance(value.get("id"), str)
            and bool(_IDENTIFIER.fullmatch(value["id"]))
        )

    def read(self, document: Document) -> Iterator[Item]:
        """Yield each advisory; its CVEs are its `upstream`, as in OSV's Debian records."""
        newest = ""
        releases: set[str] = set()
        for where, value in json_lines(document):
            try:
                advisory = _advisory(mapping(value, "advisory"))
            except WrongField as error:
                yield Refused(FEED, where, str(error))
                continue
            newest = max(newest, advisory.modified)
            releases.update(affected.ecosystem for affected in advisory.affected)
            yield Record((advisory,))
        yield About(FEED, date=newest, partial=_PARTIAL, ecosystems=tuple(sorted(releases)))


def _advisory(value: Mapping[str, Any]) -> Advisory:
    identifier, date = text(value.get("id"), "id"), text(value.get("date"), "date")
    if not _IDENTIFIER.fullmatch(identifier):
        raise wrong("id", "DSA-… or DLA-…", value.get("id"))
    affected = tuple(_fixed(value.get("fixed")))
    return Advisory(
        identifier,
        FEED,
        affected,
        upstream=texts(value.get("cves"), "cves"),
        summary=text(value.get("title"), "title"),
        published=date,
        modified=date,
    )


def _fixed(value: object) -> Iterator[AffectedPackage]:
    for number, triple in enumerate(items(value, "fixed")):
        parts = texts(triple, f"fixed[{number}]")
        if len(parts) != 3:  # noqa: PLR2004 — the layout has three
            raise wrong(f"fixed[{number}]", "codename, source package and version", triple)
        codename, source, version = parts
        ecosystem = debian_releases().get(codename)
        if ecosystem is not None:
            events = (Event(EventKind.INTRODUCED, "0"), Event(EventKind.FIXED, version))
            yield AffectedPackage(
                ecosystem,
                source,
                (AffectedRange(RangeKind.ECOSYSTEM, events),),
                status=VendorStatus.FIXED,
            )
