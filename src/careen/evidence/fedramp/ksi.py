"""Tests and evidence for Key Security Indicators, to be taken into a Security Decision Record.

A record needs the provider's implementation and an assessor's statements as well: this is the part
that an image can show.
"""

import json
from typing import Any

from careen.formats.json_document import clean
from careen.model.compliance.assessment import Assessment, ItemResult
from careen.model.compliance.result import CheckResult

KSI = "fedramp-ksi.json"
_PREFIX = "KSI-"


def ksi_json(assessment: Assessment, framework: str) -> bytes:
    """Return `ksiTests` and `ksiEvidence` of each indicator that the framework maps."""
    items = [
        item
        for each in assessment.frameworks
        if each.id == framework
        for item in each.items
        if item.id.startswith(_PREFIX)
    ]
    known = {each.check: each for each in assessment.checks}
    document = {
        "image": clean(assessment.subject),
        "digest": assessment.digest,
        "tool": assessment.tool,
        "keySecurityIndicators": [_indicator(item, known, assessment) for item in items],
    }
    return (json.dumps(document, indent=2) + "\n").encode()


def _indicator(
    item: ItemResult, known: dict[str, CheckResult], assessment: Assessment
) -> dict[str, Any]:
    ran = [known[check] for check in item.checks if check in known]
    return {
        "ksiId": item.id,
        "ksiTests": [clean(f"{each.check}: {each.title}") for each in ran],
        "ksiEvidence": [_evidence(each, assessment) for each in ran],
        "notShown": item.rest,
    }


def _evidence(result: CheckResult, assessment: Assessment) -> dict[str, str]:
    shown = "; ".join(f"{each.where}: {each.value}" for each in result.evidence[:5])
    text = f"{result.result.value}: {result.reason}" + (f" ({shown})" if shown else "")
    return {
        "evidenceType": "Report",
        "evidenceDescription": f"{result.check} on {clean(assessment.subject)}",
        "evidenceText": clean(text),
        "lastUpdated": assessment.ended[:10],
    }
