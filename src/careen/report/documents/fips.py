"""Writer of `fips.json` (docs/schema/fips-1.schema.json)."""

from dataclasses import fields

from careen.model.cryptography.fips import FipsReport
from careen.report.documents.document import masked_json

FILE = "fips.json"
FORMAT = "careen-fips"
VERSION = 1


def fips_json(report: FipsReport) -> bytes:
    """Return the document's bytes."""
    return masked_json(
        {
            "format": FORMAT,
            "version": VERSION,
            **{field.name: getattr(report, field.name) for field in fields(report)},
        }
    )
