"""Comparison of two image configs, field by field."""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from careen.model.image import ImageConfig

OWN = frozenset({"created", "history", "rootfs.diff_ids"})  # fields of its own in a new image
_DEEPEST = 8
_SHOWN = 100
_MISSING = object()


def config_differences(original: ImageConfig, result: ImageConfig) -> tuple[str, ...]:
    """Return one line per differing field, including unknown ones.

    `created`, `history` and `rootfs.diff_ids` are ignored.
    """
    return differing_fields(original.document, result.document, ignored=OWN)


def differing_fields(
    before: Mapping[str, Any], after: Mapping[str, Any], ignored: Collection[str] = ()
) -> tuple[str, ...]:
    """Return `config.Env: "A" -> "B"` for each differing field.

    Objects are compared by field, arrays as a whole. Values are cut to 100 characters.
    """
    return tuple(_fields(before, after, "", ignored))


def _fields(
    before: Mapping[str, Any], after: Mapping[str, Any], where: str, ignored: Collection[str]
) -> Iterator[str]:
    for key in sorted(before.keys() | after.keys()):
        path = f"{where}.{key}" if where else key
        if path in ignored:
            continue
        old, new = before.get(key, _MISSING), after.get(key, _MISSING)
        if isinstance(old, Mapping) and isinstance(new, Mapping) and path.count(".") < _DEEPEST:
            yield from _fields(old, new, path, ignored)
        elif not _equal(old, new):
            yield f"{path}: {_shown(old)} -> {_shown(new)}"


def _equal(old: object, new: object) -> bool:
    """Return whether two values are equal as JSON; `true` is not 1."""
    if old is _MISSING or new is _MISSING:
        return False
    try:
        return _text(old) == _text(new)
    except RecursionError:  # too deep to compare
        return False


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _shown(value: object) -> str:
    if value is _MISSING:
        return "not set"
    try:
        text = _text(value)
    except RecursionError:
        return "nested too deep"
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
