"""Layers merged to one tree, as the engines apply them: later over earlier, whiteouts before additions, symlinks never followed out.

A layer's whiteouts act on the layers below only, wherever they stand in it. The last of several entries for one path holds. The parents of
an entry may lead through symlinks of lower layers (`/lib -> usr/lib`), which are resolved inside the root; a symlink of the same
layer in that place is an attack on the extractor, and refused.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from careen.errors import ImageError
from careen.model.entry import EntryKind
from careen.model.paths import MAX_PATH, ROOT, ImagePath, image_path
from careen.oci.budget import Budget
from careen.oci.extents import Extents
from careen.oci.rootfs import MAX_LINKS
from careen.oci.tar_read import Member, read_members
from careen.oci.tar_sparse import SparseMap

WHITEOUT = ".wh."
OPAQUE = ".wh..wh..opq"
UNSTATED = -1
_NO_XATTRS: Mapping[str, bytes] = {}
_MODE = 0o755


@dataclass(slots=True)
class Inode:
    """What one or more paths share. `layer`, `data`, `sparse` say where the content is. `altered`: a later hard link's header changed it."""

    kind: EntryKind
    mode: int
    uid: int
    gid: int
    size: int
    mtime: float
    number: int
    target: str = ""
    device: tuple[int, int] = (0, 0)
    xattrs: Mapping[str, bytes] = field(default_factory=lambda: _NO_XATTRS)
    layer: int = UNSTATED
    data: int = 0
    sparse: SparseMap | None = None
    altered: bool = False

    @property
    def is_file(self) -> bool:
        return self.kind is EntryKind.FILE


@dataclass(slots=True)
class Node:
    """One path: its inode, and the bytes `start` to `end` of `layer` that state it. `link` is the node that a hard link names
    by its own path (else None); `plain` says that the stored name is the path itself, not a way to it through symlinks.
    """

    path: ImagePath
    inode: Inode
    layer: int
    start: int = 0
    end: int = 0
    hard_link: bool = False
    link: "Node | None" = None
    plain: bool = True
    children: "dict[str, Node] | None" = None


@dataclass(frozen=True, slots=True)
class Stated:
    """What one layer says: how many entries it has (whiteouts included), and where each directory's header lies."""

    members: int
    directories: Mapping[ImagePath, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged tree as a mapping of every path, the root included, and what each layer stated."""

    nodes: Mapping[ImagePath, Node]
    layers: tuple[Stated, ...]


def merge(layers: Sequence[Extents]) -> Merged:
    """Merge uncompressed layers, lowest first. Raises ImageError for whatever an extractor would refuse, or should."""
    tree = _Tree()
    stated: list[Stated] = []
    for index, layer in enumerate(layers):
        where = f"layers[{index}]"
        stated.append(_Layer(tree, index, where).apply(read_members(layer, where, tree.budget.members)))
        tree.budget.members -= stated[-1].members
    return Merged(tree.nodes(), tuple(stated))


def _parts(path: ImagePath) -> list[str]:
    return path[1:].split("/") if path != ROOT else []


class _Tree:
    def __init__(self) -> None:
        self._inodes = 0
        self.budget = Budget()
        self.root = Node(ROOT, self.directory(), UNSTATED, children={})

    def number(self) -> int:
        self._inodes += 1
        return self._inodes

    def directory(self) -> Inode:
        return Inode(EntryKind.DIRECTORY, _MODE, 0, 0, 0, 0.0, self.number())

    def below(self, above: Node, name: str, where: str) -> ImagePath:
        """Return the path of `name` in a directory. Through symlinks, paths could grow with every layer, so the limit is checked again."""
        path = f"{'' if above.path == ROOT else above.path}/{name}"
        if len(path) > MAX_PATH:
            msg = f"{where}: path is longer than {MAX_PATH} characters: {path[:80]!r}…"
            raise ImageError(msg)
        self.budget.text(len(path), where)
        return ImagePath(path)

    def implied(self, above: Node, name: str, where: str) -> Node:
        """Make a directory that no layer states."""
        self.budget.implied(where)
        node = Node(self.below(above, name, where), self.directory(), UNSTATED, children={})
        if above.children is not None:
            above.children[name] = node
        return node

    def nodes(self) -> dict[ImagePath, Node]:
        out: dict[ImagePath, Node] = {}
        todo = [self.root]
        while todo:
            node = todo.pop()
            out[node.path] = node
            if node.children:
                todo.extend(node.children.values())
        return out


class _Layer:
    """One layer on its way into the tree."""

    def __init__(self, tree: _Tree, index: int, where: str) -> None:
        self._tree = tree
        self._index = index
        self._where = where
        self._directories: dict[ImagePath, tuple[int, int]] = {}

    def apply(self, members: Iterable[Member]) -> Stated:
        additions: list[tuple[ImagePath, Member]] = []
        whiteouts: list[tuple[ImagePath, Member]] = []
        count = 0
        for member in members:
            count += 1
            self._tree.budget.member(member, self._where)
            path = image_path(member.name, self._where)
            if f"/{WHITEOUT}" not in path:
                additions.append((path, member))
            elif _parts(path)[-1].startswith(WHITEOUT):
                whiteouts.append((path, member))
            elif not any(part.startswith(WHITEOUT + WHITEOUT) for part in _parts(path)):
                self._refuse(member, "an entry below a whiteout")
        for path, member in whiteouts:
            self._hide(_parts(path), member)
        additions.reverse()
        while additions:  # each is dropped when it is in the tree: both at once would be twice the memory
            path, member = additions.pop()
            self._add(_parts(path), member)
        return Stated(count, self._directories)

    def _refuse(self, member: Member, why: str) -> NoReturn:
        msg = f"{self._where}: {member.name[:200]!r}: {why}"
        raise ImageError(msg)

    def _hide(self, parts: list[str], member: Member) -> None:
        name = parts[-1]
        victim = name[len(WHITEOUT) :]
        if victim in ("", ".", ".."):
            self._refuse(member, "a whiteout of a directory itself or of its parent")
        if victim.startswith(WHITEOUT) and name != OPAQUE:
            return  # AUFS's own bookkeeping (.wh..wh.plnk, .wh..wh.aufs)
        directory = self._descend(parts[:-1], member, make=False)
        if directory is None or directory.children is None:
            return
        if name == OPAQUE:
            directory.children.clear()
        else:
            directory.children.pop(victim, None)

    def _add(self, parts: list[str], member: Member) -> None:
        if not parts:
            if member.kind is not EntryKind.DIRECTORY:
                self._refuse(member, f"the root of the image as a {member.kind.value}")
            self._state_directory(self._tree.root, member)
            return
        above = self._descend(parts[:-1], member, make=True)
        if above is None or above.children is None:
            self._refuse(member, "its parent is not a directory")
        name = parts[-1]
        there = above.children.get(name)
        if member.kind is EntryKind.DIRECTORY and there is not None and there.children is not None:
            self._state_directory(there, member)
            return
        path = self._tree.below(above, name, self._where)
        node = self._linked(path, member) if member.hard_link else self._created(path, member)
        node.plain = path == "/" + "/".join(parts)
        above.children[name] = node
        if node.children is not None:
            self._state_directory(node, member)

    def _state_directory(self, node: Node, member: Member) -> None:
        inode = node.inode
        inode.mode, inode.uid, inode.gid, inode.mtime, inode.xattrs = member.mode, member.uid, member.gid, member.mtime, member.xattrs
        node.layer, node.start, node.end = self._index, member.start, member.end
        node.plain = image_path(member.name, self._where) == node.path
        if node.plain:
            self._directories[node.path] = (member.start, member.end)

    def _created(self, path: ImagePath, member: Member) -> Node:
        inode = Inode(
            kind=member.kind,
            mode=member.mode,
            uid=member.uid,
            gid=member.gid,
            size=member.size,
            mtime=member.mtime,
            number=self._tree.number(),
            target=member.link,
            device=member.device,
            xattrs=member.xattrs,
            layer=self._index,
            data=member.data,
            sparse=member.sparse,
        )
        if inode.kind is EntryKind.SYMLINK and (not inode.target or "\0" in inode.target or len(inode.target) >= MAX_PATH):
            self._refuse(member, f"a symlink to {inode.target[:200]!r}")
        return Node(path, inode, self._index, member.start, member.end, children={} if inode.kind is EntryKind.DIRECTORY else None)

    def _linked(self, path: ImagePath, member: Member) -> Node:
        """A hard link shares the inode of an entry that is already there; as in the engines, its own header's owner and mode then hold for both."""
        target = image_path(member.link, f"{self._where}: hard link {member.name[:200]!r}")
        parts = target[1:].split("/")
        above = self._descend(parts[:-1], member, make=False)
        there = above.children.get(parts[-1]) if above is not None and above.children is not None else None
        if there is None:
            self._refuse(member, f"a hard link to {member.link[:200]!r}, which no layer below and nothing before it in this layer has")
        if there.children is not None:
            self._refuse(member, f"a hard link to the directory {member.link[:200]!r}")
        if there.path == path:
            self._refuse(member, "a hard link to itself")
        inode = there.inode
        stated = (member.mode, member.uid, member.gid, member.mtime)
        if inode.kind is not EntryKind.SYMLINK and stated != (inode.mode, inode.uid, inode.gid, inode.mtime):
            inode.mode, inode.uid, inode.gid, inode.mtime = stated
            inode.altered = True
        return Node(path, inode, self._index, member.start, member.end, hard_link=True, link=there if there.path == target else None)

    def _descend(self, parts: Sequence[str], member: Member, *, make: bool) -> Node | None:
        """Walk to a directory, through lower layers' symlinks; make missing ones, or return None for what is not there."""
        trail = [self._tree.root]
        todo = list(reversed(parts))
        own = len(todo)  # how many of `todo` are the entry's own words, not a symlink's
        links = 0
        while todo:
            part = todo.pop()
            by_link = len(todo) >= own
            own = min(own, len(todo))
            if by_link:
                self._tree.budget.step(self._where)
            if part == "..":
                del trail[max(1, len(trail) - 1) :]
                continue
            here = trail[-1]
            child = (here.children or {}).get(part)
            if child is None:
                if not make:
                    return None
                if by_link:
                    self._refuse(member, f"a parent is a symlink that leads to {here.path!r}, where there is no {part[:80]!r}")
                child = self._tree.implied(here, part, self._where)
            if child.inode.kind is EntryKind.SYMLINK:
                links += 1
                if child.layer == self._index or links > MAX_LINKS:
                    if not make:
                        return None
                    self._refuse(member, f"the parent {child.path!r} is a symlink {'in a loop' if links > MAX_LINKS else 'of the same layer'}")
                if child.inode.target.startswith("/"):
                    del trail[1:]
                todo.extend(name for name in reversed(child.inode.target.split("/")) if name not in ("", "."))
                continue
            if child.children is None:
                if make:
                    self._refuse(member, f"the parent {child.path!r} is not a directory but a {child.inode.kind.value}")
                return None
            trail.append(child)
        return trail[-1]
