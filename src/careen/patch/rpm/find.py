"""Selection of the patcher for rpm packages."""

from collections.abc import Sequence

from careen.model.packages.package import Ecosystem, Package, Presence
from careen.patch.port import Ground, Patcher
from careen.patch.rpm.desk import DnfVariant, find_dnf
from careen.patch.rpm.dnf import DnfPatcher
from careen.patch.rpm.shadow import ToolingDnfPatcher


def find(ground: Ground) -> Sequence[Patcher]:
    """Return the patcher for the image's rpm packages, none without such packages."""
    packages = {
        f"{package.name}.{package.architecture}": package
        for package in ground.inventory.packages.values()
        if _is_rpm(package)
    }
    if not packages:
        return ()
    program = find_dnf(ground.rootfs)
    if program is not None:
        return (DnfPatcher(ground.rootfs, ground.inventory, ground.choices, packages, program),)
    return (
        ToolingDnfPatcher(
            ground.rootfs, ground.inventory, ground.choices, packages, (DnfVariant.DNF4, "dnf")
        ),
    )


def _is_rpm(package: Package) -> bool:
    return package.ecosystem is Ecosystem.RPM and package.presence is Presence.INSTALLED
