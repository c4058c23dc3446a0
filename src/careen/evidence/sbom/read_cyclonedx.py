"""Reader of CycloneDX JSON 1.2 to 1.7 (ECMA-424), as Trivy, Syft, cdxgen and careen write it."""

import json
import marshal
import re
from collections.abc import Iterator, Mapping
from typing import Any

from careen.errors import InputError
from careen.evidence.sbom.collect import Collector, StatedPackage, Usable
from careen.evidence.sbom.digest import digest_in
from careen.evidence.sbom.distribution import stated_distribution
from careen.evidence.sbom.document import SbomDocument
from careen.evidence.sbom.record import record_among
from careen.formats.json_document import mapping, objects, text_at
from careen.model.packages.distribution import Distribution
from careen.model.packages.model_file import ModelFile, ModelFormat
from careen.model.packages.package import Marker, Presence
from careen.model.packages.purls import with_epoch
from careen.model.paths import ROOT

VERSIONS = ("1.2", "1.3", "1.4", "1.5", "1.6", "1.7")

_NO_PACKAGES = frozenset(
    {"file", "container", "device", "device-driver", "firmware", "data", "cryptographic-asset"}
)
_TRIVY = "aquasecurity:trivy:"
_SYFT_PATH = re.compile(r"syft:location:[0-9]+:path")
_SIZE = re.compile(r"[0-9]{1,18}")
_FORMATS = {model.value: model for model in ModelFormat}

_KNOWN: dict[bytes, Usable] = {}
"""Packages by the component that stated them: most components of an image are those of others."""
_MOST_KNOWN = 20_000
_LARGEST_KNOWN = 2048  # bytes; a real component without a list of files has less


class VexAloneError(InputError):
    """A CycloneDX document states vulnerabilities, and lists nothing."""


def is_vex(document: Mapping[str, Any]) -> bool:
    """Return whether a CycloneDX document states vulnerabilities, and has no components."""
    if next(objects(document.get("vulnerabilities")), None) is None:
        return False
    root = mapping(mapping(document.get("metadata")).get("component"))
    return next(_walk(document, root), None) is None


def read_cyclonedx(document: Mapping[str, Any], where: str) -> SbomDocument:
    """Return the content of all components, nested ones included.

    Raises InputError for another version and for too many components, VexAloneError for VEX.
    """
    version = text_at(document, "specVersion")
    if version not in VERSIONS:
        msg = (
            f"{where}: specVersion: expected one of {', '.join(VERSIONS)}, got"
            f" {document.get('specVersion')!r}"
        )
        raise InputError(msg)
    if is_vex(document):
        msg = f"{where}: CycloneDX VEX, which lists no components; an SBOM is expected"
        raise VexAloneError(msg)
    metadata = mapping(document.get("metadata"))
    root = mapping(metadata.get("component"))
    collector = Collector(where)
    _notes(metadata, collector)
    for component in _walk(document, root):
        collector.count()
        _component_once(component, collector)
    return SbomDocument(
        inventory=collector.inventory(),
        subject=text_at(root, "name"),
        digest=_digest(root),
        format=f"CycloneDX {version}",
        created=text_at(metadata, "timestamp"),
    )


def _walk(document: Mapping[str, Any], root: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield every component in the document's order, without recursion."""
    # The writer of the document chooses the nesting depth.
    waiting = [iter([*objects(document.get("components")), *objects(root.get("components"))])]
    while waiting:
        component = next(waiting[-1], None)
        if component is None:
            waiting.pop()
            continue
        yield component
        waiting.append(objects(component.get("components")))


def _properties(owner: Mapping[str, Any]) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for item in objects(owner.get("properties")):
        out.setdefault(text_at(item, "name"), []).append(text_at(item, "value"))
    return out


def _one(properties: Mapping[str, list[str]], *names: str) -> str:
    """Return the first value of the first name that is present, or ""."""
    return next((properties[name][0] for name in names if properties.get(name)), "")


def _digest(root: Mapping[str, Any]) -> str:
    properties = _properties(root)
    return digest_in(
        text_at(root, "version"),
        text_at(root, "purl"),
        _one(properties, f"{_TRIVY}RepoDigest"),
        _one(properties, f"{_TRIVY}ImageID"),
    )


def _component_once(component: Mapping[str, Any], collector: Collector) -> None:
    """Read a component, or take what an equal one gave in this or another document."""
    # A component that holds others would be written once for each level.
    if "components" in component:
        _component(component, collector)
        return
    # A twentieth of reading it. It differs if a value or its type differs.
    key = marshal.dumps(component, 2)  # type: ignore[arg-type]
    if len(key) > _LARGEST_KNOWN:
        _component(component, collector)
    elif (known := _KNOWN.get(key)) is not None:
        collector.take(known)
    elif (read := _component(component, collector)) is not None:
        if len(_KNOWN) >= _MOST_KNOWN:
            _KNOWN.clear()
        _KNOWN[key] = read


def _component(component: Mapping[str, Any], collector: Collector) -> Usable | None:
    """Read a component; return the package that it is, None for anything else."""
    kind = text_at(component, "type")
    properties = _properties(component)
    if kind == "operating-system":
        if collector.distribution is None:
            collector.distribution = _distribution(component, properties)
        return None
    if kind == "machine-learning-model" and "careen:model:format" in properties:
        _model(component, properties, collector)
        return None
    purl = text_at(component, "purl")
    if not purl and (
        kind in _NO_PACKAGES or f"{_TRIVY}Type" in properties
    ):  # the latter is a lock file; its packages are listed separately
        return None
    group, name = text_at(component, "group"), text_at(component, "name")
    return collector.add(
        StatedPackage(
            name=f"{group}/{name}" if group else name,
            version=text_at(component, "version"),
            purl=_one(properties, "careen:purl") or purl,
            source=_source(properties, text_at(component, "version")),
            record=_one(properties, "careen:record", f"{_TRIVY}FilePath")
            or record_among(_locations(properties))
            or _one(properties, "SrcFile"),
            files=tuple(
                text_at(item, "location")
                for item in objects(mapping(component.get("evidence")).get("occurrences"))
            ),
            licence=_licence(component),
            presence=(
                Presence.EMBEDDED
                if _one(properties, "careen:presence") == Presence.EMBEDDED.value
                else Presence.INSTALLED
            ),
            evidence=(
                _one(properties, "careen:evidence")
                if "careen:ecosystem" in properties
                else "listed in the SBOM"
            ),
            module=_one(
                properties,
                "careen:module",
                f"{_TRIVY}Modularitylabel",
                "syft:metadata:modularityLabel",
            ),
            modules=tuple(properties.get("careen:import", ())),
            depends=tuple(properties.get("careen:depends", ())),
            provides=tuple(properties.get("careen:provides", ())),
            essential=_one(properties, "careen:essential") == "true",
        )
    )


def _locations(properties: Mapping[str, list[str]]) -> list[str]:
    """Return Syft's locations in the order of their numbers."""
    return [values[0] for name, values in properties.items() if _SYFT_PATH.fullmatch(name)]


def _source(properties: Mapping[str, list[str]], version: str) -> str:
    stated = _one(properties, "careen:source")
    if stated:
        return stated
    name = _one(properties, f"{_TRIVY}SrcName", "syft:metadata:source")
    if not name:
        return ""
    epoch, release = _one(properties, f"{_TRIVY}SrcEpoch"), _one(properties, f"{_TRIVY}SrcRelease")
    plain = _one(properties, f"{_TRIVY}SrcVersion", "syft:metadata:sourceVersion") or version
    return f"{name}@{with_epoch(f'{plain}-{release}' if release else plain, epoch)}"


def _licence(component: Mapping[str, Any]) -> str:
    """Return expressions and names joined as one expression; licence texts are omitted."""
    found = [
        text_at(choice, "expression")
        or text_at(choice, "license", "id")
        or text_at(choice, "license", "name")
        for choice in objects(component.get("licenses"))
    ]
    return " AND ".join(dict.fromkeys(one for one in found if one))


def _distribution(
    component: Mapping[str, Any], properties: Mapping[str, list[str]]
) -> Distribution:
    return stated_distribution(
        text_at(component, "name"),
        text_at(component, "version") or _one(properties, "syft:distro:versionID"),
        codename=_one(properties, "careen:os:codename", "syft:distro:versionCodename"),
        name=text_at(component, "description"),
        like=tuple(_one(properties, "careen:os:like").split())
        or tuple(value for key, value in _idlike(properties)),
        path=_one(properties, "careen:os:path"),
    )


def _idlike(properties: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    for key, values in properties.items():
        if key.startswith("syft:distro:idLike:"):
            yield key, values[0]


def _model(
    component: Mapping[str, Any], properties: Mapping[str, list[str]], collector: Collector
) -> None:
    path, form, size = (
        collector.path(_one(properties, "careen:model:path")),
        _one(properties, "careen:model:format"),
        _one(properties, "careen:model:size"),
    )
    if path is None or form not in _FORMATS or not _SIZE.fullmatch(size):
        collector.unknown(
            _one(properties, "careen:model:path"),
            f"model {text_at(component, 'name')[:120]!r} without a path, format and size that can"
            " be read",
        )
        return
    facts = tuple(
        (key.removeprefix("careen:model:fact:"), value)
        for key, values in properties.items()
        if key.startswith("careen:model:fact:")
        for value in values
    )
    problem, dangerous = (
        _one(properties, "careen:model:problem"),
        tuple(properties.get("careen:model:dangerous", ())),
    )
    collector.models.append(ModelFile(path, _FORMATS[form], int(size), facts, dangerous, problem))


def _notes(metadata: Mapping[str, Any], collector: Collector) -> None:
    """Read the unknowns and markers that careen recorded in the document."""
    properties = _properties(metadata)
    for value in properties.get("careen:unknown", ()):
        note = _note(value)
        collector.unknown(text_at(note, "path"), text_at(note, "reason"))
    for value in properties.get("careen:marker", ()):
        note = _note(value)
        collector.markers.append(
            Marker(collector.path(text_at(note, "path")) or ROOT, text_at(note, "effect"))
        )


def _note(value: str) -> Mapping[str, Any]:
    try:
        note = json.loads(value)
    except (ValueError, RecursionError):
        note = None
    return note if isinstance(note, dict) else {"path": "", "reason": value, "effect": value}
