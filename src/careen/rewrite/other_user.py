"""An image that runs as another user: one more layer with owners, and the configuration."""

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from careen import __version__
from careen.errors import ToolError
from careen.model.entry import Entry, EntryKind
from careen.model.image import ImageConfig
from careen.model.paths import ImagePath, ancestors
from careen.model.rewriting.other_user import OtherUser, OwnedPath
from careen.oci.changes.append import append_layer
from careen.oci.changes.edit import HistoryNote
from careen.oci.changes.reconfigure import reconfigured
from careen.oci.created import epoch_seconds
from careen.oci.image import Image
from careen.oci.tar.write import END, TarHeaderFields, header, padding
from careen.oci.tree.rootfs import Rootfs
from careen.rewrite.strip import ORIGINAL_DIGEST, VERSION

_PIECE = 1 << 20


def with_other_user(
    image: Image, rootfs: Rootfs, changes: OtherUser, created: str, scratch: Path
) -> Image:
    """Return the image with the changes; the caller closes it before the original.

    Only directories, and files whose owner or content changes, are in the new layer. Equal input
    gives equal bytes. Raises ToolError if the layer cannot be written.
    """
    layer = scratch / "layer.tar"
    try:
        with layer.open("xb") as out:
            for entry in _with_parents(rootfs, changes.owned):
                _write(out, rootfs, entry, epoch_seconds(created))
            out.write(END)
    except OSError as error:
        msg = f"writing the layer {str(layer)!r}: {error.strerror}; free some space"
        raise ToolError(msg) from error
    said = f"careen {__version__} policy: runs as {changes.uid}:{changes.gid}"
    note = HistoryNote(said, f"original {image.ref.digest}")
    annotations = {ORIGINAL_DIGEST: image.ref.digest, VERSION: __version__}
    made = append_layer(image, layer, note, annotations, created)
    return reconfigured(made, _run(image.config, changes))


def _run(config: ImageConfig, changes: OtherUser) -> dict[str, Any]:
    variables = {**config.env, **changes.environment}
    return {
        "User": f"{changes.uid}:{changes.gid}",
        "Env": [f"{name}={value}" for name, value in variables.items()],
    }


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
    is_dir = entry is None or entry.is_dir
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
