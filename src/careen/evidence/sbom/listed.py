"""The components that an SBOM of careen lists, by name alone, to compare two of them."""

from collections.abc import Iterator, Mapping
from typing import Any

from careen.formats.json_document import items, mapping, objects, text_at

_IMAGE = "SPDXRef-Image"


def listed(document: Mapping[str, Any]) -> frozenset[str]:
    """Return the purl of each component of a CycloneDX or SPDX document, else its name and version.

    A model file has its path. The image itself is not one of them.
    """
    rows = _spdx(document) if "spdxVersion" in document else _cyclonedx(document)
    return frozenset(purl or f"{name} {version}".strip() for purl, name, version in rows)


def _cyclonedx(document: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    todo = list(objects(document.get("components")))
    while todo:
        component = todo.pop()
        todo.extend(objects(component.get("components")))
        facts = {text_at(each, "name"): text_at(each, "value") for each in _properties(component)}
        yield (
            text_at(component, "purl"),
            facts.get("careen:model:path") or text_at(component, "name"),
            text_at(component, "version"),
        )


def _properties(component: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    return objects(component.get("properties"))


def _spdx(document: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for package in objects(document.get("packages")):
        if package.get("SPDXID") == _IMAGE:
            continue
        purls = [
            text_at(reference, "referenceLocator")
            for reference in map(mapping, items(package.get("externalRefs")))
            if reference.get("referenceType") == "purl"
        ]
        yield (
            purls[0] if purls else "",
            text_at(package, "name"),
            text_at(package, "versionInfo"),
        )
