"""Files that no package lists: what a build copied, a script downloaded or a service wrote, and no
scanner's package list covers.
"""

from careen.model.package import Inventory
from careen.model.paths import ImagePath, source_of
from careen.oci.rootfs import Rootfs


def unowned(rootfs: Rootfs, inventory: Inventory) -> tuple[ImagePath, ...]:
    """Return the regular files without an owner, in path order.

    A package's own record and database files are owned; so is the byte code of a module that is.
    What holds an EMBEDDED package has no owner by that: a binary with Go modules in it was still
    brought by nobody.
    """
    records = {
        path
        for package in inventory.packages.values()
        for path in (package.record, *package.metadata)
    }
    return tuple(
        entry.path
        for entry in rootfs
        if entry.is_file
        and entry.path not in inventory.owners
        and entry.path not in records
        and source_of(entry.path) not in inventory.owners
    )
