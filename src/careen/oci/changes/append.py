"""Images with one more layer, and images squashed to one layer.

Lower layers are read in place: nothing is copied.
"""

import os
from collections.abc import Collection, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from careen.errors import InputError, ToolError
from careen.model.entry import EntryKind
from careen.model.paths import ImagePath, ancestors
from careen.oci.changes.derived import derived_image
from careen.oci.changes.edit import HistoryNote
from careen.oci.changes.relayer import (
    KeptEntries,
    empty_implied_directories,
    header_fields,
    leaders,
    link_header_fields,
    stated,
)
from careen.oci.extents import BytesPart, Extents, FilePart, Part, ZeroPart
from careen.oci.image import Image, Layer, hashed_layer
from careen.oci.tar.read import content_of
from careen.oci.tar.write import END, header, padding
from careen.oci.tree.nodes import UNSTATED, Merged


def append_layer(
    image: Image, tar: Path, note: HistoryNote, annotations: Mapping[str, str | None], created: str
) -> Image:
    """Return the image with the uncompressed layer `tar` on top of its own.

    The config gets the note's history entry and `created` (RFC 3339); an annotation of None is
    removed. Keep the original open while the result is used. The result holds the file open, so its
    name may go. Equal input gives equal bytes. Raises ToolError if the file cannot be read.
    """
    with ExitStack() as files:
        try:
            fd = os.open(tar, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            msg = f"adding the layer {str(tar)!r}: {error.strerror}"
            raise ToolError(msg) from error
        files.callback(os.close, fd)
        extents = Extents([FilePart(fd, 0, os.fstat(fd).st_size)])
        return _with_layer(image, extents, note, annotations, created, files.pop_all())
    raise AssertionError(tar)  # pragma: no cover — ExitStack does not swallow


def restore_files(
    image: Image, original: Image, paths: Collection[ImagePath], note: HistoryNote, created: str
) -> Image:
    """Return `image` with a layer on top that restores these paths of its `original`.

    A hard link to a kept file of `image` becomes a file of its own. The rest is as in
    `append_layer`. Keep both images open while the result is used. Raises InputError for a path
    that the original lacks.
    """
    merged = original.merged()
    if strange := next((path for path in paths if path not in merged.nodes), None):
        msg = f"putting files back: {strange!r} is not in the image"
        raise InputError(msg)
    # Sorted, as sets of texts have another order in each process.
    nodes = {
        path: merged.nodes[path]
        for path in sorted({*paths, *(above for path in paths for above in ancestors(path))})
    }
    stating = sorted(
        (node for node in nodes.values() if node.layer != UNSTATED),
        key=lambda node: (node.layer, node.start),
    )
    extents = tuple(layer.extents for layer in original.layers)
    survivors = KeptEntries(merged, extents, nodes, {}, leaders(nodes, {}), {})
    top = stated(survivors, stating, empty_implied_directories(nodes)) or Extents([BytesPart(END)])
    return _with_layer(image, top, note, {}, created, ExitStack())


def squash_image(
    image: Image,
    scratch: Path,  # noqa: ARG001
    note: HistoryNote,
    annotations: Mapping[str, str | None],
    created: str,
) -> Image:
    """Return the image with one layer, the merged root.

    Its history stays, as entries without a layer, and ends with the note's. Closing the result
    closes `image`; keep the images open that `image` was made from. Equal input gives equal bytes.
    Raises ImageError for a damaged image.
    """
    extents = _one_layer(image)
    layer = hashed_layer(extents)
    said = _entry(note, created)
    before = [{**item, "empty_layer": True} for item in image.config.history if dict(item) != said]
    document = _document(image, (layer,), [*before, said], created)
    files = ExitStack()
    files.callback(image.close)
    return derived_image(image, (layer,), document, annotations, files)


def _with_layer(
    image: Image,
    top: Extents,
    note: HistoryNote,
    annotations: Mapping[str, str | None],
    created: str,
    files: ExitStack,
) -> Image:
    layers = (*image.layers, hashed_layer(top))
    return derived_image(
        image,
        layers,
        _document(image, layers, [*_fitting(image), _entry(note, created)], created),
        annotations,
        files,
    )


def _entry(note: HistoryNote, created: str) -> dict[str, Any]:
    entry = {"created": created, "created_by": note.created_by, "comment": note.comment}
    return {key: value for key, value in entry.items() if value}


def _fitting(image: Image) -> list[Mapping[str, Any]]:
    """Return the history; one that does not match the layers is marked empty, plus bare entries."""
    original = image.config.history
    if sum(not item.get("empty_layer") for item in original) == len(image.layers):
        return list(original)
    return [*({**item, "empty_layer": True} for item in original), *({} for _ in image.layers)]


def _document(
    image: Image, layers: tuple[Layer, ...], history: list[Mapping[str, Any]], created: str
) -> dict[str, Any]:
    document = dict(image.config.document)
    document["created"] = created
    document["rootfs"] = {
        **document["rootfs"],
        "diff_ids": [str(layer.diff_id) for layer in layers],
    }
    document["history"] = history
    return document


def _one_layer(image: Image) -> Extents:
    """Return the merged root as one tar, sorted by path.

    The first name of an inode carries the content.
    """
    merged = image.merged()
    parts: list[Part] = []
    leaders: dict[int, str] = {}
    for path in sorted(merged.nodes):
        node = merged.nodes[path]
        inode = node.inode
        if node.children is not None:
            if path != "/" or node.layer != UNSTATED:
                parts.append(BytesPart(header(header_fields(path, inode, 0, inode.mtime))))
            continue
        leader = leaders.setdefault(inode.number, path)
        if leader != path:
            parts.append(BytesPart(header(link_header_fields(path, inode, leader, inode.mtime))))
            continue
        parts.append(BytesPart(header(header_fields(path, inode, inode.size, inode.mtime))))
        if inode.kind is EntryKind.FILE:
            content = _content(image, merged, path)
            parts += (*content.slice(0, content.size), ZeroPart(padding(content.size)))
    return Extents([*parts, BytesPart(END)])


def _content(image: Image, merged: Merged, path: Any) -> Extents:
    inode = merged.nodes[path].inode
    return content_of(image.layers[inode.layer].extents, inode.data, inode.size, inode.sparse)
