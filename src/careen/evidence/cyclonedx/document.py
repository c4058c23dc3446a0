"""Serialisation of CycloneDX 1.6 (ECMA-424): equal content gives equal bytes."""

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from types import MappingProxyType
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


def document_bytes(
    model: Bom,
    created: str,
    kind: str,
    places: Mapping[str, Iterable[ImagePath]] = MappingProxyType({}),
) -> bytes:
    """Serialise a model as the library's JSON output does.

    `created` (RFC 3339) is the document's time. The serial number is derived from `kind` and the
    content. `places` are the paths (`evidence.occurrences`) of components, by bom-ref.
    """
    document: dict[str, Any] = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
    }
    # `as_json` is added by the library's class decorator. The library's own output would also
    # search for equal references and missing dependencies, in quadratic time; here they are unique.
    document |= json.loads(model.as_json(view_=SchemaVersion1Dot6))  # type: ignore[attr-defined]
    # The library takes seconds for tens of thousands of paths as its own objects.
    components = [
        _placed(component, places.get(component["bom-ref"], ()))
        for component in document.get("components", ())
    ]
    if components:
        document["components"] = components
    if created:
        document["metadata"]["timestamp"] = created
    else:
        del document["metadata"]["timestamp"]
    digest = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
    document["serialNumber"] = (
        f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, f'careen.{kind}/{digest}')}"
    )
    return (json.dumps(document, indent=1) + "\n").encode("ascii")


def _placed(component: dict[str, Any], paths: Iterable[ImagePath]) -> dict[str, Any]:
    """Return a component with its occurrences, in the library's form and order."""
    locations = sorted({plain(path) for path in paths})
    if not locations:
        return component
    evidence = {"occurrences": [{"location": location} for location in locations]}
    return dict(sorted({**component, "evidence": evidence}.items()))
