"""Writer of CSV that a spreadsheet shows as text: no cell is read as a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

from careen.formats.json_document import clean

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
_CONTROLS = dict.fromkeys((*range(32), *range(0x7F, 0xA0), 0x2028, 0x2029), " ")
MAX_CELL = 32_000  # characters; spreadsheets cut or refuse longer cells


def csv_bytes(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a table as RFC 4180 in UTF-8.

    A cell that a spreadsheet would take for a formula begins with an apostrophe. Control characters
    and line ends become spaces.
    """
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    writer.writerows([cell(text) for text in row] for row in rows)
    return out.getvalue().encode()


def cell(text: str) -> str:
    """Return a text as one cell."""
    plain = clean(text)[:MAX_CELL]
    safe = plain.translate(_CONTROLS)
    return f"'{safe}" if is_formula(plain) else safe


def is_formula(text: str) -> bool:
    """Return whether a spreadsheet could take a cell for a formula."""
    return text.lstrip(" ").startswith(_FORMULA)
