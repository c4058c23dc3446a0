"""Collection of an SBOM's packages into an inventory, for every format."""

from collections import Counter
from dataclasses import dataclass, replace

from careen.errors import ImageError, InputError
from careen.evidence.sbom.distribution import distribution_of
from careen.evidence.sbom.purl import PurlFacts, purl_facts
from careen.model.packages.distribution import Distribution
from careen.model.packages.model_file import ModelFile
from careen.model.packages.ownership import add_owner, with_location
from careen.model.packages.package import Ecosystem, Inventory, Marker, Package, Presence, Unknown
from careen.model.paths import ROOT, ImagePath, image_path

MAX_COMPONENTS = 500_000  # packages, files and others listed as components in one document
MAX_LISTED = 5_000_000  # paths in the file lists of its packages
MAX_UNKNOWNS = 10_000  # listed one by one
_SHOWN = 120
_MAX_LICENCE = 500  # some packages declare the whole licence text


@dataclass(frozen=True, slots=True)
class StatedPackage:
    """A component as a document states it; "" and () mean not stated.

    `source` is `name@version`; `record` and `files` are paths as written.
    """

    name: str
    version: str
    purl: str
    source: str = ""
    record: str = ""
    files: tuple[str, ...] = ()
    licence: str = ""
    presence: Presence = Presence.INSTALLED
    evidence: str = "listed in the SBOM"
    module: str = ""
    modules: tuple[str, ...] = ()
    depends: tuple[str, ...] = ()
    provides: tuple[str, ...] = ()
    essential: bool = False


@dataclass(frozen=True, slots=True)
class Usable:
    """A component that is a package: the package, its distribution, and how many files it lists."""

    package: Package
    distro: str
    codename: str
    listed: int


class Collector:
    """Builder of an inventory from the components that a reader finds.

    Components that cannot be used become unknowns. Raises InputError if a document exceeds the
    limits above.
    """

    def __init__(self, where: str) -> None:
        self._where = where
        self._packages: dict[str, Package] = {}
        self._unknowns: list[Unknown] = []
        self._unnamed = 0
        self._components = 0
        self._listed = 0
        self._distros: Counter[tuple[str, str]] = Counter()
        self.distribution: Distribution | None = None
        self.models: list[ModelFile] = []
        self.markers: list[Marker] = []

    def count(self, number: int = 1) -> None:
        """Count further components of the document."""
        self._components += number
        if self._components > MAX_COMPONENTS:
            msg = f"{self._where}: more than {MAX_COMPONENTS} components"
            raise InputError(msg)

    def unknown(self, path: str, reason: str) -> None:
        """List something unusable; only the first `MAX_UNKNOWNS` individually."""
        if len(self._unknowns) < MAX_UNKNOWNS:
            self._unknowns.append(Unknown(self.path(path) or ROOT, reason))
        else:
            self._unnamed += 1

    def path(self, raw: str) -> ImagePath | None:
        """Return a path that the document states, or None if it is invalid."""
        try:
            return image_path(raw, self._where) if raw else None
        except ImageError:
            return None

    def add(self, stated: StatedPackage) -> Usable | None:
        """Add a package, or an unknown with the reason why it cannot be one.

        Returns what was added. It depends on `stated` alone, so that `take` adds it again for an
        equal component.
        """
        label = (
            "component"
            f" {stated.name[:_SHOWN]!r}{' ' + stated.version[:_SHOWN] if stated.version else ''}"
        )
        if not stated.purl:
            self.unknown(stated.record, f"{label} has no purl, so that nothing says what it is")
            return None
        try:
            facts = purl_facts(stated.purl, stated.version)
        except ValueError as error:
            self.unknown(stated.record, f"{label} is passed over: {error}")
            return None
        self._list(len(stated.files))
        usable = Usable(
            self._package(stated, facts), facts.distro, facts.codename, len(stated.files)
        )
        self._take(usable)
        return usable

    def take(self, usable: Usable) -> None:
        """Add a package as `add` made it."""
        self._list(usable.listed)
        self._take(usable)

    def _take(self, usable: Usable) -> None:
        package = usable.package
        if usable.distro:
            self._distros[usable.distro, usable.codename] += 1
        known = self._packages.get(package.purl)
        if known is not None and known.record != package.record:
            package = with_location(package)
            known = self._packages.get(package.purl)
        if known is None:
            self._packages[package.purl] = package
        elif set(package.files) - set(known.files):
            self._packages[package.purl] = replace(
                known, files=tuple(sorted({*known.files, *package.files}))
            )

    def _list(self, files: int) -> None:
        self._listed += files
        if self._listed > MAX_LISTED:
            msg = f"{self._where}: more than {MAX_LISTED} files of packages"
            raise InputError(msg)

    def _package(self, stated: StatedPackage, facts: PurlFacts) -> Package:
        files = self._paths(stated.files)
        record = self.path(stated.record) or (
            files[0] if stated.presence is Presence.EMBEDDED and files else ROOT
        )
        return Package(
            ecosystem=facts.ecosystem,
            name=facts.name,
            version=facts.version,
            purl=facts.purl,
            record=record,
            files=files,
            depends=stated.depends,
            provides=stated.provides,
            architecture=facts.architecture,
            source=stated.source or facts.source or _own_source(facts),
            modules=stated.modules,
            essential=stated.essential,
            presence=stated.presence,
            evidence=stated.evidence,
            module=stated.module or facts.module,
            licence=" ".join(stated.licence.split())[:_MAX_LICENCE],
        )

    def _paths(self, raw: tuple[str, ...]) -> tuple[ImagePath, ...]:
        return tuple(sorted({path for item in raw if (path := self.path(item)) is not None}))

    def inventory(self) -> Inventory:
        """Return everything that was collected."""
        owners: dict[ImagePath, tuple[str, ...]] = {}
        for package in self._packages.values():
            add_owner(owners, package)
        unknowns = list(self._unknowns)
        if self._unnamed:
            unknowns.append(Unknown(ROOT, f"{self._unnamed} more components that cannot be used"))
        distribution = self.distribution or distribution_of(self._distros)
        return Inventory(
            self._packages,
            owners,
            tuple(unknowns),
            distribution,
            tuple(self.models),
            tuple(self.markers),
        )


def _own_source(facts: PurlFacts) -> str:
    """Return the package itself as the source of a Debian or Alpine package, else ""."""
    # dpkg's status file omits the source if it equals the package.
    return (
        f"{facts.name}@{facts.version}" if facts.ecosystem in (Ecosystem.DEB, Ecosystem.APK) else ""
    )
