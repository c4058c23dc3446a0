"""JSON that tools write for themselves and an image may have changed: package.json, lock files, SBOMs."""

import json
from collections.abc import Mapping
from typing import Any

from careen.errors import ImageError


def read_object(data: bytes, where: str) -> Mapping[str, Any]:
    """Parse one JSON object as its own tools do: a byte order mark is passed over, of a key that occurs twice the last value holds. Raises ImageError."""
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except RecursionError:
        msg = f"{where}: JSON nested too deep"
        raise ImageError(msg) from None
    except ValueError as error:  # a wrong byte, a wrong token, an integer of a million digits
        msg = f"{where}: not valid JSON: {str(error)[:200]}"
        raise ImageError(msg) from error
    if not isinstance(document, dict):
        msg = f"{where}: expected a JSON object, got {type(document).__name__!r}"
        raise ImageError(msg)
    return document


def mapping(value: object) -> Mapping[str, Any]:
    """Return `value` if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    """Return `value` if it is a JSON array, else an empty one."""
    return value if isinstance(value, list) else []


def text(value: object) -> str:
    """Return `value` if it is a JSON string, else ""."""
    return value if isinstance(value, str) else ""
