"""Application of VEX statements of vendors and users to findings."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from careen.model.findings.triage import Suppressed, Triaged
from careen.model.findings.vex import VexStatement, VexStatus
from careen.model.packages.package import Inventory
from careen.triage.applied import Applied
from careen.triage.packages import PackageIndex
from careen.triage.vex_match import VexIndex

_SETTLED = frozenset({VexStatus.NOT_AFFECTED, VexStatus.FIXED})


def apply_vex(
    items: Iterable[Triaged],
    statements: Iterable[VexStatement],
    inventory: Inventory,
    subject: Collection[str],
) -> Applied:
    """Suppress findings whose latest applying statement is `not_affected` or `fixed`.

    `affected` and `under_investigation` add a note. `triage.vex_match` decides which statement
    applies. `subject` holds the identifiers of the image (purls, digests, references).
    """
    # Statements that apply to nothing give no warning: a vendor describes all its products.
    index = VexIndex(statements)
    packages = PackageIndex(inventory)
    left: list[Triaged] = []
    suppressed: list[Suppressed] = []
    for item in items:
        statement = index.deciding(item.finding, packages.found(item.finding), subject)
        if statement is None:
            left.append(item)
        elif statement.status in _SETTLED:
            suppressed.append(Suppressed(item, _by(statement), _reason(statement)))
        else:
            *parts, verdict = item.reasons or ("",)
            note = f"{_by(statement)} says {_reason(statement)}"
            left.append(
                replace(item, reasons=tuple(part for part in (*parts, note, verdict) if part))
            )
    return Applied(tuple(left), tuple(suppressed))


def _by(statement: VexStatement) -> str:
    return statement.document or statement.author or "an unnamed VEX document"


def _reason(statement: VexStatement) -> str:
    word = statement.status.value.replace("_", " ")
    why = (
        statement.justification.value.replace("_", " ")
        if statement.justification is not None
        else ""
    )
    details = "; ".join(text for text in (why, statement.note, statement.action) if text)
    return f"{word}: {details}" if details else f"{word}, without a justification"
