"""Files that no package lists: what a build copied, a script downloaded or a service wrote, and no scanner's package list covers."""

import re

from careen.model.package import Inventory
from careen.model.paths import ImagePath
from careen.oci.rootfs import Rootfs

_BYTE_CODE = re.compile(r"(?P<directory>/(?:.+/)?)__pycache__/(?P<module>[^/]+?)\.[^/]*\.pyc\Z")


def unowned(rootfs: Rootfs, inventory: Inventory) -> tuple[ImagePath, ...]:
    """Return the regular files without an owner, in path order.

    A package's own record and database files are owned; so is the byte code of a module that is. What holds an EMBEDDED package has no owner by that: a
    binary with Go modules in it was still brought by nobody.
    """
    records = {path for package in inventory.packages.values() for path in (package.record, *package.metadata)}
    return tuple(
        entry.path
        for entry in rootfs
        if entry.is_file and entry.path not in inventory.owners and entry.path not in records and _source(entry.path) not in inventory.owners
    )


def _source(path: ImagePath) -> ImagePath | None:
    """`/x/__pycache__/m.cpython-311.pyc` is compiled from `/x/m.py`."""
    match = _BYTE_CODE.match(path) if path.endswith(".pyc") else None
    return ImagePath(f"{match['directory']}{match['module']}.py") if match is not None else None
