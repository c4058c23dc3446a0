"""The data files of the policies: system calls, their variants, and capabilities."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class CapabilityRule:
    """A capability, the system calls that show the need of it, and what they do with it."""

    name: str
    calls: frozenset[str]
    reason: str


@dataclass(frozen=True, slots=True)
class CacheRule:
    """A cache of a package: the variable that places it, and its default below HOME.

    `executable`: code that was compiled at run time is mapped from it.
    """

    package: str
    variable: str
    place: str
    executable: bool


def table(name: str) -> dict[str, Any]:
    """Return a data file of the package by its name."""
    text = (resources.files("careen.policy") / "data" / name).read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def floor() -> dict[str, str]:
    """Return the calls that every profile allows, with the first reason of each."""
    reasons: dict[str, str] = {}
    for group in table("floor.toml")["group"]:
        for call in group["calls"]:
            reasons.setdefault(call, group["reason"])
    return reasons


@cache
def variants() -> tuple[frozenset[str], ...]:
    """Return the sets of calls that do the same."""
    return tuple(map(frozenset, table("variants.toml")["sets"]))


@cache
def capability_rules() -> tuple[CapabilityRule, ...]:
    """Return the capabilities that system calls show the need of."""
    return tuple(
        CapabilityRule(item["name"], frozenset(item["calls"]), item["reason"])
        for item in table("capabilities.toml")["capability"]
    )


@cache
def cache_rules() -> tuple[CacheRule, ...]:
    """Return the caches of known packages."""
    return tuple(
        CacheRule(item["package"], item["variable"], item["place"], item.get("executable", False))
        for item in table("caches.toml")["cache"]
    )
