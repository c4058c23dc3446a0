"""File content of the scanned image, from its root file system."""

import hashlib
from collections.abc import Iterable

from careen.errors import ImageError
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs

_PIECE = 1 << 20


class RootfsContent:
    """Digests, layers and hard links of a root file system, computed on demand.

    `diff_ids` are the image's layers, lowest first.
    """

    def __init__(self, rootfs: Rootfs, diff_ids: tuple[str, ...]) -> None:
        self._rootfs = rootfs
        self._diff_ids = diff_ids

    def sha256(self, path: ImagePath) -> str:
        """Return the hex digest of a regular file, or "" if missing or unreadable."""
        entry = self._rootfs.get(path)
        if entry is None or not entry.is_file:
            return ""
        digest = hashlib.sha256()
        try:
            with self._rootfs.open(path) as stream:
                while piece := stream.read(_PIECE):
                    digest.update(piece)
        except (ImageError, OSError):
            return ""
        return digest.hexdigest()

    def layer(self, path: ImagePath) -> str:
        """Return the diff ID of the layer that holds a path, or "" if unknown."""
        entry = self._rootfs.get(path)
        return (
            self._diff_ids[entry.layer]
            if entry is not None and 0 <= entry.layer < len(self._diff_ids)
            else ""
        )

    def hard_links(self) -> Iterable[tuple[ImagePath, ...]]:
        """Return the groups of paths that are hard links of one file."""
        first: dict[int, ImagePath] = {}
        groups: dict[int, list[ImagePath]] = {}
        for entry in self._rootfs:
            if not entry.is_file:
                continue
            known = first.setdefault(entry.inode, entry.path)
            if known != entry.path:
                groups.setdefault(entry.inode, [known]).append(entry.path)
        return tuple(tuple(group) for group in groups.values())
