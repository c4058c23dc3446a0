"""Builds that were validated under FIPS 140, as their names and versions say."""

import re

_NAME = re.compile(r"(?:^|-)fips(?:-|$)|-fips[0-9]*$|^fips")
_VERSION = re.compile(r"fips", re.IGNORECASE)


def has_fips_version(version: str) -> bool:
    """Say whether a version calls itself a FIPS build (Ubuntu Pro's `3.0.2-0ubuntu1.18+Fips1`)."""
    return _VERSION.search(version) is not None


def is_fips(name: str, version: str) -> bool:
    """Say whether a package is a FIPS build by its name (`openssl-fips-module-3`, `linux-fips`) or
    its version.
    """
    return _NAME.search(name) is not None or has_fips_version(version)


def loses_fips(installed: str, target: str) -> bool:
    """Say whether an upgrade would put another build in the place of a FIPS one. A package that
    only its name marks stays what it is.
    """
    return has_fips_version(installed) and not has_fips_version(target)
