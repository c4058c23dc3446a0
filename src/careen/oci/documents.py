"""JSON documents of an image, read with limits and checked for their types."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from careen.errors import ImageError
from careen.oci.limits import MAX_DEPTH, MAX_DOCUMENT

_SHOWN = 80


def _refuse_constant(text: str) -> NoReturn:
    msg = f"{text} is not JSON"
    raise ValueError(msg)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        msg = f"key {twice!r} occurs twice"
        raise ValueError(msg)
    return out


def _check_depth(document: Any, where: str) -> None:
    level: list[Any] = [document]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for item in level
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return
    msg = f"{where}: JSON nested deeper than {MAX_DEPTH} levels"
    raise ImageError(msg)


def read_json(data: bytes, where: str) -> Any:
    """Parse one JSON document (RFC 8259, UTF-8).

    Raises ImageError for invalid JSON, repeated keys, NaN, deep nesting and more than MAX_DOCUMENT.
    """
    if len(data) > MAX_DOCUMENT:
        msg = (
            f"{where}: {len(data)} bytes are more than the {MAX_DOCUMENT} that are read of such a"
            " document"
        )
        raise ImageError(msg)
    try:
        document = json.loads(
            data.decode("utf-8"), parse_constant=_refuse_constant, object_pairs_hook=_object
        )
    except RecursionError:
        msg = f"{where}: JSON nested deeper than {MAX_DEPTH} levels"
        raise ImageError(msg) from None
    except ValueError as error:
        msg = f"{where}: not valid JSON: {error}"
        raise ImageError(msg) from error
    _check_depth(document, where)
    return document


def dump_json(document: Any) -> bytes:
    """Return a document as compact JSON, keys in their order; equal documents give equal bytes."""
    return json.dumps(document, separators=(",", ":")).encode()


def _wrong(where: str, expected: str, value: object) -> NoReturn:
    text = repr(value)
    msg = (
        f"{where}: expected {expected}, got {text if len(text) <= _SHOWN else text[:_SHOWN] + '…'}"
    )
    raise ImageError(msg)


def as_object(value: Any, where: str) -> Mapping[str, Any]:
    """Return `value` if it is a JSON object; raise ImageError otherwise."""
    if not isinstance(value, dict):
        _wrong(where, "an object", value)
    return value


def as_list(value: Any, where: str) -> list[Any]:
    """Return `value` if it is a JSON array, [] for null; raise ImageError otherwise."""
    # Go writes a nil slice as null.
    if value is None:
        return []
    if not isinstance(value, list):
        _wrong(where, "an array", value)
    return value


def as_text(value: Any, where: str) -> str:
    """Return `value` if it is a string; raise ImageError otherwise."""
    if not isinstance(value, str):
        _wrong(where, "a string", value)
    return value


def as_size(value: Any, where: str) -> int:
    """Return `value` if it is an integer from 0 to 2^63-1; raise ImageError otherwise."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 63:
        _wrong(where, "a size in bytes", value)
    return value


def as_texts(value: Any, where: str) -> Mapping[str, str]:
    """Return `value` if it is an object of strings, {} for null; raise ImageError otherwise."""
    if value is None:
        return {}
    return {
        key: as_text(item, f"{where}[{key!r}]") for key, item in as_object(value, where).items()
    }
