"""One output layer: the surviving entries of an original layer, bytes reused if still valid."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from careen.model.entry import EntryKind
from careen.model.paths import ROOT, ImagePath, ancestors
from careen.oci.extents import BytesPart, Extents, Part, ZeroPart
from careen.oci.tar.read import content_of
from careen.oci.tar.write import END, TarHeaderFields, header, padding
from careen.oci.tree.nodes import UNSTATED, Inode, Merged, Node


@dataclass(frozen=True, slots=True)
class KeptEntries:
    """The kept entries: every path with its node, and `replaced` and `remade` contents.

    `leaders` maps an inode with several names to the one that carries its content. `by_layer` has
    the nodes that each layer states last, in the layer's order. `remade` is keyed by inode number.
    """

    merged: Merged
    layers: tuple[Extents, ...]
    nodes: Mapping[ImagePath, Node]
    replaced: Mapping[ImagePath, bytes]
    leaders: Mapping[int, ImagePath]
    by_layer: Mapping[int, list[Node]]
    remade: Mapping[int, Extents] = field(default_factory=dict)

    def untouched(self, index: int) -> bool:
        """Return whether every entry of a layer survives unchanged, so that it can be reused."""
        stated = self.merged.layers[index]
        mine = self.by_layer.get(index, [])
        if not all(self.is_raw(node) for node in mine):
            return False
        above = sum(1 for path in stated.directories if self._overridden(path, index))
        return len(mine) + above == stated.members

    def _overridden(self, path: ImagePath, index: int) -> bool:
        """Return whether a directory of the layer is kept with a later layer's metadata."""
        node = self.nodes.get(path)
        return node is not None and node.children is not None and node.layer != index

    def is_raw(self, node: Node) -> bool:
        """Return whether an entry's original bytes are still correct."""
        if (
            node.path in self.replaced
            or node.inode.number in self.remade
            or not node.plain
            or node.inode.altered
            or node.layer == UNSTATED
        ):
            return False
        if not node.hard_link:
            return not self._follows(node)
        target = self.nodes.get(node.link.path) if node.link is not None else None
        return (
            target is not None
            and target is node.link
            and target.path not in self.replaced
            and self._follows(node)
        )

    def _follows(self, node: Node) -> bool:
        return self.leaders.get(node.inode.number, node.path) != node.path

    def parts(self, node: Node) -> list[Part]:
        """Return the bytes of one entry."""
        if self.is_raw(node):
            return self.layers[node.layer].slice(node.start, node.end - node.start)
        if node.path in self.replaced:
            data = self.replaced[node.path]
            made = header(header_fields(node.path, node.inode, len(data), node.inode.mtime))
            return [BytesPart(made + data + bytes(padding(len(data))))]
        if self._follows(node):
            return [
                BytesPart(
                    header(
                        link_header_fields(
                            node.path,
                            node.inode,
                            self.leaders[node.inode.number],
                            node.inode.mtime,
                        )
                    )
                )
            ]
        inode = node.inode
        if inode.kind is not EntryKind.FILE:
            return [BytesPart(header(header_fields(node.path, inode, inode.size, inode.mtime)))]
        content = self.content(inode)
        made = header(header_fields(node.path, inode, content.size, inode.mtime))
        return [BytesPart(made), *content.slice(0, content.size), ZeroPart(padding(content.size))]

    def content(self, inode: Inode) -> Extents:
        """Return the content of a regular file, remade or the original's."""
        remade = self.remade.get(inode.number)
        if remade is not None:
            return remade
        return content_of(self.layers[inode.layer], inode.data, inode.size, inode.sparse)


def header_fields(path: ImagePath, inode: Inode, size: int, mtime: float) -> TarHeaderFields:
    """Return the content of a new header for an inode under its path."""
    link = inode.target if inode.kind is EntryKind.SYMLINK else ""
    name = path[1:] or "."
    return TarHeaderFields(
        name,
        inode.kind,
        inode.mode,
        inode.uid,
        inode.gid,
        size,
        mtime,
        link,
        device=inode.device,
        xattrs=inode.xattrs,
    )


def link_header_fields(path: ImagePath, inode: Inode, leader: str, mtime: float) -> TarHeaderFields:
    """Return the content of a new hard link header for a further name of an inode."""
    # Without the attributes, unpacking the link would take the file's capabilities away.
    return TarHeaderFields(
        path[1:],
        EntryKind.FILE,
        inode.mode,
        inode.uid,
        inode.gid,
        0,
        mtime,
        leader[1:],
        hard_link=True,
        xattrs=inode.xattrs,
    )


def leaders(
    nodes: Mapping[ImagePath, Node], replaced: Mapping[ImagePath, bytes]
) -> Mapping[int, ImagePath]:
    """Return, for every inode with several kept paths, the first path in the output."""
    # The first path carries the content.
    first: dict[int, Node] = {}
    shared: set[int] = set()
    for node in nodes.values():
        if node.children is not None or node.path in replaced:
            continue
        number = node.inode.number
        best = first.get(number)
        if best is not None:
            shared.add(number)
        if best is None or (node.layer, node.start) < (best.layer, best.start):
            first[number] = node
    return {number: first[number].path for number in shared}


def by_layer(nodes: Mapping[ImagePath, Node]) -> Mapping[int, list[Node]]:
    """Group nodes by the layer that states them last, in that layer's order."""
    out: dict[int, list[Node]] = {}
    for node in nodes.values():
        out.setdefault(node.layer, []).append(node)
    for group in out.values():
        group.sort(key=lambda node: node.start)
    return out


def rebuilt(survivors: KeptEntries, index: int, orphans: tuple[Node, ...]) -> Extents | None:
    """Return the layer's surviving entries, parents included with their final metadata, or None.

    `orphans` are kept directories that no layer states and that contain nothing kept; the first
    layer gets them.
    """
    return stated(survivors, survivors.by_layer.get(index, []), orphans)


def stated(
    survivors: KeptEntries, mine: Iterable[Node], orphans: tuple[Node, ...] = ()
) -> Extents | None:
    """Return one layer of these nodes in this order, then the `orphans`; None if empty.

    Parents are included with their final metadata.
    """
    mine = tuple(mine)
    parts: list[Part] = []
    written: set[ImagePath] = {node.path for node in mine if node.children is not None}
    for node in mine:
        for above in reversed(ancestors(node.path)):
            held = survivors.nodes[above]
            if above in written or held.layer == UNSTATED:
                continue
            written.add(above)
            parts.extend(survivors.parts(held))
        parts.extend(survivors.parts(node))
    for node in orphans:
        parts.extend(survivors.parts(node))
    if not parts:
        return None
    return Extents([*parts, BytesPart(END)])


def empty_implied_directories(nodes: Mapping[ImagePath, Node]) -> tuple[Node, ...]:
    """Return the kept directories that no layer states and that contain nothing kept."""
    inhabited = {path.rpartition("/")[0] or "/" for path in nodes}
    return tuple(
        node
        for node in nodes.values()
        if node.layer == UNSTATED and node.path not in inhabited and node.path != ROOT
    )
