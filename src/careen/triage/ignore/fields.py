"""Typed access to the members of an entry in YAML or JSON; errors name the entry's place."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from careen.triage.ignore.rule import MAX_REASON, UNEXPLAINED, day, refuse


def check_names(value: Mapping[str, Any], known: Collection[str], where: str) -> None:
    """Raise ConfigError for a member that the shape does not have: it might limit the entry."""
    other = next((name for name in value if name not in known), None)
    if other is not None:
        raise refuse(where, f"unknown member {other[:80]!r}; known are {', '.join(known)}")


def text_of(value: Mapping[str, Any], name: str, where: str) -> str:
    """Return a text member, "" if it is not there. Raises ConfigError for another type."""
    found = value.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise refuse(where, f"{name}: expected a text, got {str(found)[:80]!r}")
    return found.strip()


def texts_of(value: Mapping[str, Any], name: str, where: str) -> tuple[str, ...]:
    """Return a member that is a list of texts, () if it is not there. Raises ConfigError."""
    found = value.get(name)
    if found is None:
        return ()
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise refuse(where, f"{name}: expected a list of texts, got {str(found)[:80]!r}")
    return tuple(found)


def mapping_of(value: Mapping[str, Any], name: str, where: str) -> Mapping[str, Any]:
    """Return a member with named values, empty if it is not there. Raises ConfigError."""
    found = value.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict) or not all(isinstance(each, str) for each in found):
        raise refuse(where, f"{name}: expected named values, got {str(found)[:80]!r}")
    return found


def day_of(value: Mapping[str, Any], name: str, where: str) -> dt.date | None:
    """Return a member that is a day, None if it is not there. Raises ConfigError."""
    text = text_of(value, name, where)
    return day(text, name, where) if text else None


def reason_of(value: Mapping[str, Any], name: str, where: str) -> str:
    """Return a member that is a reason, in one line and cut to MAX_REASON characters."""
    return " ".join(text_of(value, name, where).split())[:MAX_REASON] or UNEXPLAINED
