"""Ranges of versions in `vers:` notation (package-url/vers-spec): `vers:pypi/>=1.5|<2.0|2.5`."""

import re
import urllib.parse
from itertools import pairwise

from careen.formats.versions import UnreadableVersionError, scheme_of_packages
from careen.model.packages.package import Ecosystem

_RANGE = re.compile(r"vers:([a-z0-9.+-]+)/([!-~]+)", re.IGNORECASE)
_CONSTRAINT = re.compile(r"(|=|!=|<|<=|>|>=)([^<>=!*|][^<>=*|]*)")
_ORDERED = {one.value: scheme for one in Ecosystem if (scheme := scheme_of_packages(one))}

_UP_TO, _FROM = ("<", "<="), (">", ">=")


def in_range(stated: str, version: str) -> bool:
    """Return whether a version is in a range; an unreadable or contradictory range has none.

    Types of which careen knows no order are read as lists of exact versions.
    """
    read = _RANGE.fullmatch("".join(stated.split()))
    if read is None or read[1].lower() == "none":
        return False
    kind, text = read[1].lower(), read[2].strip("|")
    if text == "*":
        return True
    parts = [_CONSTRAINT.fullmatch(part) for part in text.split("|")]
    constraints = [
        (part[1] or "=", urllib.parse.unquote(part[2])) for part in parts if part is not None
    ]
    if len(constraints) != len(parts):
        return False
    if kind not in _ORDERED:
        named = {boundary for word, boundary in constraints if word == "="}
        return version in named and all(word == "=" for word, _ in constraints)
    try:
        return _holds(kind, constraints, version)
    except UnreadableVersionError:
        return False


def _holds(kind: str, constraints: list[tuple[str, str]], version: str) -> bool:
    scheme = _ORDERED[kind]
    constraints.sort(key=lambda each: scheme.key(each[1]))
    places = [(word, scheme.place(version, boundary)) for word, boundary in constraints]
    bounds = [each for each in constraints if each[0] not in ("=", "!=")]
    # In the order of versions, upper and lower bounds alternate; others contradict each other.
    for (word, low), (following, high) in pairwise(bounds):
        if (word in _UP_TO) == (following in _UP_TO) or not scheme.compare(low, high):
            return False
    at = {word for word, place in places if place == 0}
    if at:
        # An exclusion wins; `<` and `>` do not include their own version.
        return "!=" not in at and not at.isdisjoint({"=", "<=", ">="})
    around = [(word, place) for word, place in places if word not in ("=", "!=")]
    if not around:
        return [word for word, _ in places] == ["!="]
    above = next((word for word, place in around if place < 0), None)
    return around[-1][0] in _FROM if above is None else above in _UP_TO
