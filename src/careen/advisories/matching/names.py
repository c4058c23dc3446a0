"""Canonical spelling of package names per ecosystem family."""

import re

_PYPI_RUNS = re.compile(r"[-_.]+")


def family_of(ecosystem: str) -> str:
    """Return the part of an OSV ecosystem before the release: `Debian` of `Debian:12`."""
    return ecosystem.partition(":")[0]


def canonical(family: str, name: str) -> str:
    """Return the canonical spelling of `name` in `family`.

    PyPI folds case and runs of `-`, `_` and `.` (name normalisation of the Python packaging
    specifications). Maven's `group:artifact` equals a purl's `group/artifact`. Bitnami's names are
    lower case. All others distinguish case and punctuation: crates may differ only in `-` and `_`,
    old npm names only in case.
    """
    match family:
        case "PyPI":
            return _PYPI_RUNS.sub("-", name).lower()
        case "Maven":
            return name if ":" in name else name.replace("/", ":", 1)
        case "Bitnami":
            return name.lower()
        case _:
            return name
