"""A Rootfs over a directory that a real tool filled, so that finders are held against what the tool
itself says of it.
"""

import stat
from pathlib import Path
from typing import BinaryIO

from careen.model.entry import Entry, EntryKind
from careen.model.paths import ImagePath, image_path
from careen.oci.tree.rootfs import Rootfs


class DirectoryContent:
    """Content read from below a directory."""

    def __init__(self, top: Path) -> None:
        self._top = top

    def open(self, entry: Entry) -> BinaryIO:
        return (self._top / entry.path.lstrip("/")).open("rb")


def rootfs_of(top: Path) -> Rootfs:
    """Return regular files, directories and symlinks below `top`."""
    entries: dict[ImagePath, Entry] = {}
    for number, path in enumerate([top, *top.rglob("*")]):
        found = path.lstat()
        kind = {
            stat.S_IFREG: EntryKind.FILE,
            stat.S_IFDIR: EntryKind.DIRECTORY,
            stat.S_IFLNK: EntryKind.SYMLINK,
        }.get(stat.S_IFMT(found.st_mode))
        if kind is None:
            continue
        here = image_path("" if path == top else str(path.relative_to(top)), "directory")
        target = str(path.readlink()) if kind is EntryKind.SYMLINK else ""
        size = found.st_size if kind is EntryKind.FILE else 0
        entries[here] = Entry(
            here,
            kind,
            stat.S_IMODE(found.st_mode),
            found.st_uid,
            found.st_gid,
            size,
            found.st_mtime,
            0,
            number,
            target,
        )
    return Rootfs(entries, DirectoryContent(top))
