"""The bytes of a CycloneDX 1.6 document (ECMA-424): the same content gives the same bytes."""

import datetime as dt
import hashlib
import json
import uuid
from operator import itemgetter
from typing import Any

from cyclonedx.model import Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.tool import ToolRepository
from cyclonedx.schema.schema import SchemaVersion1Dot6

from careen import __version__

NO_TIME = dt.datetime.fromtimestamp(0, dt.UTC)
NO_SERIAL = uuid.UUID(int=0)
"""What stands in a model until `document_bytes` puts in the time that was given and the serial
number that the content makes.
"""


def tools() -> ToolRepository:
    """Return careen as the tool that made a document."""
    return ToolRepository(
        components=[Component(type=ComponentType.APPLICATION, name="careen", version=__version__)]
    )


def plain(raw: str) -> str:
    """Return text that every JSON reader takes: bytes that are not UTF-8 become `\\xff`, other lone
    surrogates `\\ud800`.
    """  # noqa: D301 — what the reader sees
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


def document_bytes(model: Bom, created: str, kind: str) -> bytes:
    """Serialise a model as the library's own JSON output does, without its search for equal
    references and missing dependencies.

    The references are unique here, and the search takes the square of the number of components. The
    library orders occurrences by their address in memory, so they are sorted. `created` (RFC 3339)
    is the document's time; the serial number is made from `kind` and the content.
    """
    document: dict[str, Any] = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
    }
    # made by the library's class decorator
    document |= json.loads(model.as_json(view_=SchemaVersion1Dot6))  # type: ignore[attr-defined]
    waiting = list(document.get("components", ()))
    while waiting:
        component = waiting.pop()
        waiting.extend(component.get("components", ()))
        if "occurrences" in component.get("evidence", ()):
            component["evidence"]["occurrences"].sort(key=itemgetter("location"))
    if created:
        document["metadata"]["timestamp"] = created
    else:
        del document["metadata"]["timestamp"]
    digest = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
    document["serialNumber"] = (
        f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, f'careen.{kind}/{digest}')}"
    )
    return (json.dumps(document, indent=1) + "\n").encode("ascii")
