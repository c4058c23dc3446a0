"""Bounded reading of untrusted JSON documents: VEX and scan reports."""

from typing import Any

from careen.errors import InputError
from careen.formats import json_document
from careen.formats.json_document import clean, items

MIB = 1024 * 1024
MAX_DOCUMENT = 128 * MIB
"""Limit of bytes per document. A parsed document takes ten times its bytes.

The largest published ones (one CVE of a whole distribution) have about 40 MiB.
"""

MAX_TEXT = 4096
"""Characters kept of one note; longer ones are cut, so that none fills a report."""

MAX_PROBLEMS = 50
"""Number of problems listed individually; the others are counted."""


def parse(data: bytes, where: str) -> Any:
    """Parse one JSON document (UTF-8, optionally with a byte order mark).

    Raises InputError if it is too large, too deeply nested or invalid.
    """
    return json_document.parse(data, where, InputError, limit=MAX_DOCUMENT)


def text(value: object) -> str:
    """Return a string cut to MAX_TEXT, and "" for anything else."""
    return clean(value[:MAX_TEXT]) if isinstance(value, str) else ""


def texts(value: object) -> tuple[str, ...]:
    """Return the distinct non-empty strings of an array, in order."""
    return tuple(dict.fromkeys(read for read in (text(item) for item in items(value)) if read))


class Problems:
    """Problems of a document: the first MAX_PROBLEMS as text, the others counted."""

    def __init__(self) -> None:
        self._told: list[str] = []
        self._more = 0

    def add(self, place: str, what: str) -> None:
        """Add one problem with its place in the document."""
        if len(self._told) < MAX_PROBLEMS:
            self._told.append(f"{place}: {what}")
        else:
            self._more += 1

    def all(self) -> tuple[str, ...]:
        """Return the listed problems, and the number of the others."""
        return (*self._told, f"and {self._more} more") if self._more else tuple(self._told)
