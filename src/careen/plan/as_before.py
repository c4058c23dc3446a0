"""Packages that keep what they kept before, so that their layers stay the same."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from careen.model.packages.package import Inventory, Package
from careen.model.paths import ImagePath
from careen.model.plan import Outcome, PackagePlan, Plan, Reason
from careen.oci.tree.rootfs import Rootfs
from careen.plan.core.restored import with_kept

CODE = "as-before"
_SHARE = 0.01  # of the bytes that a package keeps anyway
_FREE = frozenset({"unused"})  # reasons that give way; what the user or a rule removes stays away


@dataclass(frozen=True, slots=True)
class Previous:
    """An earlier result: its name, its packages (purls) and all its paths."""

    name: str
    packages: frozenset[str]
    paths: frozenset[ImagePath]


def as_before(plan: Plan, previous: Previous, rootfs: Rootfs, inventory: Inventory) -> Plan:
    """Return the plan with what equal packages of the previous result kept beyond it.

    A package gets its paths back if it has the same version, if it then keeps exactly the same
    paths, and if that costs less than 1 % of its kept bytes. A note states the cost.
    """
    found = {
        purl: tuple(paths)
        for purl, package in sorted(inventory.packages.items())
        if purl in previous.packages and plan.packages[purl].outcome is not Outcome.REMOVED
        if (paths := _missing(plan, previous, rootfs, package))
    }
    if not found:
        return plan
    reasons = {
        path: Reason(
            CODE,
            f"{previous.name} keeps it, with the same version of"
            f" {inventory.packages[purl].name}: the layer stays the same",
        )
        for purl, paths in found.items()
        for path in paths
    }
    size = sum({rootfs[path].inode: rootfs[path].size for path in reasons}.values())
    note = (
        f"kept as in {previous.name}, so that layers stay the same: {size:,} bytes (files:"
        f" {len(reasons):,}, packages: {len(found):,})"
    )
    plan = with_kept(plan, reasons)
    packages = _counted(plan.packages, reasons, rootfs, inventory)
    return replace(plan, packages=packages, notes=(*plan.notes, note))


def _missing(
    plan: Plan, previous: Previous, rootfs: Rootfs, package: Package
) -> list[ImagePath] | None:
    """Return the paths that make a package keep what it kept before, or None if nothing does."""
    kept = {path for path in package.files if path in plan.keep}
    missing = [path for path in package.files if path in previous.paths and path not in kept]
    if not kept <= previous.paths or any(plan.remove[path].code not in _FREE for path in missing):
        return None
    return missing if _size(rootfs, missing) < _SHARE * _size(rootfs, kept) else None


def _size(rootfs: Rootfs, paths: Iterable[ImagePath]) -> int:
    return sum(rootfs[path].size for path in paths)


def _counted(
    packages: Mapping[str, PackagePlan],
    back: Mapping[ImagePath, Reason],
    rootfs: Rootfs,
    inventory: Inventory,
) -> Mapping[str, PackagePlan]:
    """Return the package plans with these paths counted as kept, for each of their owners."""
    out = dict(packages)
    for path in back:
        size = rootfs[path].size
        for purl in inventory.owners.get(path, ()):
            was = out[purl]
            out[purl] = replace(
                was,
                outcome=Outcome.PARTIAL if was.removed_files > 1 else Outcome.KEPT,
                kept_files=was.kept_files + 1,
                removed_files=was.removed_files - 1,
                kept_bytes=was.kept_bytes + size,
                removed_bytes=was.removed_bytes - size,
            )
    return out
