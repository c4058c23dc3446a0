"""Packages, who owns each file, and what could not be read."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from careen.model.distribution import Distribution
from careen.model.model_file import ModelFile
from careen.model.paths import ImagePath


class Ecosystem(enum.Enum):
    """Where a package comes from; the value is the purl type. GENERIC: native libraries and
    runtimes that no package manager knows.
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
    """How a package is there."""

    INSTALLED = "installed"  # it has a record of its own, and files of its own
    # it is inside files of others: vendored, bundled, linked in statically, an archive within an
    # archive
    EMBEDDED = "embedded"


@dataclass(frozen=True, slots=True)
class Package:
    """One installed package.

    `purl` identifies it in the image (package-url specification). `files` are the paths that its
    database lists *and* that exist, byte code of its modules included; `licences` is the part of
    them that states its licence; `metadata` the paths of its own database record (dpkg's info
    files, the dist-info directory's files). `depends` are names in the ecosystem's own form, one
    alternative group a tuple item: `("libc6", "libssl3|libssl3t64")` for dpkg, normalised names of
    unconditional requirements for Python; `recommends`, in the same form, those that it works
    better with (Recommends and Suggests of dpkg and rpm). `record` is the file that a change of
    this package must be written to (dpkg status, `status.d/name`, RECORD). `modules` are the
    top-level import names (Python only).

    `source` is `name@version` of the source package (dpkg, apk's origin, rpm's source rpm:
    `openssl@1:3.0.7-27.el9`), "" where there is no such thing. For an EMBEDDED one `files` are the
    files that hold it (the binary with the Go module, the jar, the vendored directory's files) and
    `record` is the file that says so. `evidence` is one sentence fragment on how it is known (`Go
    build info`, `version string 'OpenSSL 3.0.15 …' in .rodata`). `module` is rpm's modularity label
    (`nodejs:20:…`), `licence` the declared licence as its record states it.
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
    presence: Presence = Presence.INSTALLED
    evidence: str = ""
    module: str = ""
    licence: str = ""
    recommends: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that could not be read: a result, not silence."""

    path: ImagePath
    reason: str


@dataclass(frozen=True, slots=True)
class Marker:
    """A file that makes a scanner switch its advisory feed or its package list; `effect` says what
    in one sentence.
    """

    path: ImagePath
    effect: str


@dataclass(frozen=True, slots=True)
class Inventory:
    """All packages of an image. `owners` maps a file to the purls of the INSTALLED packages that
    list it (mostly one).

    `markers` are what makes scanners read an image differently from what it is (see `Marker`).
    """

    packages: Mapping[str, Package]
    owners: Mapping[ImagePath, tuple[str, ...]]
    unknowns: tuple[Unknown, ...] = ()
    distribution: Distribution | None = None
    models: tuple[ModelFile, ...] = ()
    markers: tuple[Marker, ...] = ()

    def count(self) -> Mapping[str, int]:
        """Packages per ecosystem, by purl type."""
        out: dict[str, int] = {}
        for package in self.packages.values():
            out[package.ecosystem.value] = out.get(package.ecosystem.value, 0) + 1
        return out
