"""Editing of an image without a copy: entries kept, contents replaced, config updated."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from careen.errors import InputError
from careen.model.paths import ROOT, ImagePath, ancestors
from careen.oci.changes.cut import Cut, check_cut, cut_layer
from careen.oci.changes.derived import derived_image
from careen.oci.changes.relayer import (
    KeptEntries,
    by_layer,
    empty_implied_directories,
    leaders,
    rebuilt,
)
from careen.oci.extents import BytesPart, Extents, Part
from careen.oci.image import Image, Layer, hashed_layer
from careen.oci.tar.read import content_of
from careen.oci.tree.nodes import Merged, Node


@dataclass(frozen=True, slots=True)
class HistoryNote:
    """careen's own history entry."""

    created_by: str
    comment: str = ""


OwnParts = Sequence[bytes | tuple[int, int]]
"""Parts of a content: ranges (offset, size) of the file itself, and new bytes."""


@dataclass(frozen=True, slots=True)
class Edit:
    """The changes to an image; `keep` names paths, whose parent directories stay in any case.

    `replaced` gives one path of a kept regular file new content; its other names keep the old one.
    `remade` composes the content of a kept file, under all its names, from parts of itself. Both
    keep the mtime. `annotations` are added to the manifest's; None removes one. `created` is the
    RFC 3339 time of the result and of the note. With `cut`, the result has these layers.
    """

    keep: Collection[ImagePath]
    replaced: Mapping[ImagePath, bytes]
    history: HistoryNote
    annotations: Mapping[str, str | None]
    created: str
    remade: Mapping[ImagePath, OwnParts] = field(default_factory=dict)
    cut: Cut | None = None


@dataclass(slots=True)
class LayerCache:
    """Layers of earlier edits of the same image; an equal layer is not read and hashed again.

    `layer_of` returns the layer with these bytes. `reused` and `hashed` count the layers of all
    edits.
    """

    layer_of: Callable[[Extents], Layer] = hashed_layer
    reused: int = 0
    hashed: int = 0
    _layers: dict[int | str, Layer] = field(default_factory=dict)

    def layer(self, key: int | str, extents: Extents) -> Layer:
        """Return the layer with these bytes; `key` is its index, or its title in a cut."""
        last = self._layers.get(key)
        if last is not None and last.extents.same_as(extents):
            self.reused += 1
            return last
        self.hashed += 1
        made = self.layer_of(extents)
        self._layers[key] = made
        return made


# `scratch` is part of the contract: an edit may need room, but this one reads in place.
def edit_image(image: Image, edit: Edit, scratch: Path, memory: LayerCache | None = None) -> Image:  # noqa: ARG001
    """Return the edited image.

    Keep the original open while the result is used; closing the result is optional. A layer that
    loses everything disappears and its history becomes `empty_layer`; one that loses nothing keeps
    its diff ID. Equal input gives equal bytes, with or without `memory`. Raises InputError if
    `keep`, `replaced` or `remade` names an unsuitable path, or `cut` leaves one out.
    """
    merged = image.merged()
    nodes = _kept(merged, edit)
    survivors = KeptEntries(
        merged,
        tuple(layer.extents for layer in image.layers),
        nodes,
        edit.replaced,
        leaders(nodes, edit.replaced),
        by_layer(nodes),
        _remade(image, nodes, edit),
    )
    memory = memory if memory is not None else LayerCache()
    if edit.cut is not None:
        check_cut(survivors, edit.cut)
        layers: list[Layer | None] = [
            memory.layer(group.title, cut_layer(survivors, group, edit.cut.times))
            for group in edit.cut.groups
        ]
    else:
        layers = _layers(image, survivors, memory)
    document = _document(image, layers, edit)
    return derived_image(
        image,
        [layer for layer in layers if layer is not None],
        document,
        edit.annotations,
        ExitStack(),
    )


def _kept(merged: Merged, edit: Edit) -> dict[ImagePath, Node]:
    wanted: set[ImagePath] = {ROOT}
    for path in edit.keep:
        if path not in merged.nodes:
            msg = f"editing the image: {path!r} is to be kept and is not in the image"
            raise InputError(msg)
        wanted.add(path)
        for above in ancestors(path):
            if above in wanted:
                break
            wanted.add(above)
    for path in (*edit.replaced, *edit.remade):
        node = merged.nodes.get(path)
        if path not in wanted or node is None or not node.inode.is_file:
            msg = (
                f"editing the image: {path!r} is to get a new content and is not a kept regular"
                " file"
            )
            raise InputError(msg)
    return {path: node for path, node in merged.nodes.items() if path in wanted}


def _remade(image: Image, nodes: Mapping[ImagePath, Node], edit: Edit) -> Mapping[int, Extents]:
    """Return the new contents by inode, as ranges of the image's own files."""
    out: dict[int, Extents] = {}
    for path, own in edit.remade.items():
        inode = nodes[path].inode
        content = content_of(
            image.layers[inode.layer].extents, inode.data, inode.size, inode.sparse
        )
        parts: list[Part] = []
        for part in own:
            parts += [BytesPart(part)] if isinstance(part, bytes) else content.slice(*part)
        out[inode.number] = Extents(parts)
    return out


def _layers(image: Image, survivors: KeptEntries, memory: LayerCache) -> list[Layer | None]:
    """Return the output layers, None for one that disappears."""
    orphans = empty_implied_directories(survivors.nodes)
    out: list[Layer | None] = []
    for index, layer in enumerate(image.layers):
        extra = orphans if index == 0 else ()
        if not extra and survivors.untouched(index):
            out.append(layer)
            continue
        extents: Extents | None = rebuilt(survivors, index, extra)
        out.append(memory.layer(index, extents) if extents is not None else None)
    if not any(out):
        msg = "editing the image: nothing would be left of it"
        raise InputError(msg)
    return out


def _document(image: Image, layers: list[Layer | None], edit: Edit) -> dict[str, Any]:
    document = dict(image.config.document)
    document["created"] = edit.created
    document["rootfs"] = {
        **document["rootfs"],
        "diff_ids": [str(layer.diff_id) for layer in layers if layer is not None],
    }
    note = {
        "created": edit.created,
        "created_by": edit.history.created_by,
        "comment": edit.history.comment,
        "empty_layer": True,
    }
    document["history"] = [
        *(_history(image, layers) if edit.cut is None else _cut_history(image, edit.cut, edit)),
        {key: value for key, value in note.items() if value},
    ]
    return document


def _cut_history(image: Image, cut: Cut, edit: Edit) -> list[Mapping[str, Any]]:
    """Return the original's history without layers, then one entry for each layer."""
    return [
        *({**item, "empty_layer": True} for item in image.config.history),
        *({"created": edit.created, "created_by": group.title} for group in cut.groups),
    ]


def _history(image: Image, layers: list[Layer | None]) -> list[Mapping[str, Any]]:
    """Return the original's history with lost layers marked as empty."""
    original = image.config.history
    # A history that does not match the layers is kept as text, plus a bare entry per layer.
    if sum(not item.get("empty_layer") for item in original) != len(layers):
        return [
            *({**item, "empty_layer": True} for item in original),
            *({} for layer in layers if layer is not None),
        ]
    out: list[Mapping[str, Any]] = []
    remaining = iter(layers)
    for item in original:
        gone = not item.get("empty_layer") and next(remaining) is None
        out.append({**item, "empty_layer": True} if gone else item)
    return out
