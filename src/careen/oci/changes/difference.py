"""The layer that turns one root into another."""

from collections.abc import Iterator

from careen.model.entry import EntryKind
from careen.model.paths import ROOT, ImagePath
from careen.oci.changes.cut import LayerGroup, cut_layer
from careen.oci.changes.relayer import KeptEntries, leaders
from careen.oci.extents import BytesPart, Extents
from careen.oci.image import Image
from careen.oci.tar.write import TarHeaderFields, header
from careen.oci.tree.nodes import UNSTATED, Merged, Node

_CHUNK = 1 << 20
_WHITEOUT = ".wh."


def difference(lower: Image | None, upper: Image, title: str) -> Extents:
    """Return the tar of what `upper` has beyond `lower` or differently, with whiteouts.

    Times count only where something else differs. Without `lower` it is the whole root. Equal
    images give equal bytes. Keep `upper` open while the result is used. Raises ImageError.
    """
    merged = upper.merged()
    kept = KeptEntries(
        merged,
        tuple(layer.extents for layer in upper.layers),
        merged.nodes,
        {},
        leaders(merged.nodes, {}),
        {},
    )
    wanted = sorted(_changed(lower, upper))
    top = cut_layer(kept, LayerGroup(title, wanted), {})
    gone = [] if lower is None else sorted(_gone(lower.merged(), merged))
    whiteouts = [BytesPart(header(_whiteout(path))) for path in gone]
    return Extents([*whiteouts, *top.slice(0, top.size)])


def _whiteout(path: ImagePath) -> TarHeaderFields:
    above, _, name = path.rpartition("/")
    return TarHeaderFields(f"{above}/{_WHITEOUT}{name}"[1:], EntryKind.FILE, 0o644)


def _gone(lower: Merged, upper: Merged) -> Iterator[ImagePath]:
    """Yield the topmost paths that the upper root lacks, and whose directory it has."""
    for path in lower.nodes:
        above = upper.nodes.get(ImagePath(path.rpartition("/")[0] or ROOT))
        if path not in upper.nodes and above is not None and above.children is not None:
            yield path


def _changed(lower: Image | None, upper: Image) -> set[ImagePath]:
    """Return the paths to state; all names of a file, if one of them is to be stated."""
    merged = upper.merged()
    stated = {
        path
        for path, node in merged.nodes.items()
        if (path != ROOT or node.layer != UNSTATED)
        and (lower is None or not _same(lower, upper, path, node))
    }
    inodes = {merged.nodes[path].inode.number for path in stated}
    return stated | {
        path
        for path, node in merged.nodes.items()
        if node.children is None and node.inode.is_file and node.inode.number in inodes
    }


def _same(lower: Image, upper: Image, path: ImagePath, node: Node) -> bool:
    old = lower.merged().nodes.get(path)
    if old is None or (old.children is None) != (node.children is None):
        return False
    one, two = old.inode, node.inode
    if (one.kind, one.mode, one.uid, one.gid) != (two.kind, two.mode, two.uid, two.gid):
        return False
    if (one.target, one.device, dict(one.xattrs)) != (two.target, two.device, dict(two.xattrs)):
        return False
    if not two.is_file:
        return True
    return one.size == two.size and _equal_contents(lower, upper, path)


def _equal_contents(lower: Image, upper: Image, path: ImagePath) -> bool:
    with lower.rootfs().open(path) as one, upper.rootfs().open(path) as two:
        while chunk := one.read(_CHUNK):
            if two.read(len(chunk)) != chunk:
                return False
    return True
