"""JSON that careen did not write (package.json, lock files, SBOMs, VEX, reports).

Depth is limited, and types are not trusted. The caller limits the size: a parsed document takes ten
times its bytes, `[[],[],…` twenty times.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from careen.errors import CareenError

MAX_DEPTH = 200
"""Levels; real documents have trees of a dozen components, and each component takes two levels."""

_SHOWN = 200


def parse(data: bytes, where: str, error: type[CareenError]) -> Any:
    """Parse one JSON document in UTF-8, with or without a byte order mark.

    The last value of a repeated key holds. Raises `error` that names `where`.
    """
    try:
        document = json.loads(data.decode("utf-8-sig"), parse_constant=_refuse_constant)
        deep = _is_deep(document)
    except RecursionError:
        deep = True
    except ValueError as problem:
        # A wrong byte, a wrong token, or an integer of a million digits.
        msg = f"{where}: not valid JSON: {str(problem)[:_SHOWN]}"
        raise error(msg) from problem
    if deep:
        msg = f"{where}: JSON nested deeper than {MAX_DEPTH} levels"
        raise error(msg)
    return document


def parse_object(data: bytes, where: str, error: type[CareenError]) -> Mapping[str, Any]:
    """Parse one JSON object (see `parse`)."""
    document = parse(data, where, error)
    if not isinstance(document, dict):
        msg = f"{where}: expected a JSON object, got {type(document).__name__!r}"
        raise error(msg)
    return document


def _refuse_constant(word: str) -> NoReturn:
    msg = f"{word} is not JSON"
    raise ValueError(msg)


def _is_deep(document: object) -> bool:
    level = [document]
    for _ in range(MAX_DEPTH):
        holders = [item for item in level if isinstance(item, dict | list)]
        level = [
            child
            for item in holders
            for child in (item.values() if isinstance(item, dict) else item)
            if isinstance(child, dict | list) and child
        ]
        if not level:
            return False
    return True


def mapping(value: object) -> Mapping[str, Any]:
    """Return `value` if it is a JSON object, else an empty mapping."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    """Return `value` if it is a JSON array, else an empty list."""
    return value if isinstance(value, list) else []


def objects(value: object) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of `value` if it is a JSON array."""
    return (item for item in items(value) if isinstance(item, dict))


def text(value: object) -> str:
    """Return `value` if it is a JSON string, else ""; may hold lone surrogates (see `clean`)."""
    return value if isinstance(value, str) else ""


def clean(value: str) -> str:
    """Replace lone surrogates, which JSON can state and no encoding can write."""
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
