r"""JSON form of any result value, for `--json` and the documents of the report.

Names that are not UTF-8 become lone surrogate escapes (`\udce9`), as in PEP 383.
"""

import dataclasses
import datetime as dt
import enum
import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import PurePath
from typing import Any

from careen.model.findings.advisory import Severity
from careen.model.runs.masking import masked

_EXACT = frozenset({"path", "paths", "purl", "cause", "executable", "reference", "promoted"})
"""Fields that identify a thing and must not be masked."""


def to_json(value: object) -> bytes:
    """Return a frozen dataclass or named tuple, or a tuple of them, as indented JSON.

    Members have the fields' names; those with the metadata `printed` False are left out. Enums
    appear by value, severities by word, and sets are sorted.
    """
    return (json.dumps(_plain(value), indent=2, ensure_ascii=True, allow_nan=False) + "\n").encode()


def masked_json(value: object) -> bytes:
    """Return the result of `to_json` with `***` for likely secrets (`model.masking`)."""
    return to_json(_masked(_plain(value)))


def _masked(value: Any) -> Any:
    """Mask the strings of a plain value, except in members of `_EXACT`."""
    match value:
        case str():
            return masked(value)
        case list():
            return [_masked(item) for item in value]
        case dict():
            return {key: item if key in _EXACT else _masked(item) for key, item in value.items()}
        case _:
            return value


def _plain(value: object) -> Any:
    match value:
        case Severity():
            return value.word
        case enum.Enum():
            return value.value
        case None | bool() | int() | float() | str():
            return value
        case PurePath():
            return str(value)
        case dt.date():
            return value.isoformat()
        case Mapping():
            return {str(_plain(key)): _plain(item) for key, item in value.items()}
        case AbstractSet():
            return sorted((_plain(item) for item in value), key=str)
        case tuple() if (names := getattr(value, "_fields", None)) is not None:
            return {name: _plain(item) for name, item in zip(names, value, strict=True)}
        case tuple() | list():
            return [_plain(item) for item in value]
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {
                field.name: _plain(getattr(value, field.name))
                for field in dataclasses.fields(value)
                if field.metadata.get("printed", True)
            }
        case _:
            msg = f"not a value that can be shown as JSON: {type(value).__name__}"
            raise TypeError(msg)
