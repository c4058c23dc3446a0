"""Serialisation of CycloneDX 1.6 (ECMA-424): equal content gives equal bytes."""

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cyclonedx.model import Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.tool import ToolRepository
from cyclonedx.schema.schema import SchemaVersion1Dot6

from careen import __version__
from careen.model.paths import ImagePath

NO_TIME = dt.datetime.fromtimestamp(0, dt.UTC)
NO_SERIAL = uuid.UUID(int=0)
"""Placeholders in a model until `document_bytes` fills in the time and serial number."""


def tools() -> ToolRepository:
    """Return careen as the tool that made a document."""
    return ToolRepository(
        components=[Component(type=ComponentType.APPLICATION, name="careen", version=__version__)]
    )


def plain(raw: str) -> str:
    r"""Return text that every JSON reader accepts.

    Bytes that are not UTF-8 become `\xff`, other lone surrogates `\ud800`.
    """
    if raw.isascii():
        return raw
    try:
        data = raw.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        data = raw.encode("utf-8", "backslashreplace")
    return data.decode("utf-8", "backslashreplace")


def careen_property(name: str, value: object) -> Property:
    """Return the property `careen:NAME`; docs/sbom.md lists them."""
    return Property(name=f"careen:{name}", value=plain(str(value)))


@dataclass(frozen=True, slots=True)
class Contents:
    """The lists of a document that can be long.

    By bom-ref: `places` are the paths of components (`evidence.occurrences`), `dependencies` the
    bom-refs on which one depends, `provides` those of the assets that it implements.
    """

    components: Iterable[Component]
    places: Mapping[str, Iterable[ImagePath]] = field(default_factory=dict)
    dependencies: Mapping[str, Iterable[str]] = field(default_factory=dict)
    provides: Mapping[str, Iterable[str]] = field(default_factory=dict)


def document_bytes(model: Bom, contents: Contents, created: str, kind: str) -> bytes:
    """Serialise a model and its contents as the library's JSON output does.

    `created` (RFC 3339) is the document's time. The serial number is derived from `kind` and the
    content.
    """
    # The library takes a minute to sort and write thousands of packages within one model, because
    # each comparison reads all fields of both. Here bom-refs are unique, so five fields suffice.
    # It would also search for equal references and missing dependencies, in quadratic time.
    head = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
    }
    document = _plain(model)
    if components := [
        _placed(component, contents.places)
        for component in sorted(contents.components, key=_component_order)
    ]:
        document["components"] = components
    if contents.dependencies:
        document["dependencies"] = [
            {
                **({"dependsOn": needed} if (needed := sorted(set(on))) else {}),
                **({"provides": given} if (given := _given(contents, ref)) else {}),
                "ref": ref,
            }
            for ref, on in sorted(contents.dependencies.items())
        ]
    document = {**head, **dict(sorted(document.items()))}
    if created:
        document["metadata"]["timestamp"] = created
    else:
        del document["metadata"]["timestamp"]
    digest = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
    document["serialNumber"] = (
        f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, f'careen.{kind}/{digest}')}"
    )
    return (json.dumps(document, indent=1) + "\n").encode("ascii")


def _given(contents: Contents, ref: str) -> list[str]:
    return sorted(set(contents.provides.get(ref, ())))


def _plain(model: Bom | Component) -> dict[str, Any]:
    # `as_json` is added by the library's class decorator.
    written = model.as_json(view_=SchemaVersion1Dot6)  # type: ignore[union-attr]
    document: dict[str, Any] = json.loads(written)
    return document


def _component_order(component: Component) -> tuple[object, ...]:
    """Return the library's sort key, up to the bom-ref; None comes last."""
    group, version = component.group, component.version
    return (
        component.type,
        (group is None, group or ""),
        component.name,
        (version is None, version or ""),
        component.bom_ref.value or "",
    )


def _placed(component: Component, places: Mapping[str, Iterable[ImagePath]]) -> dict[str, Any]:
    """Return a component with its occurrences, in the library's form and order."""
    document = _plain(component)
    locations = sorted({plain(path) for path in places.get(document["bom-ref"], ())})
    if not locations:
        return document
    evidence = {"occurrences": [{"location": location} for location in locations]}
    return dict(sorted({**document, "evidence": evidence}.items()))
