"""Fields of a record that anybody may have written: each with its type checked, and the path of
what is wrong in the message.
"""

from collections.abc import Iterator, Mapping
from typing import Any

_SHOWN = 60


class WrongField(ValueError):  # noqa: N818 — says what it is
    """A field has the wrong type; the message has its path, what was expected, and what was
    found.
    """


def wrong(where: str, expected: str, found: object) -> WrongField:
    """Return the error for a field that is not what it should be."""
    shown = repr(found)
    return WrongField(
        f"{where}: expected {expected}, got"
        f" {shown if len(shown) <= _SHOWN else shown[:_SHOWN] + '…'}"
    )


def mapping(value: object, where: str) -> Mapping[str, Any]:
    """Return an object; None is an empty one."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise wrong(where, "an object", value)
    return value


def text(value: object, where: str) -> str:
    """Return a string; None is ""."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise wrong(where, "a string", value)
    return value


def shortened(value: str, limit: int) -> str:
    """Return at most `limit` characters; "…" at the end says that there was more."""
    return value if len(value) <= limit else f"{value[: limit - 1].rstrip()}…"


def items(value: object, where: str) -> list[Any]:
    """Return a list; None is an empty one."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise wrong(where, "a list", value)
    return value


def texts(value: object, where: str) -> tuple[str, ...]:
    """Return a list of strings; None is an empty one."""
    out = items(value, where)
    for number, item in enumerate(out):
        if not isinstance(item, str):
            raise wrong(f"{where}[{number}]", "a string", item)
    return tuple(out)


def mappings(value: object, where: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each object of a list with its path; None is an empty one."""
    for number, item in enumerate(items(value, where)):
        path = f"{where}[{number}]"
        if not isinstance(item, dict):
            raise wrong(path, "an object", item)
        yield path, item
