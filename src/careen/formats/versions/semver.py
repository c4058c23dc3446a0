"""Semantic versions (semver.org, 2.0.0) as npm, crates.io and Go use them.

Also accepts a leading `v`, any number of numbers (missing ones are 0) and leading zeros. Build
metadata (`+…`) does not affect the order: Go's `+incompatible` equals the version without it.
"""

import re

from careen.formats.versions.scheme import VersionScheme

_VERSION = re.compile(r"v?([0-9]+(?:\.[0-9]+)*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")
_GO_RELEASE = re.compile(r"(?:go)?([0-9]+(?:\.[0-9]+)*)(?:(alpha|beta|rc)([0-9]+))?")

_Identifier = tuple[int, int, str]
_Key = tuple[tuple[int, ...], int, tuple[_Identifier, ...]]


def parse(version: str) -> _Key:
    """Return a value that sorts by precedence."""
    read = _VERSION.fullmatch(version)
    if read is None:
        message = f"not a semantic version: {version!r}"
        raise ValueError(message)
    return (
        _release(read[1]),
        int(read[2] is None),
        tuple(_identifier(part) for part in read[2].split(".")) if read[2] else (),
    )


def parse_go(version: str) -> _Key:
    """Return a value that sorts by precedence.

    Also reads Go's own releases: `go1.21rc2` is `1.21.0-rc.2`.
    """
    read = _GO_RELEASE.fullmatch(version)
    if read is None:
        return parse(version)
    word, number = read[2], read[3]
    return (
        _release(read[1]),
        int(word is None),
        (_identifier(word), _identifier(number)) if word else (),
    )


def _release(text: str) -> tuple[int, ...]:
    numbers = [int(number) for number in text.split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _identifier(text: str) -> _Identifier:
    if not text:
        message = "an identifier of the pre-release is empty"
        raise ValueError(message)
    return (0, int(text), "") if text.isdigit() else (1, 0, text)


NPM = VersionScheme("npm", parse)
CARGO = VersionScheme("crates.io", parse)
GO = VersionScheme("Go", parse_go)
BITNAMI = VersionScheme("Bitnami", parse)
