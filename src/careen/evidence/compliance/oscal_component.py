"""Writer of an OSCAL component definition: which controls the image implements, and how far."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from careen.evidence.compliance.identity import plain, stable_uuid
from careen.evidence.compliance.oscal import (
    control_id,
    image_component,
    metadata,
    prop,
    to_bytes,
)
from careen.model.compliance.assessment import Assessment, FrameworkResult, ItemResult
from careen.model.compliance.result import Result

_CATALOGUE = (
    "https://raw.githubusercontent.com/usnistgov/oscal-content/main/nist.gov/SP800-53/rev5/json/"
    "NIST_SP-800-53_rev5_catalog.json"
)


def oscal_component(assessment: Assessment) -> bytes:
    """Return the document. A control is at most `partial`: the platform owns the rest of it."""
    implemented = [
        found for each in assessment.frameworks if (found := _implementation(assessment, each))
    ]
    component: dict[str, Any] = image_component(assessment)
    if implemented:
        component["control-implementations"] = implemented
    return to_bytes(
        "component-definition",
        {
            "uuid": stable_uuid(assessment, "component-definition"),
            "metadata": metadata(assessment, "Component definition"),
            "components": [component],
        },
    )


def _implementation(assessment: Assessment, framework: FrameworkResult) -> dict[str, Any] | None:
    by_control: dict[str, list[ItemResult]] = defaultdict(list)
    for item in framework.items:
        if item.result in (Result.PASS, Result.FAIL):
            for control in item.controls:
                if found := control_id(control):
                    by_control[found].append(item)
    if not by_control:
        return None
    return {
        "uuid": stable_uuid(assessment, "implementation", framework.id),
        "source": _CATALOGUE,
        "description": plain(f"{framework.title}, {framework.content}. {framework.owner}"),
        "implemented-requirements": [
            _requirement(assessment, framework, control, items)
            for control, items in sorted(by_control.items())
        ],
    }


def _requirement(
    assessment: Assessment, framework: FrameworkResult, control: str, items: list[ItemResult]
) -> dict[str, Any]:
    # Without a property of OSCAL's for its status where all items failed: `planned` would say that
    # somebody means to implement it.
    results: Mapping[str, Result] = {item.id: item.result for item in items}
    failed = [name for name, result in results.items() if result is Result.FAIL]
    told = "; ".join(f"{item.id} {item.result.value}: {item.reason}" for item in items)
    partial = len(failed) < len(results)
    return {
        "uuid": stable_uuid(assessment, "requirement", framework.id, control),
        "control-id": control,
        "description": plain(told),
        "props": [
            *([{"name": "implementation-status", "value": "partial"}] if partial else ()),
            prop("passed", str(len(results) - len(failed))),
            prop("failed", str(len(failed))),
        ],
        "remarks": plain(framework.owner),
    }
