"""Writer of a checklist for STIG Viewer 3 (CKLB 1.0)."""

import json
from typing import Any

from careen.evidence.compliance.identity import (
    checks_of,
    details_of,
    fixes_of,
    header_of,
    plain,
    stable_uuid,
)
from careen.evidence.compliance.stig_benchmark import StigBenchmark, StigRule
from careen.model.compliance.assessment import Assessment, FrameworkResult, ItemResult
from careen.model.compliance.result import Result

STIG = "stig"
"""Frameworks whose ids begin with it have a checklist."""
# Only what was evaluated is "not a finding": the rest stays open for the reviewer.
_STATUS = {
    Result.PASS: "not_a_finding",
    Result.FAIL: "open",
    Result.NOT_APPLICABLE: "not_applicable",
    Result.NOT_EVALUABLE: "not_reviewed",
    Result.INHERITED: "not_reviewed",
    Result.MANUAL: "not_reviewed",
}
_EMPTY = (
    *("false_positives", "false_negatives", "security_override_guidance", "potential_impacts"),
    *("third_party_tools", "ia_controls", "responsibility", "mitigations", "mitigation_control"),
)


def cklb_checklist(
    assessment: Assessment, framework: FrameworkResult, numbers: StigBenchmark | None
) -> bytes:
    """Return the document. `numbers` has the V- and SV-numbers, if the user gave them.

    They are of this framework only if they know one of its items.
    """
    if numbers is not None and not any(item.id in numbers.rules for item in framework.items):
        numbers = None
    stig_uuid = stable_uuid(assessment, framework.id, "stig")
    rules = [_rule(assessment, framework, item, numbers) for item in framework.items]
    stig = {
        "stig_name": plain(numbers.title if numbers else framework.title),
        "display_name": plain(framework.title),
        "stig_id": numbers.id if numbers else framework.id,
        "release_info": plain(numbers.release if numbers else framework.content),
        "version": plain(numbers.version if numbers else framework.content),
        "uuid": stig_uuid,
        "reference_identifier": "",
        "size": len(rules),
        "rules": rules,
    }
    checklist = {
        "title": plain(f"{framework.title}: {assessment.subject}"),
        "id": stable_uuid(assessment, framework.id, "checklist"),
        "stigs": [stig],
        "active": True,
        "mode": 2,
        "has_path": False,
        "target_data": _target(assessment, framework),
        "cklb_version": "1.0",
    }
    return (json.dumps(checklist, indent=2, ensure_ascii=True) + "\n").encode()


def _target(assessment: Assessment, framework: FrameworkResult) -> dict[str, Any]:
    return {
        "target_type": "Computing",
        "host_name": plain(assessment.subject),
        "ip_address": "",
        "mac_address": "",
        "fqdn": "",
        "comments": plain(header_of(assessment, framework)),
        "role": "None",
        "is_web_database": False,
        "technology_area": "",
        "web_db_site": "",
        "web_db_instance": "",
        "classification": None,
    }


def _rule(
    assessment: Assessment,
    framework: FrameworkResult,
    item: ItemResult,
    numbers: StigBenchmark | None,
) -> dict[str, Any]:
    known = numbers.rules.get(item.id) if numbers is not None else None
    rule = known or StigRule(item.id, item.id)
    commands = "; ".join(each.command for each in checks_of(assessment, item))
    return {
        "group_id_src": rule.group,
        "group_tree": [{"id": rule.group, "title": item.id, "description": ""}],
        "group_id": rule.group,
        "severity": item.severity.value,
        "group_title": item.id,
        "rule_id_src": rule.rule,
        "rule_id": rule.rule.removesuffix("_rule"),
        "rule_version": item.id,
        "rule_title": plain(item.title),
        "fix_text": plain(fixes_of(assessment, item)),
        "weight": "10.0",
        "check_content": plain(commands),
        "check_content_ref": {"href": "comply.json", "name": ",".join(item.checks) or item.id},
        "classification": "NotUsed",
        "discussion": plain(item.rest),
        **dict.fromkeys(_EMPTY[:2], ""),
        "documentable": "false",
        **dict.fromkeys(_EMPTY[2:], ""),
        "legacy_ids": [],
        "ccis": list(item.cci),
        "reference_identifier": "",
        "uuid": stable_uuid(assessment, framework.id, "rule", item.id),
        "stig_uuid": stable_uuid(assessment, framework.id, "stig"),
        "status": _STATUS[item.result],
        "overrides": {},
        "comments": f"{assessment.tool}: {item.result.value}",
        "finding_details": details_of(assessment, item),
        "srg_id": item.id,
    }
