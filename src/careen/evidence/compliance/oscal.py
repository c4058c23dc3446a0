"""What the OSCAL documents of an assessment share: metadata, the image as component, evidence."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from careen.evidence.compliance.identity import plain, stable_uuid
from careen.model.compliance.assessment import Assessment

VERSION = "1.1.2"
NAMESPACE = "https://github.com/careen/ns/oscal"
_CONTROL = re.compile(r"([A-Z]{2})-(\d{1,2})(?:\((\d{1,2})\))?\Z")
_TOKEN = re.compile(r"[^A-Za-z0-9._-]")


def control_id(control: str) -> str | None:
    """Return NIST's id of a control in OSCAL (`AC-6(10)` gives `ac-6.10`), None for others."""
    match = _CONTROL.match(control)
    if match is None:
        return None
    return f"{match[1].lower()}-{match[2]}" + (f".{match[3]}" if match[3] else "")


def metadata(assessment: Assessment, title: str) -> dict[str, Any]:
    """Return the metadata of a document."""
    return {
        "title": plain(f"{title}: {assessment.subject}"),
        "last-modified": assessment.ended,
        "version": assessment.digest[:80],
        "oscal-version": VERSION,
        "props": [
            prop("tool", assessment.tool),
            *(prop(f"feed-{each.name}", each.date or "no date") for each in assessment.databases),
        ],
    }


def prop(name: str, value: str) -> dict[str, Any]:
    """Return a property of careen's."""
    return {"name": _TOKEN.sub("-", name), "ns": NAMESPACE, "value": plain(value) or "-"}


def image_component(assessment: Assessment) -> dict[str, Any]:
    """Return the image as a component."""
    return {
        "uuid": stable_uuid(assessment, "component"),
        "type": "software",
        "title": plain(assessment.subject),
        "description": f"Container image {assessment.digest}, {assessment.platform}.",
        "props": [
            {"name": "asset-id", "value": assessment.digest},
            prop("config-digest", assessment.config_digest),
        ],
    }


def back_matter(assessment: Assessment, documents: Mapping[str, bytes]) -> dict[str, Any]:
    """Return the evidence files beside the document, each with its digest."""
    return {
        "resources": [
            {
                "uuid": resource_id(assessment, name),
                "title": name,
                "rlinks": [
                    {
                        "href": name,
                        "hashes": [
                            {"algorithm": "SHA-256", "value": hashlib.sha256(data).hexdigest()}
                        ],
                    }
                ],
            }
            for name, data in sorted(documents.items())
        ]
    }


def resource_id(assessment: Assessment, name: str) -> str:
    """Return the identifier of an evidence file."""
    return stable_uuid(assessment, "resource", name)


def to_bytes(name: str, document: Mapping[str, Any]) -> bytes:
    """Return a document's bytes below its root name."""
    return (json.dumps({name: document}, indent=2, ensure_ascii=True) + "\n").encode()
