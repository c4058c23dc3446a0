"""All packages of an image, over every ecosystem."""

from collections.abc import Iterable
from dataclasses import replace

from packageurl import PackageURL

from careen.inventory import dpkg, python
from careen.inventory.port import PackageFinder
from careen.model.package import Inventory, Package, Unknown
from careen.model.paths import ImagePath
from careen.oci.rootfs import Rootfs

FINDERS: tuple[PackageFinder, ...] = (dpkg, python)


def scan(rootfs: Rootfs, finders: Iterable[PackageFinder] = FINDERS) -> Inventory:
    """Return every package, who owns each file, and what could not be read. Nothing that an image holds makes it raise.

    A purl stands for one installation: a second copy of the same version elsewhere (another virtual environment, a vendored one) gets the
    qualifier `location` with the path of its record.
    """
    packages: dict[str, Package] = {}
    owners: dict[ImagePath, tuple[str, ...]] = {}
    unknowns: list[Unknown] = []
    for finder in finders:
        found = finder.find(rootfs)
        unknowns.extend(found.unknowns)
        for item in found.packages:
            known = packages.get(item.purl)
            package = item if known is None or known.record == item.record else _located(item)
            if package.purl in packages:
                unknowns.append(Unknown(package.record, f"{package.name} {package.version} is recorded twice; the second record is passed over"))
                continue
            packages[package.purl] = package
            alone = (package.purl,)  # one tuple for all files that have no other owner
            for path in package.files:
                others = owners.get(path)
                owners[path] = alone if others is None else others + alone
    return Inventory(packages, owners, tuple(unknowns))


def _located(package: Package) -> Package:
    base = PackageURL.from_string(package.purl)
    known = base.qualifiers if isinstance(base.qualifiers, dict) else {}
    return replace(package, purl=base._replace(qualifiers={**known, "location": package.record}).to_string())
