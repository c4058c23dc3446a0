"""Security databases of apk distributions: per package, version → fixed vulnerabilities.

Source: secdb.alpinelinux.org; Wolfi and Chainguard use the same layout. A fix in version `0` says
that the distribution's package was never affected.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from careen.advisories.feeds.fields import WrongField, items, mapping, text, texts, wrong
from careen.advisories.feeds.json_lines import whole_json
from careen.advisories.feeds.port import About, Document, Head, Item, Record, Refused
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

_RELEASE = re.compile(r"v?(\d+\.\d+)\Z", re.ASCII)
_IDENTIFIER = re.compile(r"[A-Z][A-Z0-9]+-[A-Za-z0-9][\w.:-]*", re.ASCII)
_PRIMARY = ("CVE-", "XSA-", "TEMP-")


class AlpineSecdb:
    """Reader of one repository of one release."""

    single = False

    def recognises(self, head: Head) -> bool:
        """Return whether it names a repository, a package URL and packages."""
        value = head.value
        return (
            isinstance(value, dict)
            and "reponame" in value
            and ("apkurl" in value or "urlprefix" in value)
            and "packages" in value
        )

    def read(self, document: Document) -> Iterator[Item]:
        """Yield one record for each vulnerability of each package."""
        try:
            whole = mapping(whole_json(document), "document")
            ecosystem, feed = _names(whole)
            packages = items(whole.get("packages"), "packages")
        except WrongField as error:
            msg = f"{document.name}: {error}"
            raise InputError(msg) from error
        for number, package in enumerate(packages):
            where = f"packages[{number}].pkg"
            try:
                records = list(
                    _package(
                        mapping(mapping(package, where).get("pkg"), where), where, ecosystem, feed
                    )
                )
            except WrongField as error:
                yield Refused(feed, where, str(error))
                continue
            yield from records
        yield About(feed, ecosystems=(ecosystem,))


def _names(whole: Mapping[str, Any]) -> tuple[str, str]:
    """Return the OSV ecosystem, and careen's name of the feed."""
    repository, release = (
        text(whole.get("reponame"), "reponame"),
        text(whole.get("distroversion"), "distroversion"),
    )
    if not release:
        place = text(whole.get("urlprefix"), "urlprefix")
        family = (
            "Chainguard"
            if "chainguard" in repository or "cgr.dev" in place
            else "Wolfi"
            if "wolfi" in place
            else ""
        )
        if not family:
            raise wrong("distroversion", "a release such as v3.20", whole.get("distroversion"))
        return family, f"secdb:{family}"
    found = _RELEASE.match(release)
    release = f"v{found[1]}" if found else "edge" if release.startswith("edge") else ""
    if not release:
        raise wrong("distroversion", "a release such as v3.20", whole.get("distroversion"))
    return f"Alpine:{release}", f"secdb:Alpine:{release}/{repository}"


def _package(package: Mapping[str, Any], where: str, ecosystem: str, feed: str) -> Iterator[Record]:
    name = text(package.get("name"), f"{where}.name")
    if not name:
        raise wrong(f"{where}.name", "a package", package.get("name"))
    for version, fixes in mapping(package.get("secfixes"), f"{where}.secfixes").items():
        entry = _entry(ecosystem, name, version)
        for line in texts(fixes, f"{where}.secfixes[{version}]"):
            for identifier, aliases in _identifiers(line):
                yield Record((Advisory(identifier, feed, (entry,), aliases=aliases),), joins=True)


def _entry(ecosystem: str, name: str, version: str) -> AffectedPackage:
    if version == "0":
        return AffectedPackage(ecosystem, name, status=VendorStatus.NOT_AFFECTED)
    events = (Event(EventKind.INTRODUCED, "0"), Event(EventKind.FIXED, version))
    return AffectedPackage(
        ecosystem, name, (AffectedRange(RangeKind.ECOSYSTEM, events),), status=VendorStatus.FIXED
    )


def _identifiers(line: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return each vulnerability of a line, with its aliases.

    `CVE-2023-1 GHSA-x` is one, `CVE-2023-1 CVE-2023-2` are two. Remarks in brackets are ignored.
    """
    found = [
        word
        for word in line.partition("(")[0].replace(",", " ").split()
        if _IDENTIFIER.fullmatch(word)
    ]
    primary = [word for word in found if word.startswith(_PRIMARY)]
    if len(primary) == 1:
        return [(primary[0], tuple(word for word in found if word != primary[0]))]
    return [(word, ()) for word in primary or found]
