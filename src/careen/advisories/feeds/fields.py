"""Type-checked access to the fields of an untrusted record; errors name the field's path."""

from collections.abc import Iterator, Mapping
from typing import Any

_SHOWN = 60


class WrongField(ValueError):  # noqa: N818 — the name describes the state
    """A field has the wrong type. The message has its path, what was expected and found."""


def wrong(where: str, expected: str, found: object) -> WrongField:
    """Return the error for a wrong field."""
    shown = repr(found)
    return WrongField(
        f"{where}: expected {expected}, got"
        f" {shown if len(shown) <= _SHOWN else shown[:_SHOWN] + '…'}"
    )


def mapping(value: object, where: str) -> Mapping[str, Any]:
    """Return an object; None counts as {}. Raises WrongField."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise wrong(where, "an object", value)
    return value


def text(value: object, where: str) -> str:
    """Return a string; None counts as "". Raises WrongField."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise wrong(where, "a string", value)
    return value


def shortened(value: str, limit: int) -> str:
    """Return at most `limit` characters; a cut text ends with `…`."""
    return value if len(value) <= limit else f"{value[: limit - 1].rstrip()}…"


def items(value: object, where: str) -> list[Any]:
    """Return a list; None counts as []. Raises WrongField."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise wrong(where, "a list", value)
    return value


def texts(value: object, where: str) -> tuple[str, ...]:
    """Return a list of strings; None counts as (). Raises WrongField."""
    out = items(value, where)
    for number, item in enumerate(out):
        if not isinstance(item, str):
            raise wrong(f"{where}[{number}]", "a string", item)
    return tuple(out)


def mappings(value: object, where: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each object of a list with its path; None counts as []. Raises WrongField."""
    for number, item in enumerate(items(value, where)):
        path = f"{where}[{number}]"
        if not isinstance(item, dict):
            raise wrong(path, "an object", item)
        yield path, item
