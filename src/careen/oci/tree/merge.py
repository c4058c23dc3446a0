"""Layers merged to one tree as overlay file systems stack them.

docker's two stores and other engines on overlayfs do the same. A symlink of a lower layer is not
followed: an entry below its name replaces it (docs/adr/0015-layers-as-overlay.md).
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from careen.errors import ImageError
from careen.model.paths import ImagePath
from careen.model.runs.run_budget import RunBudget
from careen.oci.budget import Budget
from careen.oci.extents import Extents
from careen.oci.tar.read import Member, read_members
from careen.oci.tree.layer_tree import WHITED_OUT, LayerTree, Numbers
from careen.oci.tree.nodes import UNSTATED, Merged, Node, Stated


def merge(layers: Sequence[Extents], run: RunBudget) -> Merged:
    """Merge uncompressed layers, lowest first.

    Raises ImageError for everything that an engine refuses or should refuse, and BudgetError when
    it takes too long.
    """
    budget, numbers = Budget(run), Numbers()
    root = LayerTree(budget, numbers, -1, "").root
    stated: list[Stated] = []
    repeated = _Repeated(layers)
    for index, layer in enumerate(layers):
        where = f"layers[{index}]"
        tree = LayerTree(budget, numbers, index, where)
        stated.append(tree.apply(repeated.members(layer, where, budget.members)))
        budget.members -= stated[-1].members
        _stack_tree(root, tree.root)
    return Merged(_by_path(root), tuple(stated))


class _Repeated:
    """Reads a repeated layer of an image only once."""

    def __init__(self, layers: Sequence[Extents]) -> None:
        self._count = Counter(map(id, layers))
        self._read: dict[int, tuple[Member, ...]] = {}

    def members(self, layer: Extents, where: str, limit: int) -> Iterable[Member]:
        """Return the entries of a layer; raise ImageError for more than `limit`."""
        key = id(layer)
        if self._count[key] == 1:
            return read_members(layer, where, limit)
        # Such a layer may have few entries, and gigabytes of zeros after them.
        if key not in self._read:
            self._read[key] = tuple(read_members(layer, where, limit))
        if len(self._read[key]) > limit:
            msg = f"{where}: more than {limit} entries"
            raise ImageError(msg)
        return self._read[key]


def _stack_tree(root: Node, top: Node) -> None:
    """Stack a layer's tree on the tree below."""
    # Not recursive: an image can nest directories deeper than the stack.
    todo = [(root, top, top.children or {})]
    while todo:
        below, above, stated = todo.pop()
        if below is not above:
            _override_attributes(below, above)
        held = below.children if below.children is not None else {}
        for name, node in stated.items():
            there = held.get(name)
            if node is WHITED_OUT:
                held.pop(name, None)
            elif node.children is None:
                held[name] = node
            elif there is None or there.children is None or node.opaque:
                inside, node.children = node.children, {}
                if node.layer == UNSTATED and there is not None and there.children is not None:
                    _override_attributes(node, there)
                held[name] = node
                todo.append((node, node, inside))
            else:
                todo.append((there, node, node.children))


def _override_attributes(below: Node, above: Node) -> None:
    """Give a directory the attributes that a later layer states; an implied one keeps its own."""
    if above.layer == UNSTATED:
        return
    below.inode, below.layer, below.start, below.end, below.plain = (
        above.inode,
        above.layer,
        above.start,
        above.end,
        above.plain,
    )


def _by_path(root: Node) -> dict[ImagePath, Node]:
    out: dict[ImagePath, Node] = {}
    todo = [root]
    while todo:
        node = todo.pop()
        out[node.path] = node
        todo.extend((node.children or {}).values())
    return out
