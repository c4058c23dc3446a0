"""JSON documents of others, read with limits: VEX and reports come from vendors, attestations and users' disks, and any of them may be hostile."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from careen.errors import InputError

MIB = 1024 * 1024
MAX_DOCUMENT = 128 * MIB
"""Bytes of one document. The largest that vendors publish (one CVE of a whole distribution) have about 40 MiB; a parsed one takes ten times its bytes."""

MAX_DEPTH = 200
"""Nesting: product trees and component trees are a dozen levels deep in real documents."""

MAX_TEXT = 4096
"""Characters kept of one note; longer ones are cut, so that a document cannot fill a report."""

MAX_PROBLEMS = 50
"""Problems that are told one by one; the rest is counted."""

_SHOWN = 80


def _refuse_constant(text: str) -> NoReturn:
    msg = f"{text} is not JSON"
    raise ValueError(msg)


def parse(data: bytes, where: str) -> Any:
    """Parse one JSON document (UTF-8, a byte order mark is allowed). Raises InputError for what is too large, too deep or no JSON."""
    if len(data) > MAX_DOCUMENT:
        msg = f"{where}: {len(data)} bytes are more than the {MAX_DOCUMENT} that are read of such a document"
        raise InputError(msg)
    try:
        document = json.loads(data.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except RecursionError:
        msg = f"{where}: JSON nested too deeply"
        raise InputError(msg) from None
    except ValueError as error:
        msg = f"{where}: not valid JSON: {error}"
        raise InputError(msg) from error
    _check_depth(document, where)
    return document


def _check_depth(document: Any, where: str) -> None:
    level: list[Any] = [document]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for item in level
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
            if isinstance(child, dict | list)
        ]
        if not level:
            return
    msg = f"{where}: JSON nested deeper than {MAX_DEPTH} levels"
    raise InputError(msg)


def shown(value: object) -> str:
    """Return a value for a message, cut to a line's length."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def text(value: object) -> str:
    """Return a string as it is, cut to MAX_TEXT, and "" for anything else."""
    return clean(value[:MAX_TEXT]) if isinstance(value, str) else ""


def clean(value: str) -> str:
    """Replace lone surrogates: JSON can state them, and no encoding can write them."""
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


def members(value: object) -> Mapping[str, Any]:
    """Return an object's members, none for what is no object."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    """Return an array's items, none for what is no array."""
    return value if isinstance(value, list) else []


def objects(value: object) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of an array."""
    return (item for item in items(value) if isinstance(item, dict))


def texts(value: object) -> tuple[str, ...]:
    """Return the non-empty strings of an array, each once, in order."""
    return tuple(dict.fromkeys(read for read in (text(item) for item in items(value)) if read))


class Problems:
    """What of a document could not be used: the first MAX_PROBLEMS in words, the rest as a number."""

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
