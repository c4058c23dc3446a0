"""Units of a cut: what changes together, by the owner of a path or its place."""

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass

from careen.model.packages.package import Ecosystem, Inventory, Package
from careen.model.paths import ImagePath, source_of


class Kind(enum.IntEnum):
    """Kinds of units, in the order of their layers: what changes most comes last.

    A classic store pulls every layer above the first one that differs.
    """

    BASE = 0  # of no package, in the directories of a distribution
    SYSTEM = 1  # a distribution's package
    PYTHON = 2
    STATE = 3  # package databases, configuration, caches
    APPLICATION = 4


@dataclass(frozen=True, slots=True, order=True)
class Unit:
    """Paths that change together, by kind and name."""

    kind: Kind
    name: str


_SYSTEM = frozenset({Ecosystem.DEB, Ecosystem.APK, Ecosystem.RPM})
_STATE = re.compile(r"/(?:etc|var|run|tmp|root)(?:/|\Z)")
_DATABASES = re.compile(r"/(?:var/lib/(?:dpkg|apt|rpm|dnf)|lib/apk|usr/lib/sysimage)(?:/|\Z)")
_BASE = re.compile(r"/(?:usr|bin|sbin|lib\w*|boot|dev|proc|sys)(?:/|\Z)")
_SITE = re.compile(r".*?/(?:site|dist)-packages/([^/]+)")
_STANDARD_LIBRARY = re.compile(r"/usr/(?:local/)?lib/python[\d.]+(?:/|\Z)")
_NESTED = re.compile(r"/(?:opt|home|srv|mnt|media|usr/local|usr)/[^/]+(?=/)")
_TOP = re.compile(r"/[^/]+")


DATABASES = Unit(Kind.STATE, "databases")


class Units:
    """The unit of each path of an image."""

    def __init__(self, inventory: Inventory) -> None:
        self._owners = inventory.owners
        # Of a distribution that holds others, they are part.
        self._by_purl: Mapping[str, tuple[Kind, int, Unit]] = {
            purl: (unit.kind, package.record.count("/"), unit)
            for purl, package in inventory.packages.items()
            if (unit := _of_package(package)) is not None
        }

    def of(self, path: ImagePath) -> Unit:
        """Return the unit of a path; byte code belongs to that of its source."""
        if _DATABASES.match(path):
            return DATABASES
        return self._owned(path) or self._owned(source_of(path) or path) or _placed(path)

    def is_owned(self, path: ImagePath) -> bool:
        """Return whether a package lists the path."""
        return path in self._owners

    def is_python(self, path: ImagePath) -> bool:
        """Return whether Python distributions list the path, and nothing else does."""
        found = self._owners.get(path, ())
        return bool(found) and all(
            purl in self._by_purl and self._by_purl[purl][0] is Kind.PYTHON for purl in found
        )

    def _owned(self, path: ImagePath) -> Unit | None:
        found = [
            self._by_purl[purl] for purl in self._owners.get(path, ()) if purl in self._by_purl
        ]
        return min(found)[2] if found else None


def _of_package(package: Package) -> Unit | None:
    if package.ecosystem in _SYSTEM:
        # Packages of one source are upgraded together.
        source = package.source.rpartition("@")[0] or package.name
        return Unit(Kind.SYSTEM, f"{package.ecosystem.value} {source}")
    if package.ecosystem is Ecosystem.PYPI:
        return Unit(Kind.PYTHON, f"python {package.name}")
    return None


def _placed(path: ImagePath) -> Unit:
    """Return the unit of a path that no package lists."""
    if (site := _SITE.match(path)) is not None:
        return Unit(Kind.PYTHON, f"python {site[1]}")
    if _STATE.match(path):
        return Unit(Kind.STATE, "state")
    nested = _NESTED.match(path)
    if _STANDARD_LIBRARY.match(path):
        return Unit(Kind.BASE, "python standard library")
    place = nested or _TOP.match(path)
    name = place[0] if place is not None else "/"
    return Unit(Kind.BASE if _BASE.match(path) else Kind.APPLICATION, name)
