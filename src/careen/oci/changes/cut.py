"""New layers from a merged root: each states its own paths, with headers of one form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from careen.errors import InputError
from careen.model.paths import ImagePath, ancestors
from careen.oci.changes.relayer import KeptEntries, header_fields, link_header_fields
from careen.oci.extents import BytesPart, Extents, Part, ZeroPart
from careen.oci.tar.write import END, header, padding
from careen.oci.tree.nodes import UNSTATED, Node


@dataclass(frozen=True, slots=True)
class LayerGroup:
    """One layer of a cut: its line in the history, and its paths in their order.

    All names of a file belong into one group.
    """

    title: str
    paths: Sequence[ImagePath]


@dataclass(frozen=True, slots=True)
class Cut:
    """The layers, lowest first, and the mtimes (seconds) that differ from the original's.

    Together the groups hold every kept path once; directories with kept content may be missing.
    """

    groups: Sequence[LayerGroup]
    times: Mapping[ImagePath, float]


def check_cut(kept: KeptEntries, cut: Cut) -> None:
    """Raise InputError unless the groups hold each kept path once."""
    grouped: set[ImagePath] = set()
    count = 0
    for group in cut.groups:
        count += len(group.paths)
        grouped.update(group.paths)
    stated = grouped.union(above for path in grouped for above in ancestors(path))
    missing = next((path for path in kept.nodes if path not in stated), None)
    if missing is not None or count != len(grouped) or not grouped <= kept.nodes.keys():
        msg = f"cutting layers: the groups do not match the kept paths, near {missing!r}"
        raise InputError(msg)


def cut_layer(kept: KeptEntries, group: LayerGroup, times: Mapping[ImagePath, float]) -> Extents:
    """Return the tar of one group: its entries, each after the directories above it.

    There are no whiteouts: no lower layer has a path that has to be hidden.
    """
    parts: list[Part] = []
    written: set[ImagePath] = set()
    leaders: dict[int, ImagePath] = {}
    for path in group.paths:
        for above in reversed(ancestors(path)):
            if above not in written:
                written.add(above)
                parts += _directory(kept.nodes[above], times)
        node = kept.nodes[path]
        if node.children is None:
            parts += _entry(kept, node, times, leaders)
        elif path not in written:
            written.add(path)
            parts += _directory(node, times)
    return Extents([*parts, BytesPart(END)])


def _directory(node: Node, times: Mapping[ImagePath, float]) -> list[Part]:
    if node.path == "/" and node.layer == UNSTATED:
        return []
    mtime = times.get(node.path, node.inode.mtime)
    return [BytesPart(header(header_fields(node.path, node.inode, 0, mtime)))]


def _entry(
    kept: KeptEntries,
    node: Node,
    times: Mapping[ImagePath, float],
    leaders: dict[int, ImagePath],
) -> list[Part]:
    path, inode = node.path, node.inode
    mtime = times.get(path, inode.mtime)
    if path in kept.replaced:
        data = kept.replaced[path]
        made = header(header_fields(path, inode, len(data), mtime))
        return [BytesPart(made + data + bytes(padding(len(data))))]
    leader = leaders.setdefault(inode.number, path)
    if leader != path:
        return [BytesPart(header(link_header_fields(path, inode, leader, mtime)))]
    if not inode.is_file:
        return [BytesPart(header(header_fields(path, inode, inode.size, mtime)))]
    content = kept.content(inode)
    made = header(header_fields(path, inode, content.size, mtime))
    return [BytesPart(made), *content.slice(0, content.size), ZeroPart(padding(content.size))]
