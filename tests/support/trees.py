"""Build a Rootfs in memory from a plain mapping, so that a test reads as its input tree."""

import io
from collections.abc import Mapping
from typing import BinaryIO

from careen.model.entry import Entry, EntryKind
from careen.model.paths import ROOT, ImagePath, ancestors, image_path
from careen.oci.tree.rootfs import Rootfs


class MemoryContent:
    """Content by path."""

    def __init__(self, data: Mapping[ImagePath, bytes]) -> None:
        self._data = data

    def open(self, entry: Entry) -> BinaryIO:
        return io.BytesIO(self._data[entry.path])


class Link(str):
    """A symlink's target."""

    __slots__ = ()


class Exec(bytes):
    """Content of an executable file (mode 0755)."""

    __slots__ = ()


class SetId(Exec):
    """Content of a file that runs with its owner's rights (mode 4755)."""

    __slots__ = ()


class SetGid(Exec):
    """Content of a file that runs with its group's rights (mode 2755)."""

    __slots__ = ()


class Later(bytes):
    """A file that comes from the layer above the others'."""

    __slots__ = ()


def tree(files: Mapping[str, bytes | str | Link | None], layer: int = 0) -> Rootfs:
    """`{"/usr/bin/x": Exec(b"…"), "/etc/y": "text", "/lib": Link("usr/lib"), "/empty": None}`; None
    is a directory, parents are made.
    """
    entries: dict[ImagePath, Entry] = {}
    data: dict[ImagePath, bytes] = {}
    number = 1
    for raw, value in files.items():
        path = image_path(raw, "tree")
        number += 1
        mode, size, target = 0o644, 0, ""
        match value:
            case None:
                kind, mode = EntryKind.DIRECTORY, 0o755
            case Link():
                kind, mode, target = EntryKind.SYMLINK, 0o777, str(value)
            case bytes() | str():
                kind = EntryKind.FILE
                data[path] = value.encode() if isinstance(value, str) else bytes(value)
                size = len(data[path])
                mode = (
                    0o4755
                    if isinstance(value, SetId)
                    else 0o2755
                    if isinstance(value, SetGid)
                    else 0o755
                    if isinstance(value, Exec)
                    else 0o644
                )
        entries[path] = Entry(
            path, kind, mode, 0, 0, size, 0.0, layer + isinstance(value, Later), number, target
        )
    for path in list(entries):
        for above in ancestors(path):
            if above not in entries:
                number += 1
                entries[above] = Entry(
                    above, EntryKind.DIRECTORY, 0o755, 0, 0, 0, 0.0, layer, number
                )
    if ROOT not in entries:
        entries[ROOT] = Entry(ROOT, EntryKind.DIRECTORY, 0o755, 0, 0, 0, 0.0, layer, 0)
    return Rootfs(entries, MemoryContent(data))
