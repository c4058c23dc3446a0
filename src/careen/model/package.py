"""Packages, who owns each file, and what could not be read."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from careen.model.paths import ImagePath


class Ecosystem(enum.Enum):
    """Where a package comes from; the value is the purl type."""

    DEB = "deb"
    PYPI = "pypi"


@dataclass(frozen=True, slots=True)
class Package:
    """One installed package.

    `purl` identifies it in the image (package-url specification). `files` are the paths that its database lists *and* that exist,
    byte code of its modules included; `licences` is the part of them that states its licence; `metadata` the paths of its own database
    record (dpkg's info files, the dist-info directory's files). `depends` are names in the ecosystem's own form, one alternative group a
    tuple item: `("libc6", "libssl3|libssl3t64")` for dpkg, normalised names of unconditional requirements for Python. `record` is the file that a
    change of this package must be written to (dpkg status, `status.d/name`, RECORD). `modules` are the top-level import names (Python only).
    """

    ecosystem: Ecosystem
    name: str
    version: str
    purl: str
    record: ImagePath
    files: tuple[ImagePath, ...]
    metadata: tuple[ImagePath, ...] = ()
    licences: tuple[ImagePath, ...] = ()
    depends: tuple[str, ...] = ()
    provides: tuple[str, ...] = ()
    architecture: str = ""
    source: str = ""
    modules: tuple[str, ...] = ()
    essential: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that could not be read: a result, not silence."""

    path: ImagePath
    reason: str


@dataclass(frozen=True, slots=True)
class Inventory:
    """All packages of an image. `owners` maps a file to the purls of the packages that list it (mostly one)."""

    packages: Mapping[str, Package]
    owners: Mapping[ImagePath, tuple[str, ...]]
    unknowns: tuple[Unknown, ...] = ()

    def count(self) -> Mapping[str, int]:
        """Packages per ecosystem, by purl type."""
        out: dict[str, int] = {}
        for package in self.packages.values():
            out[package.ecosystem.value] = out.get(package.ecosystem.value, 0) + 1
        return out
