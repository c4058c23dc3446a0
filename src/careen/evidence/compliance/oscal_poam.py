"""Writer of an OSCAL plan of action and milestones: the items that failed, each with its fix."""

from typing import Any

from careen.evidence.compliance.identity import fixes_of, plain, stable_uuid
from careen.evidence.compliance.oscal import image_component, metadata, prop, to_bytes
from careen.model.compliance.assessment import Assessment, FrameworkResult, ItemResult
from careen.model.compliance.result import Result


def oscal_poam(assessment: Assessment) -> bytes | None:
    """Return the document, or None if nothing failed: OSCAL has no empty plan.

    Dates and people are the owner's: none is made up.
    """
    items = [
        _item(assessment, framework, item)
        for framework in assessment.frameworks
        for item in framework.items
        if item.result is Result.FAIL
    ]
    if not items:
        return None
    component = {**image_component(assessment), "status": {"state": "operational"}}
    return to_bytes(
        "plan-of-action-and-milestones",
        {
            "uuid": stable_uuid(assessment, "poam"),
            "metadata": metadata(assessment, "Plan of action and milestones"),
            "system-id": {
                "identifier-type": "http://ietf.org/rfc/rfc4122",
                "id": stable_uuid(assessment, "component"),
            },
            "local-definitions": {"components": [component]},
            "poam-items": items,
        },
    )


def _item(assessment: Assessment, framework: FrameworkResult, item: ItemResult) -> dict[str, Any]:
    return {
        "uuid": stable_uuid(assessment, "poam-item", framework.id, item.id),
        "title": plain(f"{framework.id} {item.id}: {item.title}"),
        "description": plain(item.reason),
        "props": [
            prop("severity", item.severity.value),
            *(prop("control", each) for each in item.controls),
        ],
        "remarks": plain(f"Fix: {fixes_of(assessment, item)}"),
    }
