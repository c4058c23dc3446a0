"""Writer of `comply.json` (docs/schema/comply-1.schema.json)."""

from careen.model.compliance.assessment import Compliance
from careen.report.documents.document import masked_json

FILE = "comply.json"
FORMAT = "careen-comply"
VERSION = 1


def comply_json(compliance: Compliance) -> bytes:
    """Return the document's bytes."""
    return masked_json(
        {"format": FORMAT, "version": VERSION, "assessments": compliance.assessments}
    )
