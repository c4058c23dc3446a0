"""Writers of what `careen attest` and `careen verify-evidence` print with `--json`.

Their schemas are docs/schema/attest-1.schema.json and docs/schema/evidence-1.schema.json.
"""

from typing import Any

from careen.model.attestations.checked import Agreement, EvidenceVerdict
from careen.model.attestations.signed import Attested
from careen.report.documents.document import to_json

ATTEST = "careen.attest"
EVIDENCE = "careen.evidence"
VERSION = 1


def attested_json(done: Attested) -> bytes:
    """Return the document about written bundles."""
    return to_json(
        {
            "format": ATTEST,
            "version": VERSION,
            "subject": {"name": done.subject.name, "digest": done.subject.digest},
            "bundles": done.bundles,
            "attached": done.attached,
        }
    )


def evidence_json(found: EvidenceVerdict) -> bytes:
    """Return the document about checked attestations."""
    return to_json(
        {
            "format": EVIDENCE,
            "version": VERSION,
            "passed": found.passed,
            "digest": found.digest,
            "attestations": [
                {"name": each.name, "type": each.predicate_type, "problem": each.problem}
                for each in found.checked
            ],
            "image": None if found.agreement is None else _agreement(found.agreement),
            "problems": found.problems,
        }
    )


def _agreement(found: Agreement) -> dict[str, Any]:
    return {
        "components": found.components,
        "files_same": found.same,
        "files_rewritten": found.rewritten,
        "files_absent": found.absent,
    }
