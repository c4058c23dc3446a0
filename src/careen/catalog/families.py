"""All families of distributions, each a folder of its own."""

from collections.abc import Mapping

from careen.catalog.alpine.family import ALPINE
from careen.catalog.debian.family import DEBIAN
from careen.catalog.port import Family
from careen.catalog.rpm.family import REDHAT
from careen.catalog.ubuntu.family import UBUNTU
from careen.errors import InputError

FAMILIES: Mapping[str, Family] = {
    each.distribution: each for each in (DEBIAN, UBUNTU, ALPINE, REDHAT)
}


def family_of(distribution: str) -> Family:
    """Return the family of an entry's distribution. Raises InputError for one without a builder."""
    found = FAMILIES.get(distribution)
    if found is None:
        msg = f"no builder makes roots of {distribution[:80]!r}; there are {', '.join(FAMILIES)}"
        raise InputError(msg)
    return found
