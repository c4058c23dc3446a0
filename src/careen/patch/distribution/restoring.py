"""Restoration of files that a package manager writes and no package owns."""

from collections.abc import Sequence

from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs
from careen.patch.port import Placed

MAX_RESTORED = 64 << 20


def restored(
    rootfs: Rootfs, paths: Sequence[str]
) -> tuple[tuple[Placed, ...], tuple[ImagePath, ...]]:
    """Return what to place and what to remove so that each path is as in the image."""
    placed, removed = [], []
    for path in paths:
        walk = rootfs.walk(path)
        if walk.final is None:
            removed.append(walk.end)
        elif walk.final.is_file and walk.final.size <= MAX_RESTORED:
            placed.append(Placed(walk.final, rootfs.read(walk.final.path, MAX_RESTORED)))
    return tuple(placed), tuple(dict.fromkeys(removed))
