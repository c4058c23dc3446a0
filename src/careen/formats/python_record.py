"""RECORD, the file list of an installed distribution (PyPA, "Recording installed projects")."""

import csv
import io
from dataclasses import dataclass

from careen.errors import ImageError

MAX_RECORD = 64 << 20
MAX_ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One row as stored; `path` is absolute or relative to the parent of the dist-info directory.

    `hash` is `sha256=<base64url>` or ""; `size` in decimal or "".
    """

    path: str
    hash: str = ""
    size: str = ""


def read_record(data: bytes, where: str) -> tuple[RecordRow, ...]:
    """Parse RECORD; blank lines are ignored, missing columns are empty.

    Raises ImageError that names `where` and the line.
    """
    text = data.decode("utf-8", "surrogateescape")
    reader = csv.reader(io.StringIO(text, newline=""))
    rows: list[RecordRow] = []
    try:
        for fields in reader:
            if not fields or not fields[0]:
                continue
            if len(rows) >= MAX_ROWS:
                msg = f"{where}: more than {MAX_ROWS} rows"
                raise ImageError(msg)
            path, digest, size = (*fields[:3], "", "")[:3]
            rows.append(RecordRow(path, digest, size))
    except csv.Error as error:
        msg = f"{where}: line {reader.line_num}: not CSV: {error}"
        raise ImageError(msg) from error
    return tuple(rows)
