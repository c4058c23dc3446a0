"""Reader of SPDX 2.2 and 2.3 JSON, as Syft, Trivy, BuildKit and careen write it."""

import re
from collections.abc import Mapping
from typing import Any

from careen.errors import InputError
from careen.evidence.sbom.collect import Collector, StatedPackage
from careen.evidence.sbom.digest import digest_in
from careen.evidence.sbom.distribution import stated_distribution
from careen.evidence.sbom.document import SbomDocument
from careen.evidence.sbom.record import record_among
from careen.formats.json_document import items, objects, text_at
from careen.model.packages.package import Presence

VERSIONS = ("SPDX-2.2", "SPDX-2.3")

_ABSENT = frozenset({"NOASSERTION", "NONE"})
_IMAGES = ("pkg:oci/", "pkg:docker/")
_GROUPS = frozenset(
    {"APPLICATION", "FILE", "SOURCE", "ARCHIVE"}
)  # lock files and similar; their packages are listed separately
_BUILT_FROM = re.compile(
    r"built package from: (?P<name>\S+) (?P<version>\S+)"
)  # sourceInfo of Trivy and careen
_ACQUIRED = re.compile(r"acquired package info from [^:]+: (?P<paths>/[^\n]+)")  # Syft's
_NOTE = re.compile(r"careen:(?P<name>[a-z:-]+)=(?P<value>.*)", re.DOTALL)


def read_spdx(document: Mapping[str, Any], where: str) -> SbomDocument:
    """Return the content of the packages, with the files that they contain by relationship.

    Raises InputError for another version and beyond the limits.
    """
    version = text_at(document, "spdxVersion")
    if version not in VERSIONS:
        msg = (
            f"{where}: spdxVersion: expected one of {', '.join(VERSIONS)}, got"
            f" {document.get('spdxVersion')!r}"
        )
        raise InputError(msg)
    described, files = _described(document), _contained(document)
    collector = Collector(where)
    root: Mapping[str, Any] = {}
    for package in objects(document.get("packages")):
        collector.count()
        identifier, purpose, purl = (
            text_at(package, "SPDXID"),
            text_at(package, "primaryPackagePurpose").replace("_", "-"),
            _purl(package),
        )
        if purpose == "OPERATING-SYSTEM":
            _operating_system(package, collector)
        elif (
            purl.startswith(_IMAGES)
            or purpose == "CONTAINER"
            or (identifier in described and not purl)
        ):
            root = root or package
        elif purl or purpose not in _GROUPS:
            collector.add(_package(package, purl, files.get(identifier, ())))
    for name, value in _notes(document):
        if name == "unknown":
            path, _, reason = value.partition("\n")
            collector.unknown(path, reason)
    return SbomDocument(
        inventory=collector.inventory(),
        subject=text_at(root, "name") or text_at(document, "name"),
        digest=digest_in(
            _stated(root, "versionInfo"),
            _purl(root),
            *(item for item in items(root.get("attributionTexts")) if isinstance(item, str)),
            *_comments(root),
        ),
        format=version.replace("-", " "),
        created=text_at(document, "creationInfo", "created"),
    )


def _stated(owner: Mapping[str, Any], name: str) -> str:
    value = text_at(owner, name)
    return "" if value in _ABSENT else value


def _purl(package: Mapping[str, Any]) -> str:
    found = (
        text_at(ref, "referenceLocator")
        for ref in objects(package.get("externalRefs"))
        if text_at(ref, "referenceType").rpartition("/")[2] == "purl"
    )
    return next(found, "")


def _described(document: Mapping[str, Any]) -> frozenset[str]:
    listed = {item for item in items(document.get("documentDescribes")) if isinstance(item, str)}
    for relation in objects(document.get("relationships")):
        if text_at(relation, "relationshipType") == "DESCRIBES":
            listed.add(text_at(relation, "relatedSpdxElement"))
    return frozenset(listed)


def _contained(document: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Map package identifiers to file names.

    Uses CONTAINS, CONTAINED_BY, and the older `hasFiles`.
    """
    names = {
        text_at(file, "SPDXID"): text_at(file, "fileName")
        for file in objects(document.get("files"))
    }
    out: dict[str, list[str]] = {}
    for relation in objects(document.get("relationships")):
        one, other = text_at(relation, "spdxElementId"), text_at(relation, "relatedSpdxElement")
        match text_at(relation, "relationshipType"):
            case "CONTAINS" if other in names:
                out.setdefault(one, []).append(names[other])
            case "CONTAINED_BY" if one in names:
                out.setdefault(other, []).append(names[one])
            case _:
                pass
    for package in objects(document.get("packages")):
        listed = [
            names[item]
            for item in items(package.get("hasFiles"))
            if isinstance(item, str) and item in names
        ]
        if listed:
            out.setdefault(text_at(package, "SPDXID"), []).extend(listed)
    return {identifier: tuple(found) for identifier, found in out.items()}


def _comments(owner: Mapping[str, Any]) -> list[str]:
    return [text_at(item, "comment") for item in objects(owner.get("annotations"))]


def _notes(owner: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the annotations `careen:NAME=VALUE`, for facts without a place in SPDX."""
    matches = (_NOTE.fullmatch(comment) for comment in _comments(owner))
    return [(match["name"], match["value"]) for match in matches if match is not None]


def _operating_system(package: Mapping[str, Any], collector: Collector) -> None:
    if collector.distribution is None:
        notes = dict(_notes(package))
        collector.distribution = stated_distribution(
            text_at(package, "name"),
            _stated(package, "versionInfo"),
            codename=notes.get("os:codename", ""),
            name=text_at(package, "summary"),
            like=tuple(notes.get("os:like", "").split()),
            path=notes.get("os:path", ""),
        )


def _package(package: Mapping[str, Any], purl: str, files: tuple[str, ...]) -> StatedPackage:
    notes = dict(_notes(package))
    origin = text_at(package, "sourceInfo")
    built, acquired = _BUILT_FROM.search(origin), _ACQUIRED.search(origin)
    return StatedPackage(
        name=text_at(package, "name"),
        version=_stated(package, "versionInfo"),
        purl=notes.get("purl", "") or purl,
        source=f"{built['name']}@{built['version']}" if built is not None else "",
        record=notes.get("record", "")
        or (record_among(acquired["paths"].split(", ")) if acquired is not None else ""),
        files=files,
        licence=_stated(package, "licenseDeclared") or _stated(package, "licenseConcluded"),
        presence=(
            Presence.EMBEDDED
            if notes.get("presence") == Presence.EMBEDDED.value
            else Presence.INSTALLED
        ),
        evidence=notes.get("evidence", "" if "ecosystem" in notes else "listed in the SBOM"),
        module=notes.get("module", ""),
    )
