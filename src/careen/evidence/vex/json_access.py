"""JSON documents of others, read with limits: VEX and reports come from vendors, attestations and
users' disks, and any of them may be hostile.
"""

from typing import Any

from careen.errors import InputError
from careen.formats import json_document
from careen.formats.json_document import clean, items

MIB = 1024 * 1024
MAX_DOCUMENT = 128 * MIB
"""Bytes of one document. The largest that vendors publish (one CVE of a whole distribution) have
about 40 MiB; a parsed one takes ten times its bytes.
"""

MAX_TEXT = 4096
"""Characters kept of one note; longer ones are cut, so that a document cannot fill a report."""

MAX_PROBLEMS = 50
"""Problems that are told one by one; the rest is counted."""

_SHOWN = 80


def parse(data: bytes, where: str) -> Any:
    """Parse one JSON document (UTF-8, a byte order mark is allowed). Raises InputError for what is
    too large, too deep or no JSON.
    """
    if len(data) > MAX_DOCUMENT:
        msg = (
            f"{where}: {len(data)} bytes are more than the {MAX_DOCUMENT} that are read of such a"
            " document"
        )
        raise InputError(msg)
    return json_document.parse(data, where, InputError)


def shown(value: object) -> str:
    """Return a value for a message, cut to a line's length."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def text(value: object) -> str:
    """Return a string as it is, cut to MAX_TEXT, and "" for anything else."""
    return clean(value[:MAX_TEXT]) if isinstance(value, str) else ""


def texts(value: object) -> tuple[str, ...]:
    """Return the non-empty strings of an array, each once, in order."""
    return tuple(dict.fromkeys(read for read in (text(item) for item in items(value)) if read))


class Problems:
    """What of a document could not be used: the first MAX_PROBLEMS in words, the rest as a
    number.
    """

    def __init__(self) -> None:
        self._told: list[str] = []
        self._more = 0

    def add(self, place: str, what: str) -> None:
        """Note one problem with its place in the document."""
        if len(self._told) < MAX_PROBLEMS:
            self._told.append(f"{place}: {what}")
        else:
            self._more += 1

    def all(self) -> tuple[str, ...]:
        """Return every problem told, and the number of the others."""
        return (*self._told, f"and {self._more} more") if self._more else tuple(self._told)
