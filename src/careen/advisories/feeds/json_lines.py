"""Bounded readers of JSON lines and whole JSON documents."""

import json
from collections.abc import Iterator

from careen.advisories.feeds.port import LONGEST_RECORD, Document
from careen.errors import InputError


def json_lines(document: Document) -> Iterator[tuple[str, object]]:
    """Yield each line's value with its place. Raises InputError.

    A line that is not JSON, or too long, ends the document: the rest may be truncated.
    """
    number = 0
    while line := document.stream.readline(LONGEST_RECORD + 1):
        number += 1
        where = f"{document.name}:{number}"
        if len(line) > LONGEST_RECORD:
            msg = f"{where}: a line of more than {LONGEST_RECORD} bytes"
            raise InputError(msg)
        if not line.strip():
            continue
        try:
            yield where, json.loads(line)
        except (ValueError, RecursionError) as error:
            msg = f"{where}: not JSON ({error}): cut off, or served half?"
            raise InputError(msg) from error


def whole_json(document: Document) -> object:
    """Return the whole document's value. Raises InputError (too large, not JSON)."""
    if document.head.complete and document.head.value is not None:
        return document.head.value
    data = document.stream.read(LONGEST_RECORD + 1)
    if len(data) > LONGEST_RECORD:
        msg = (
            f"{document.name}: larger than the {LONGEST_RECORD} bytes that are read of such a"
            " document"
        )
        raise InputError(msg)
    try:
        value: object = json.loads(data)
    except (ValueError, RecursionError) as error:
        msg = f"{document.name}: not JSON ({error}): cut off, or served half?"
        raise InputError(msg) from error
    return value
