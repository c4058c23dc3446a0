"""Files that no package lists: copied by a build, downloaded by a script, written by a service.

No scanner's package list covers them.
"""

from careen.model.packages.package import Inventory
from careen.model.paths import ImagePath, source_of
from careen.oci.tree.rootfs import Rootfs


def unowned(rootfs: Rootfs, inventory: Inventory) -> tuple[ImagePath, ...]:
    """Return the regular files without an owner, in path order.

    A package's record and database files are owned, and so is the byte code of an owned module. An
    EMBEDDED package does not make its file owned: the file itself came from no package.
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
