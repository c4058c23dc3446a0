"""Components of a CycloneDX or SPDX 2 document in JSON, with their purls."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from careen.errors import ImageError
from careen.formats.json_document import items, mapping, parse_object, text

MAX_SBOM = 32 << 20
MAX_COMPONENTS = 50_000


@dataclass(frozen=True, slots=True)
class SbomComponent:
    """One component as stated, hostile text; `purl` and `licence` are "" if not stated.

    `reference` is CycloneDX's bom-ref, which may be a purl. `optional` means that the document
    leaves open whether the component is present.
    """

    name: str
    version: str
    purl: str
    licence: str = ""
    reference: str = ""
    optional: bool = False


def read_components(data: bytes, where: str) -> tuple[SbomComponent, ...]:
    """Return the contained components, without the subject and build-only (excluded) ones.

    Raises ImageError.
    """
    document = parse_object(data, where, ImageError)
    if document.get("bomFormat") == "CycloneDX":
        found = _cyclonedx(document)
    elif text(document.get("spdxVersion")).startswith("SPDX-2"):
        found = _spdx(document)
    else:
        msg = f"{where}: neither CycloneDX nor SPDX 2 in JSON"
        raise ImageError(msg)
    out = tuple(component for component, _ in zip(found, range(MAX_COMPONENTS + 1), strict=False))
    if len(out) > MAX_COMPONENTS:
        msg = f"{where}: more than {MAX_COMPONENTS} components"
        raise ImageError(msg)
    return out


def _cyclonedx(document: Mapping[str, Any]) -> Iterator[SbomComponent]:
    subject = text(mapping(mapping(document.get("metadata")).get("component")).get("purl"))
    todo = list(reversed(items(document.get("components"))))
    while todo:
        component = mapping(todo.pop())
        purl = text(component.get("purl"))
        if component.get("scope") != "excluded" and not (
            subject and purl.partition("#")[0] == subject
        ):
            reference, optional = (
                text(component.get("bom-ref")),
                component.get("scope") == "optional",
            )
            yield SbomComponent(
                text(component.get("name")),
                text(component.get("version")),
                purl,
                _licence(component),
                reference,
                optional,
            )
        todo.extend(reversed(items(component.get("components"))))


def _licence(component: Mapping[str, Any]) -> str:
    for item in items(component.get("licenses"))[:1]:
        licence = mapping(mapping(item).get("license"))
        found = (
            text(mapping(item).get("expression"))
            or text(licence.get("id"))
            or text(licence.get("name"))
        )
        return found[:200] if found.isprintable() else ""
    return ""


def _spdx(document: Mapping[str, Any]) -> Iterator[SbomComponent]:
    subjects = {text(item) for item in items(document.get("documentDescribes"))}
    for item in items(document.get("relationships")):
        relation = mapping(item)
        if relation.get("relationshipType") == "DESCRIBES":
            subjects.add(text(relation.get("relatedSpdxElement")))
    for item in items(document.get("packages")):
        package = mapping(item)
        if text(package.get("SPDXID")) in subjects:
            continue
        locators = (mapping(reference) for reference in items(package.get("externalRefs")))
        purl = next(
            (
                text(each.get("referenceLocator"))
                for each in locators
                if each.get("referenceType") == "purl"
            ),
            "",
        )
        licence = text(package.get("licenseDeclared"))
        shown = (
            licence[:200]
            if licence.isprintable() and licence not in ("NOASSERTION", "NONE")
            else ""
        )
        yield SbomComponent(
            text(package.get("name")), text(package.get("versionInfo")), purl, shown
        )
