"""Mapping of CSAF's and CycloneDX's terms to OpenVEX's (docs/vex.md has the tables)."""

from collections.abc import Mapping

from careen.model.findings.vex import Justification, VexStatus

CSAF_STATUS: Mapping[str, VexStatus] = {
    "known_not_affected": VexStatus.NOT_AFFECTED,
    "known_affected": VexStatus.AFFECTED,
    "first_affected": VexStatus.AFFECTED,
    "last_affected": VexStatus.AFFECTED,
    "fixed": VexStatus.FIXED,
    "first_fixed": VexStatus.FIXED,
    "under_investigation": VexStatus.UNDER_INVESTIGATION,
    "unknown": VexStatus.UNDER_INVESTIGATION,  # 2.1: undecided
}
"""CSAF 2.0 and 2.1, 3.2.3.9 (`product_status`).

`recommended` is left out: it names a target version and states nothing about the vulnerability.
"""

CSAF_FLAG: Mapping[str, Justification] = {
    justification.value: justification for justification in Justification
}
"""CSAF's flags (3.2.3.2) are the same five terms."""

CYCLONEDX_STATE: Mapping[str, VexStatus] = {
    "resolved": VexStatus.FIXED,
    "resolved_with_pedigree": VexStatus.FIXED,
    "exploitable": VexStatus.AFFECTED,
    "in_triage": VexStatus.UNDER_INVESTIGATION,
    "false_positive": VexStatus.NOT_AFFECTED,
    "not_affected": VexStatus.NOT_AFFECTED,
}

CYCLONEDX_JUSTIFICATION: Mapping[str, Justification] = {
    "code_not_present": Justification.VULNERABLE_CODE_NOT_PRESENT,
    "code_not_reachable": Justification.VULNERABLE_CODE_NOT_IN_EXECUTE_PATH,
    "requires_configuration": Justification.VULNERABLE_CODE_CANNOT_BE_CONTROLLED_BY_ADVERSARY,
    "requires_dependency": Justification.VULNERABLE_CODE_CANNOT_BE_CONTROLLED_BY_ADVERSARY,
    "requires_environment": Justification.VULNERABLE_CODE_CANNOT_BE_CONTROLLED_BY_ADVERSARY,
    "protected_by_compiler": Justification.INLINE_MITIGATIONS_ALREADY_EXIST,
    "protected_at_runtime": Justification.INLINE_MITIGATIONS_ALREADY_EXIST,
    "protected_at_perimeter": Justification.INLINE_MITIGATIONS_ALREADY_EXIST,
    "protected_by_mitigating_control": Justification.INLINE_MITIGATIONS_ALREADY_EXIST,
}

CYCLONEDX_RESPONSE: Mapping[str, str] = {
    "can_not_fix": "the supplier cannot fix it",
    "will_not_fix": "the supplier will not fix it",
    "update": "update to a version that is not affected",
    "rollback": "go back to a version that is not affected",
    "workaround_available": "a workaround is available",
}

TO_CYCLONEDX_STATE: Mapping[VexStatus, str] = {
    VexStatus.FIXED: "resolved",
    VexStatus.AFFECTED: "exploitable",
    VexStatus.UNDER_INVESTIGATION: "in_triage",
    VexStatus.NOT_AFFECTED: "not_affected",
}

TO_CYCLONEDX_JUSTIFICATION: Mapping[Justification, str] = {
    Justification.COMPONENT_NOT_PRESENT: "code_not_present",
    Justification.VULNERABLE_CODE_NOT_PRESENT: "code_not_present",
    Justification.VULNERABLE_CODE_NOT_IN_EXECUTE_PATH: "code_not_reachable",
    Justification.VULNERABLE_CODE_CANNOT_BE_CONTROLLED_BY_ADVERSARY: "requires_environment",
    Justification.INLINE_MITIGATIONS_ALREADY_EXIST: "protected_by_mitigating_control",
}
