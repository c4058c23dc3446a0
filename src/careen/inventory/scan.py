"""All packages of an image, of every ecosystem."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from careen.inventory import conda, inside, linux_kernel, markers
from careen.inventory.apk import find as apk
from careen.inventory.dpkg import find as dpkg
from careen.inventory.java import find as java
from careen.inventory.node import find as node
from careen.inventory.os_release import read_distribution
from careen.inventory.port import Found, PackageFinder
from careen.inventory.python import archives as python_archives
from careen.inventory.python import find as python
from careen.inventory.python import sboms as python_sboms
from careen.inventory.python import vendored as python_vendored
from careen.inventory.rpm import find as rpm
from careen.inventory.search_memory import SearchMemory
from careen.model.packages.ownership import add_owner, with_location
from careen.model.packages.package import Inventory, Unknown
from careen.oci.tree.rootfs import Rootfs

MANAGED: tuple[PackageFinder, ...] = (dpkg, apk, rpm, python)
"""Ecosystems that plans use; a rewrite keeps their records consistent (of rpm only SQLite)."""

OTHERS: tuple[PackageFinder, ...] = (
    conda,
    node,
    java,
    python_archives,
    python_vendored,
    python_sboms,
    markers,
    linux_kernel,
)
"""Further contents, compared with advisories and listed in an SBOM, but not used by plans."""


def scan(rootfs: Rootfs, finders: Iterable[PackageFinder] = MANAGED) -> Inventory:
    """Return the packages of the finders, the owners of files, and what could not be read.

    Nothing in an image makes it raise. A purl stands for one installation: a second copy of the
    same version elsewhere (a virtual environment, vendored) gets the qualifier `location` with the
    path of its record.
    """
    with rootfs.budget.reading():
        return _add(Inventory({}, {}, (), read_distribution(rootfs)), rootfs, finders)


def scan_contents(
    rootfs: Rootfs,
    managed: Inventory,
    memory: SearchMemory | None = None,
    goes_on: Callable[[], bool] = inside.always,
) -> Inventory:
    """Add everything else: other ecosystems, embedded packages, model files and markers.

    `memory` and `goes_on` are those of the search inside files, which takes nearly all of the time.
    """
    with rootfs.budget.reading():
        listed = _add(managed, rootfs, OTHERS)
        # Last, because it depends on who owns each file.
        return _join(listed, inside.find(rootfs, listed, memory, goes_on))


def _add(known: Inventory, rootfs: Rootfs, finders: Iterable[PackageFinder]) -> Inventory:
    for finder in finders:
        known = _join(known, finder.find(rootfs))
    return known


def _join(known: Inventory, found: Found) -> Inventory:
    packages = dict(known.packages)
    owners = dict(known.owners)
    unknowns = [*known.unknowns, *found.unknowns]
    for item in found.packages:
        other = packages.get(item.purl)
        package = item if other is None or other.record == item.record else with_location(item)
        if package.purl in packages:
            unknowns.append(
                Unknown(
                    package.record,
                    f"{package.name} {package.version} is recorded twice; the second record is"
                    " passed over",
                )
            )
            continue
        packages[package.purl] = package
        add_owner(owners, package)
    return replace(
        known,
        packages=packages,
        owners=owners,
        unknowns=tuple(unknowns),
        models=(*known.models, *found.models),
        markers=(*known.markers, *found.markers),
    )
