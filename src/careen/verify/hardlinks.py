"""Hard links of a root file system."""

from collections.abc import Container, Mapping

from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs


def other_names(
    rootfs: Rootfs, within: Container[ImagePath]
) -> Mapping[ImagePath, frozenset[ImagePath]]:
    """Return, for each regular file in `within` with hard links there, all its names."""
    groups: dict[int, list[ImagePath]] = {}
    for entry in rootfs:
        if entry.is_file and entry.path in within:
            groups.setdefault(entry.inode, []).append(entry.path)
    out: dict[ImagePath, frozenset[ImagePath]] = {}
    for names in groups.values():
        if len(names) > 1:
            together = frozenset(names)
            out.update(dict.fromkeys(names, together))
    return out
