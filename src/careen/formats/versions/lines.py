"""Parts that versions share: release numbers, major versions, pre-releases, build variants.

The rules follow each ecosystem. Distributions have none of these: maintainers keep a release
compatible, whatever the upstream number.
"""

import re

from careen.model.packages.package import Ecosystem

DISTRIBUTIONS = frozenset({Ecosystem.DEB, Ecosystem.APK, Ecosystem.RPM})
_CARET = frozenset({Ecosystem.NPM, Ecosystem.CARGO})
_PYTHON = frozenset({Ecosystem.PYPI, Ecosystem.CONDA})
# certifi 2024.7.4, or 20240704: a date, which does not express compatibility.
FIRST_YEAR = 1900
_MOST_NUMBERS = 16
_NUMBERS = re.compile(r"\s*v?(?:([0-9]{1,18})!)?([0-9]{1,18}(?:\.[0-9]{1,18})*)", re.IGNORECASE)
_MAVEN_WORD = re.compile(r"[a-z]+|[0-9]+")
_MAVEN_BEFORE = frozenset(
    {"alpha", "beta", "milestone", "rc", "cr", "snapshot", "pre", "preview", "ea", "dev"}
)
_MAVEN_SHORT = frozenset({"a", "b", "m"})  # only if a number follows directly
_MAVEN_VARIANT = re.compile(
    r"[.-]((?:jre|jdk|java|android|hadoop|scala)[0-9a-z]*)\Z", re.IGNORECASE
)

Numbers = tuple[int, ...]


def numbers(version: str) -> Numbers | None:
    """Return epoch (default 0) and release numbers, or None without a leading number."""
    read = _NUMBERS.match(version)
    if read is None:
        return None
    return (int(read[1] or 0), *(int(part) for part in read[2].split(".")[:_MOST_NUMBERS]))


def line(version: str) -> Numbers | None:
    """Return a version's line: epoch, X and Y."""
    found = numbers(version)
    return None if found is None else (*found, 0)[:3]


def is_major(ecosystem: Ecosystem, installed: str, target: str) -> bool:
    """Return whether `target` has another major version than `installed`.

    That is another epoch or first number, unless both are dates. In npm and Cargo below 1.0, it is
    the leftmost number that is not 0 (caret rule). A version without numbers counts as
    another. Always False for distributions.
    """
    if ecosystem in DISTRIBUTIONS:
        return False
    before, after = numbers(installed), numbers(target)
    if before is None or after is None:
        return True
    return _major(ecosystem, before) != _major(ecosystem, after)


def _major(ecosystem: Ecosystem, found: Numbers) -> Numbers:
    epoch, first, *rest = found
    if first >= FIRST_YEAR:
        return (epoch, FIRST_YEAR)
    if first or ecosystem not in _CARET:
        return (epoch, first)
    second, third = (*rest, 0, 0)[:2]
    return (epoch, 0, second) if second else (epoch, 0, 0, third)


def is_pre_release(ecosystem: Ecosystem, version: str) -> bool:
    """Return whether a version is a pre-release; False for distributions."""
    if ecosystem in _PYTHON:
        from packaging.version import InvalidVersion, Version

        try:
            return Version(version).is_prerelease
        except InvalidVersion:
            return False
    if ecosystem is Ecosystem.MAVEN:
        words = _MAVEN_WORD.findall(version.lower())
        return any(
            word in _MAVEN_BEFORE or (word in _MAVEN_SHORT and after.isdecimal())
            for word, after in zip(words, [*words[1:], ""], strict=True)
        )
    return ecosystem not in DISTRIBUTIONS and "-" in version.partition("+")[0]


def variant(ecosystem: Ecosystem, version: str) -> str:
    """Return the build variant of a version, or "" without one.

    PyPI's local label (`cu124`), Maven's `jre` and `android`.
    """
    if ecosystem in _PYTHON:
        return version.partition("+")[2].lower().replace("-", ".").replace("_", ".")
    if ecosystem is Ecosystem.MAVEN:
        read = _MAVEN_VARIANT.search(version)
        return read[1].lower() if read else ""
    return ""


def shared_leading_numbers(a: Numbers, b: Numbers) -> int:
    """Return how many leading numbers two versions share; missing ones are 0."""
    length = max(len(a), len(b))
    padded = zip((*a, *(0,) * (length - len(a))), (*b, *(0,) * (length - len(b))), strict=True)
    return next((i for i, (x, y) in enumerate(padded) if x != y), length)
