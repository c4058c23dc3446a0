"""VEX statements, in OpenVEX's terms (github.com/openvex/spec).

CSAF's and CycloneDX's terms map onto them.
"""

import enum
from dataclasses import dataclass

from careen.model.findings.questions import FourQuestions


class VexStatus(enum.Enum):
    """The four statuses that all VEX formats share."""

    NOT_AFFECTED = "not_affected"
    AFFECTED = "affected"
    FIXED = "fixed"
    UNDER_INVESTIGATION = "under_investigation"


class Justification(enum.Enum):
    """Why a product is not affected."""

    COMPONENT_NOT_PRESENT = "component_not_present"
    VULNERABLE_CODE_NOT_PRESENT = "vulnerable_code_not_present"
    VULNERABLE_CODE_NOT_IN_EXECUTE_PATH = "vulnerable_code_not_in_execute_path"
    VULNERABLE_CODE_CANNOT_BE_CONTROLLED_BY_ADVERSARY = (
        "vulnerable_code_cannot_be_controlled_by_adversary"
    )
    INLINE_MITIGATIONS_ALREADY_EXIST = "inline_mitigations_already_exist"


@dataclass(frozen=True, slots=True)
class VexProduct:
    """Subject of a statement: a purl or another identifier of the document.

    `subcomponents` limit it to these components; empty means all. `versions` is a vers range
    (`vers:pypi/<2.6.0`) or "".
    """

    id: str
    subcomponents: tuple[str, ...] = ()
    versions: str = ""


@dataclass(frozen=True, slots=True)
class VexStatement:
    """One VEX statement.

    `vulnerability` and `aliases` are identifiers. `justification` appears only with NOT_AFFECTED.
    `note` is the impact statement or observation; `action` is what to do. `document` is the
    document's id, `timestamp` RFC 3339. `questions` are answered in statements that careen makes.
    """

    vulnerability: str
    status: VexStatus
    products: tuple[VexProduct, ...]
    aliases: tuple[str, ...] = ()
    justification: Justification | None = None
    note: str = ""
    action: str = ""
    author: str = ""
    document: str = ""
    timestamp: str = ""
    questions: FourQuestions | None = None
