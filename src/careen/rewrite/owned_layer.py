"""A layer of paths with owners, modes and, for some, new contents."""

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from careen.errors import ToolError
from careen.model.entry import Entry, EntryKind
from careen.model.paths import ImagePath, ancestors
from careen.model.rewriting.other_user import OwnedPath
from careen.oci.created import epoch_seconds
from careen.oci.tar.write import END, TarHeaderFields, header, padding
from careen.oci.tree.rootfs import Rootfs

_PIECE = 1 << 20


def write_layer(rootfs: Rootfs, owned: Iterable[OwnedPath], created: str, scratch: Path) -> Path:
    """Write a layer of the paths, and of directories above that do not exist.

    Equal input gives equal bytes. Raises ToolError if it cannot be written.
    """
    layer = scratch / "layer.tar"
    try:
        with layer.open("xb") as out:
            for entry in _with_parents(rootfs, owned):
                _write(out, rootfs, entry, epoch_seconds(created))
            out.write(END)
    except OSError as error:
        msg = f"writing the layer {str(layer)!r}: {error.strerror}; free some space"
        raise ToolError(msg) from error
    return layer


def _with_parents(rootfs: Rootfs, owned: Iterable[OwnedPath]) -> Iterator[OwnedPath]:
    """Yield the paths with the directories above that do not exist, in order."""
    found = {each.path: each for each in owned}
    for path in list(found):
        for above in ancestors(path):
            if above not in rootfs and above not in found:
                found[above] = OwnedPath(above, 0, 0, 0o755, "above a new directory")
    for path in sorted(found):
        yield found[path]


def _write(out: BinaryIO, rootfs: Rootfs, owned: OwnedPath, seconds: int) -> None:
    entry = rootfs.get(owned.path)
    content = _content(rootfs, owned, entry)
    size = len(owned.content) if owned.content is not None else entry.size if entry else 0
    is_dir = owned.content is None and (entry is None or entry.is_dir)
    fields = TarHeaderFields(
        name=_relative(owned.path),
        kind=EntryKind.DIRECTORY if is_dir else EntryKind.FILE,
        mode=owned.mode,
        uid=owned.uid,
        gid=owned.gid,
        size=0 if is_dir else size,
        mtime=entry.mtime if entry is not None and owned.content is None else seconds,
        xattrs=entry.xattrs if entry is not None else {},
    )
    out.write(header(fields))
    if is_dir:
        return
    with content as stream:
        while piece := stream.read(_PIECE):
            out.write(piece)
    out.write(bytes(padding(size)))


def _content(rootfs: Rootfs, owned: OwnedPath, entry: Entry | None) -> BinaryIO:
    if owned.content is not None:
        return io.BytesIO(owned.content)
    if entry is None or not entry.is_file:
        return io.BytesIO()
    return rootfs.open(owned.path)


def _relative(path: ImagePath) -> str:
    return path.lstrip("/") or "."
