"""Writer of `adequacy.json` (docs/schema/adequacy-1.schema.json).

Unknown values are null, never 0.
"""

from dataclasses import fields, replace

from careen.model.adequacy import Adequacy
from careen.report.documents.document import masked_json

FORMAT = "careen-adequacy"
VERSION = 1
_DIGITS = 6


def adequacy_json(adequacy: Adequacy) -> bytes:
    """Return the document's bytes. Shares are between 0 and 1, rounded to six digits."""
    parts = tuple(replace(part, share=_rounded(part.share)) for part in adequacy.parts)
    rounded = replace(
        adequacy, score=_rounded(adequacy.score), unseen=_rounded(adequacy.unseen), parts=parts
    )
    return masked_json(
        {
            "format": FORMAT,
            "version": VERSION,
            **{field.name: getattr(rounded, field.name) for field in fields(rounded)},
        }
    )


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, _DIGITS)
