"""The plan of a root's variant: each path with its reason, so that databases follow it."""

from collections.abc import Collection, Mapping

from careen.model.packages.package import Inventory, Package
from careen.model.paths import ImagePath, ancestors
from careen.model.plan import Level, Outcome, PackagePlan, Plan, Reason
from careen.model.rbom import ImageRef
from careen.oci.tree.rootfs import Rootfs

_KEPT = Reason("catalog", "the entry of the catalog keeps it")
_LEFT = Reason("catalog", "the entry of the catalog leaves it out")


def catalog_plan(
    ref: ImageRef,
    rootfs: Rootfs,
    inventory: Inventory,
    kept: Collection[ImagePath],
    packages: Collection[str],
) -> Plan:
    """Return the plan that keeps these paths, with those above them, and these packages (purls)."""
    wanted = {*kept, *(above for path in kept for above in ancestors(path))}
    return Plan(
        image=ref,
        level=Level.PACKAGE,
        keep={entry.path: _KEPT for entry in rootfs if entry.path in wanted},
        remove={entry.path: _LEFT for entry in rootfs if entry.path not in wanted},
        packages=_packages(rootfs, inventory, wanted, packages),
        rbom_sha256="",
    )


def _packages(
    rootfs: Rootfs,
    inventory: Inventory,
    wanted: Collection[ImagePath],
    packages: Collection[str],
) -> Mapping[str, PackagePlan]:
    return {
        purl: _package(rootfs, package, wanted, stays=purl in packages)
        for purl, package in inventory.packages.items()
    }


def _package(
    rootfs: Rootfs, package: Package, wanted: Collection[ImagePath], *, stays: bool
) -> PackagePlan:
    kept = [path for path in package.files if path in wanted]
    gone = [path for path in package.files if path not in wanted]
    partly = Outcome.PARTIAL if gone else Outcome.KEPT
    return PackagePlan(
        package.purl,
        partly if stays else Outcome.REMOVED,
        len(kept),
        len(gone),
        sum(rootfs[path].size for path in kept),
        sum(rootfs[path].size for path in gone),
    )
