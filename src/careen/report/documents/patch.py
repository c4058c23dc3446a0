"""Writer of `patch.json` (docs/schema/patch-1.schema.json)."""

from dataclasses import fields

from careen.model.patching import PatchResult
from careen.report.documents.document import masked_json

FORMAT = "careen-patch"
VERSION = 1


def patch_json(result: PatchResult) -> bytes:
    """Return the document's bytes: the fields of the value, and the format."""
    return masked_json(
        {
            "format": FORMAT,
            "version": VERSION,
            **{field.name: getattr(result, field.name) for field in fields(result)},
        }
    )
