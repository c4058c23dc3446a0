"""SHA-1 checksums of packages' files."""

import hashlib
from collections.abc import Mapping

from careen.errors import ImageError
from careen.model.packages.package import Inventory
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs

_CHUNK = 1 << 20


def file_checksums(rootfs: Rootfs, inventory: Inventory) -> Mapping[ImagePath, str]:
    """Return the SHA-1 (hex) of every regular file that a package lists.

    Unreadable files are omitted. Hard links are read once.
    """
    out: dict[ImagePath, str] = {}
    known: dict[int, str] = {}
    for path in sorted({path for package in inventory.packages.values() for path in package.files}):
        entry = rootfs.get(path)
        if entry is None or not entry.is_file:
            continue
        if entry.inode not in known:
            # SPDX requires SHA-1 for every file that a document lists.
            sha1 = hashlib.sha1(usedforsecurity=False)
            try:
                with rootfs.open(path) as stream:
                    while chunk := stream.read(_CHUNK):
                        sha1.update(chunk)
            except ImageError:
                continue
            known[entry.inode] = sha1.hexdigest()
        out[path] = known[entry.inode]
    return out
