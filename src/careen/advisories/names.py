"""One spelling for the name of a package in each family of ecosystems, so that what a record says
and what is installed compare as equal text.
"""

import re

_PYPI_RUNS = re.compile(r"[-_.]+")


def family_of(ecosystem: str) -> str:
    """Return the family of an OSV ecosystem: the part before its release (`Debian` of `Debian:12`,
    `Ubuntu` of `Ubuntu:Pro:18.04:LTS`).
    """
    return ecosystem.partition(":")[0]


def canonical(family: str, name: str) -> str:
    """Return the one spelling of `name` in `family`.

    PyPI folds case and runs of `-`, `_` and `.` (the name normalisation of the Python packaging
    specifications). Maven writes `group:artifact`; a purl's `group/artifact` is the same. Bitnami's
    are lower case. Everything else (npm, Go, crates.io, the distributions) tells case and
    punctuation apart, and so do we: two crates may differ in `-` and `_`, and an old npm name in
    its case.
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
