"""Builds that were validated under FIPS 140, recognised by name and version."""

import re

_NAME = re.compile(r"(?:^|-)fips(?:-|$)|-fips[0-9]*$|^fips")
_VERSION = re.compile(r"fips", re.IGNORECASE)


def has_fips_version(version: str) -> bool:
    """Return whether a version marks a FIPS build (Ubuntu Pro's `3.0.2-0ubuntu1.18+Fips1`)."""
    return _VERSION.search(version) is not None


def is_fips(name: str, version: str) -> bool:
    """Return whether a package is a FIPS build by its name or version.

    Such names are `openssl-fips-module-3` and `linux-fips`.
    """
    return _NAME.search(name) is not None or has_fips_version(version)


def loses_fips(installed: str, target: str) -> bool:
    """Return whether an upgrade would replace a FIPS build by another one.

    Only versions count: a package that its name marks stays what it is.
    """
    return has_fips_version(installed) and not has_fips_version(target)
