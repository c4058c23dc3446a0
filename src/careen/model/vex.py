"""VEX: what someone states about a vulnerability in a product. The terms are OpenVEX's
(github.com/openvex/spec); CSAF's and CycloneDX's map onto them.
"""

import enum
from dataclasses import dataclass


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
    """What a statement is about: a purl (or another identifier of the document), and the components
    in it that it is limited to (empty: all of it).

    `versions` is a vers range (`vers:pypi/<2.6.0`) where the document states one, else "".
    """

    id: str
    subcomponents: tuple[str, ...] = ()
    versions: str = ""


@dataclass(frozen=True, slots=True)
class VexStatement:
    """One statement. `vulnerability` and `aliases` are identifiers; `justification` only with
    NOT_AFFECTED, None where none is given; `note` is the impact statement or observation, `action`
    what to do; `author`, `document` (its id) and `timestamp` (RFC 3339) say whose word it is.
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
