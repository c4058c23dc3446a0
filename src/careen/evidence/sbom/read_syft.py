"""Reader of Syft's JSON format, schemas 3 to 16."""

from collections.abc import Mapping
from typing import Any

from careen.evidence.sbom.collect import Collector, StatedPackage
from careen.evidence.sbom.digest import digest_in
from careen.evidence.sbom.distribution import stated_distribution
from careen.evidence.sbom.document import SbomDocument
from careen.evidence.sbom.json_access import child, items, objects, text
from careen.evidence.sbom.purl import read_upstream
from careen.evidence.sbom.record import record_among
from careen.model.packages.distribution import Distribution


def read_syft(document: Mapping[str, Any], where: str) -> SbomDocument:
    """Return the content of the artifacts, with the files related by `contains`.

    Raises InputError beyond the limits.
    """
    collector = Collector(where)
    collector.distribution = _distribution(child(document, "distro"))
    files = _contained(document)
    for artifact in objects(document, "artifacts"):
        collector.count()
        collector.add(_package(artifact, files.get(text(artifact, "id"), [])))
    source = child(document, "source")
    about = child(source, "metadata") or child(source, "target")  # `target` until schema 11
    version = text(document, "schema", "version")
    return SbomDocument(
        inventory=collector.inventory(),
        subject=text(about, "userInput") or text(source, "name"),
        digest=digest_in(text(about, "manifestDigest"), text(about, "imageID")),
        format=f"Syft JSON {version}".rstrip(),
        created="",
    )


def _distribution(distro: Mapping[str, Any]) -> Distribution | None:
    identifier = text(distro, "id") or text(distro, "name")
    if not identifier:
        return None
    return stated_distribution(
        identifier,
        text(distro, "versionID") or text(distro, "version"),
        codename=text(distro, "versionCodename"),
        name=text(distro, "prettyName"),
        like=tuple(item for item in items(distro, "idLike") if isinstance(item, str)),
    )


def _contained(document: Mapping[str, Any]) -> dict[str, list[str]]:
    """Map the identifier of an artifact to the paths of its files."""
    places = {
        text(item, "id"): text(item, "location", "path") for item in objects(document, "files")
    }
    out: dict[str, list[str]] = {}
    for relation in objects(document, "artifactRelationships"):
        path = places.get(text(relation, "child"))
        if path and text(relation, "type") == "contains":
            out.setdefault(text(relation, "parent"), []).append(path)
    return out


def _package(artifact: Mapping[str, Any], files: list[str]) -> StatedPackage:
    metadata = child(artifact, "metadata")
    version = text(artifact, "version")
    licences = [
        item if isinstance(item, str) else _licence(item) for item in items(artifact, "licenses")
    ]
    return StatedPackage(
        name=text(artifact, "name"),
        version=version,
        purl=text(artifact, "purl"),
        source=_source(metadata, version),
        record=_record(artifact),
        files=tuple(files),
        licence=" AND ".join(dict.fromkeys(one for one in licences if one)),
        evidence=f"listed in the SBOM by syft's {text(artifact, 'foundBy')}",
        module=text(metadata, "modularityLabel"),
    )


def _source(metadata: Mapping[str, Any], version: str) -> str:
    """Return `name@version` of the source package, or ""."""
    # `source` and `sourceVersion` are dpkg's, `originPackage` is apk's, `sourceRpm` is rpm's.
    name = text(metadata, "source") or text(metadata, "originPackage")
    if name:
        return f"{name}@{text(metadata, 'sourceVersion') or version}"
    return read_upstream(text(metadata, "sourceRpm"), version)


def _licence(licence: Any) -> str:
    return (
        text(licence, "spdxExpression") or text(licence, "value").partition("\n")[0][:200]
        if isinstance(licence, dict)
        else ""
    )


def _record(artifact: Mapping[str, Any]) -> str:
    """Return the package database, else Syft's primary evidence, else the first location."""
    places = sorted(
        objects(artifact, "locations"),
        key=lambda place: text(place, "annotations", "evidence") != "primary",
    )
    return record_among([text(place, "path") for place in places])
