"""Reader of Syft's JSON format, schemas 3 to 16."""

from collections.abc import Mapping
from typing import Any

from careen.evidence.sbom.collect import Collector, StatedPackage
from careen.evidence.sbom.digest import digest_in
from careen.evidence.sbom.distribution import stated_distribution
from careen.evidence.sbom.document import SbomDocument
from careen.evidence.sbom.purl import read_upstream
from careen.evidence.sbom.record import record_among
from careen.formats.json_document import items, mapping, objects, text_at
from careen.model.packages.distribution import Distribution


def read_syft(document: Mapping[str, Any], where: str) -> SbomDocument:
    """Return the content of the artifacts, with the files related by `contains`.

    Raises InputError beyond the limits.
    """
    collector = Collector(where)
    collector.distribution = _distribution(mapping(document.get("distro")))
    files = _contained(document)
    for artifact in objects(document.get("artifacts")):
        collector.count()
        collector.add(_package(artifact, files.get(text_at(artifact, "id"), [])))
    source = mapping(document.get("source"))
    # `target` until schema 11
    about = mapping(source.get("metadata")) or mapping(source.get("target"))
    version = text_at(document, "schema", "version")
    return SbomDocument(
        inventory=collector.inventory(),
        subject=text_at(about, "userInput") or text_at(source, "name"),
        digest=digest_in(text_at(about, "manifestDigest"), text_at(about, "imageID")),
        format=f"Syft JSON {version}".rstrip(),
        created="",
    )


def _distribution(distro: Mapping[str, Any]) -> Distribution | None:
    identifier = text_at(distro, "id") or text_at(distro, "name")
    if not identifier:
        return None
    return stated_distribution(
        identifier,
        text_at(distro, "versionID") or text_at(distro, "version"),
        codename=text_at(distro, "versionCodename"),
        name=text_at(distro, "prettyName"),
        like=tuple(item for item in items(distro.get("idLike")) if isinstance(item, str)),
    )


def _contained(document: Mapping[str, Any]) -> dict[str, list[str]]:
    """Map the identifier of an artifact to the paths of its files."""
    places = {
        text_at(item, "id"): text_at(item, "location", "path")
        for item in objects(document.get("files"))
    }
    out: dict[str, list[str]] = {}
    for relation in objects(document.get("artifactRelationships")):
        path = places.get(text_at(relation, "child"))
        if path and text_at(relation, "type") == "contains":
            out.setdefault(text_at(relation, "parent"), []).append(path)
    return out


def _package(artifact: Mapping[str, Any], files: list[str]) -> StatedPackage:
    metadata = mapping(artifact.get("metadata"))
    version = text_at(artifact, "version")
    licences = [
        item if isinstance(item, str) else _licence(item)
        for item in items(artifact.get("licenses"))
    ]
    return StatedPackage(
        name=text_at(artifact, "name"),
        version=version,
        purl=text_at(artifact, "purl"),
        source=_source(metadata, version),
        record=_record(artifact),
        files=tuple(files),
        licence=" AND ".join(dict.fromkeys(one for one in licences if one)),
        evidence=f"listed in the SBOM by syft's {text_at(artifact, 'foundBy')}",
        module=text_at(metadata, "modularityLabel"),
    )


def _source(metadata: Mapping[str, Any], version: str) -> str:
    """Return `name@version` of the source package, or ""."""
    # `source` and `sourceVersion` are dpkg's, `originPackage` is apk's, `sourceRpm` is rpm's.
    name = text_at(metadata, "source") or text_at(metadata, "originPackage")
    if name:
        return f"{name}@{text_at(metadata, 'sourceVersion') or version}"
    return read_upstream(text_at(metadata, "sourceRpm"), version)


def _licence(licence: Any) -> str:
    return (
        text_at(licence, "spdxExpression") or text_at(licence, "value").partition("\n")[0][:200]
        if isinstance(licence, dict)
        else ""
    )


def _record(artifact: Mapping[str, Any]) -> str:
    """Return the package database, else Syft's primary evidence, else the first location."""
    places = sorted(
        objects(artifact.get("locations")),
        key=lambda place: text_at(place, "annotations", "evidence") != "primary",
    )
    return record_among([text_at(place, "path") for place in places])
