"""Selection of the patcher for apk packages."""

from collections.abc import Sequence

from careen.model.packages.package import Ecosystem, Package, Presence
from careen.patch.apk.patcher import ApkPatcher
from careen.patch.apk.shadow import ToolingApkPatcher
from careen.patch.port import Ground, Patcher

PROGRAMS = ("/sbin/apk", "/usr/sbin/apk", "/bin/apk", "/usr/bin/apk")


def find(ground: Ground) -> Sequence[Patcher]:
    """Return the patcher for the image's apk packages, none without such packages."""
    packages = {
        package.name: package for package in ground.inventory.packages.values() if _is_apk(package)
    }
    if not packages:
        return ()
    if any(
        (entry := ground.rootfs.find(path)) is not None and entry.is_executable for path in PROGRAMS
    ):
        return (ApkPatcher(ground.rootfs, ground.inventory, ground.choices, packages),)
    return (ToolingApkPatcher(ground.rootfs, ground.inventory, ground.choices, packages),)


def _is_apk(package: Package) -> bool:
    return package.ecosystem is Ecosystem.APK and package.presence is Presence.INSTALLED
