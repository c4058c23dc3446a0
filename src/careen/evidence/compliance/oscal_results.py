"""Writer of OSCAL assessment results: observations of checks and open items, and findings."""

from collections.abc import Mapping
from typing import Any

from careen.evidence.compliance.identity import (
    evidence_lines,
    header_of,
    name_of,
    plain,
    stable_uuid,
)
from careen.evidence.compliance.oscal import (
    back_matter,
    control_id,
    image_component,
    metadata,
    prop,
    resource_id,
    to_bytes,
)
from careen.model.compliance.assessment import Assessment, FrameworkResult, ItemResult
from careen.model.compliance.result import CheckResult, Result

_STATES = {Result.PASS: "satisfied", Result.FAIL: "not-satisfied"}


def oscal_results(assessment: Assessment, documents: Mapping[str, bytes]) -> bytes:
    """Return the document; `documents` are the files that it names as evidence.

    A target is an item of a framework, never a whole control: an image covers only a part of one.
    """
    return to_bytes(
        "assessment-results",
        {
            "uuid": stable_uuid(assessment, "assessment-results"),
            "metadata": metadata(assessment, "Assessment results"),
            "import-ap": {"href": f"#{resource_id(assessment, 'comply.json')}"},
            "results": [_result(assessment, each) for each in assessment.frameworks],
            "back-matter": back_matter(assessment, documents),
        },
    )


def _result(assessment: Assessment, framework: FrameworkResult) -> dict[str, Any]:
    wanted = {check for item in framework.items for check in item.checks}
    result: dict[str, Any] = {
        "uuid": stable_uuid(assessment, "result", framework.id),
        "title": plain(framework.title),
        "description": plain(header_of(assessment, framework)),
        "start": assessment.started,
        "end": assessment.ended,
        "local-definitions": {"components": [_with_status(image_component(assessment))]},
        "reviewed-controls": _reviewed(framework),
    }
    observed = [
        *(
            _observation(assessment, framework, each)
            for each in assessment.checks
            if each.check in wanted
        ),
        *(
            _open_item(assessment, framework, item)
            for item in framework.items
            if item.result not in _STATES
        ),
    ]
    findings = [
        _finding(assessment, framework, item) for item in framework.items if item.result in _STATES
    ]
    return {
        **result,
        **({"observations": observed} if observed else {}),
        **({"findings": findings} if findings else {}),
    }


def _with_status(component: dict[str, Any]) -> dict[str, Any]:
    return {**component, "status": {"state": "operational"}}


def _reviewed(framework: FrameworkResult) -> dict[str, Any]:
    named = {
        found for item in framework.items for each in item.controls if (found := control_id(each))
    }
    if not named:
        return {"control-selections": [{"include-all": {}}]}
    chosen = [{"control-id": each} for each in sorted(named)]
    return {"control-selections": [{"include-controls": chosen}]}


def _observation(
    assessment: Assessment, framework: FrameworkResult, check: CheckResult
) -> dict[str, Any]:
    evidence = [
        {"href": f"#{resource_id(assessment, 'comply.json')}", "description": line}
        for line in evidence_lines(check)
    ]
    observation: dict[str, Any] = {
        "uuid": stable_uuid(assessment, "observation", framework.id, check.check),
        "title": plain(check.title),
        "description": f"{check.result.value}: {plain(check.reason)}",
        "props": [prop("check", check.check), prop("result", check.result.value)],
        "methods": ["TEST"],
        "subjects": [{"subject-uuid": stable_uuid(assessment, "component"), "type": "component"}],
        "collected": assessment.ended,
        "remarks": f"By hand: {check.command}",
    }
    return {**observation, **({"relevant-evidence": evidence} if evidence else {})}


def _open_item(
    assessment: Assessment, framework: FrameworkResult, item: ItemResult
) -> dict[str, Any]:
    """Return an item that was not evaluated: a finding would have to call it satisfied or not."""
    return {
        "uuid": stable_uuid(assessment, "open", framework.id, item.id),
        "title": plain(f"{item.id} {item.title}"),
        "description": f"{item.result.value}: {plain(item.reason)}",
        "props": [prop("item", item.id), prop("result", item.result.value)],
        "methods": ["UNKNOWN"],
        "subjects": [{"subject-uuid": stable_uuid(assessment, "component"), "type": "component"}],
        "collected": assessment.ended,
    }


def _finding(
    assessment: Assessment, framework: FrameworkResult, item: ItemResult
) -> dict[str, Any]:
    finding: dict[str, Any] = {
        "uuid": stable_uuid(assessment, "finding", framework.id, item.id),
        "title": plain(f"{item.id} {item.title}"),
        "description": plain(item.reason),
        "props": [prop("result", item.result.value), prop("severity", item.severity.value)],
        "target": {
            "type": "objective-id",
            "target-id": _target_id(framework, item),
            "title": plain(item.title),
            "status": {"state": _STATES[item.result], "reason": item.result.value},
        },
    }
    related = [
        {"observation-uuid": stable_uuid(assessment, "observation", framework.id, check)}
        for check in item.checks
    ]
    if item.rest:
        finding["remarks"] = plain(f"Not shown by this: {item.rest}")
    return {**finding, **({"related-observations": related} if related else {})}


def _target_id(framework: FrameworkResult, item: ItemResult) -> str:
    # A token begins with a letter (OSCAL), and ids of frameworks may begin with a digit.
    return f"item_{framework.id}_{name_of(item.id)}"
