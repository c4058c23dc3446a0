r"""JSON as careen writes it: sorted by nothing but the documents' own order, two spaces, ASCII, a newline at the end.

Names that are not UTF-8 come out as lone surrogate escapes (`\udce9`), which every JSON reader takes and PEP 383 gives back.
"""

import json
from collections.abc import Mapping
from typing import Any


def to_json(document: Mapping[str, Any]) -> bytes:
    """Return the document's bytes: the same document, the same bytes."""
    return json.dumps(document, indent=2, ensure_ascii=True, allow_nan=False).encode() + b"\n"
