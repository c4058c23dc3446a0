"""Packages, owners of files, and files that could not be read."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from careen.model.packages.distribution import Distribution
from careen.model.packages.model_file import ModelFile
from careen.model.paths import ImagePath


class Ecosystem(enum.Enum):
    """Ecosystem of a package; the value is the purl type.

    GENERIC stands for native libraries and runtimes that no package manager knows.
    """

    DEB = "deb"
    APK = "apk"
    RPM = "rpm"
    PYPI = "pypi"
    CONDA = "conda"
    NPM = "npm"
    GOLANG = "golang"
    MAVEN = "maven"
    CARGO = "cargo"
    GENERIC = "generic"


class Presence(enum.Enum):
    """How a package is present in the image."""

    INSTALLED = "installed"  # it has its own record and its own files
    # It is part of other files: vendored, bundled, linked statically, or a nested archive.
    EMBEDDED = "embedded"


@dataclass(frozen=True, slots=True)
class Package:
    """One installed or embedded package.

    `files` exist and are listed by its database, byte code included; `metadata` are the files of
    its own record. `depends` and `recommends` (dpkg and rpm Recommends and Suggests) hold one group
    of alternatives per item (`libssl3|libssl3t64`), or normalised names of unconditional Python
    requirements. If EMBEDDED, `files` contain it and `record` proves it.
    """

    ecosystem: Ecosystem
    name: str
    version: str
    purl: str  # unique in the image (package-url specification)
    record: ImagePath  # file to edit to change it (dpkg status, `status.d/name`, RECORD)
    files: tuple[ImagePath, ...]
    metadata: tuple[ImagePath, ...] = ()
    licences: tuple[ImagePath, ...] = ()  # those of `files` that state its licence
    depends: tuple[str, ...] = ()
    provides: tuple[str, ...] = ()
    architecture: str = ""
    source: str = ""  # `name@version` of the source package, "" if none
    modules: tuple[str, ...] = ()  # top-level import names (Python only)
    essential: bool = False
    presence: Presence = Presence.INSTALLED
    evidence: str = ""  # fragment such as `Go build info`
    module: str = ""  # rpm modularity label (`nodejs:20:…`)
    licence: str = ""  # as declared in its record
    recommends: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unknown:
    """A file that could not be read, and why."""

    path: ImagePath
    reason: str


@dataclass(frozen=True, slots=True)
class Marker:
    """A file that makes a scanner switch its advisory feed or package list.

    `effect` says how, in one sentence.
    """

    path: ImagePath
    effect: str


@dataclass(frozen=True, slots=True)
class Inventory:
    """All packages of an image.

    `owners` maps a file to the purls of the INSTALLED packages that list it. `markers` make
    scanners misread the image (see `Marker`).
    """

    packages: Mapping[str, Package]
    owners: Mapping[ImagePath, tuple[str, ...]]
    unknowns: tuple[Unknown, ...] = ()
    distribution: Distribution | None = None
    models: tuple[ModelFile, ...] = ()
    markers: tuple[Marker, ...] = ()

    def count(self) -> Mapping[str, int]:
        """Return the number of packages by purl type."""
        out: dict[str, int] = {}
        for package in self.packages.values():
            out[package.ecosystem.value] = out.get(package.ecosystem.value, 0) + 1
        return out
