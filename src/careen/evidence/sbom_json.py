"""The JSON of other people's documents, read with limits, and its members taken without trust in their types."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

from careen.errors import InputError

MAX_BYTES = 256 << 20  # of one document; syft's own format has 22 MB for an image of 2.4 GB
MAX_VALUES = 12_000_000  # JSON values in it: `[[],[],…` makes twenty bytes of memory of each byte of the file
MAX_DEPTH = 200  # levels; a component within a component takes two

_NOTHING: Mapping[str, Any] = {}


def read_bytes(source: bytes | Path, where: str) -> bytes:
    """Return the document's bytes, at most `MAX_BYTES` of a file that may grow or be no file at all. Raises InputError."""
    if isinstance(source, bytes):
        data = source[: MAX_BYTES + 1]
    else:
        try:
            with source.open("rb") as stream:
                size = os.fstat(stream.fileno()).st_size
                data = b"" if size > MAX_BYTES else stream.read(MAX_BYTES + 1)
        except OSError as error:
            msg = f"{where}: cannot be read: {error.strerror}"
            raise InputError(msg) from error
        if size > MAX_BYTES:
            _too_large(where)
    if len(data) > MAX_BYTES:
        _too_large(where)
    return data


def _too_large(where: str) -> NoReturn:
    msg = f"{where}: more than the {MAX_BYTES >> 20} MiB that are read of such a document"
    raise InputError(msg)


def read_object(data: bytes, where: str) -> Mapping[str, Any]:
    """Parse one JSON object. Raises InputError for what is none, for more than `MAX_VALUES` values and for more than `MAX_DEPTH` levels.

    The values are counted from above, by the commas and brackets of the raw bytes, before any of them takes memory.
    """
    if sum(data.count(mark) for mark in (b",", b"{", b"[")) > MAX_VALUES:
        msg = f"{where}: more than {MAX_VALUES} JSON values"
        raise InputError(msg)
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except RecursionError:
        _too_deep(where)
    except ValueError as error:
        msg = f"{where}: not valid JSON: {error}"
        raise InputError(msg) from error
    if not isinstance(document, dict):
        msg = f"{where}: expected a JSON object, got {type(document).__name__}"
        raise InputError(msg)
    _check_depth(document, where)
    return document


def _too_deep(where: str) -> NoReturn:
    msg = f"{where}: JSON nested deeper than {MAX_DEPTH} levels"
    raise InputError(msg)


def _check_depth(document: Mapping[str, Any], where: str) -> None:
    level: list[Any] = [document]
    for _ in range(MAX_DEPTH):
        level = [child for item in level for child in (item.values() if isinstance(item, dict) else item) if isinstance(child, dict | list) and child]
        if not level:
            return
    _too_deep(where)


def text(document: Mapping[str, Any], *names: str) -> str:
    """Return the string at a path of members, "" for whatever else is there. Lone surrogates become replacement characters: they are no text."""
    value: Any = document
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    if not isinstance(value, str):
        return ""
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


def child(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the object under a member, an empty one for whatever else is there."""
    value = document.get(name)
    return value if isinstance(value, dict) else _NOTHING


def items(document: Mapping[str, Any], name: str) -> list[Any]:
    """Return the array under a member, an empty one for whatever else is there."""
    value = document.get(name)
    return value if isinstance(value, list) else []


def objects(document: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of the array under a member and pass over its other items."""
    return (item for item in items(document, name) if isinstance(item, dict))
