"""One layer as a tree before it is stacked: additions, whiteouts, opaque directories."""

from collections.abc import Iterable
from typing import NoReturn

from careen.errors import ImageError
from careen.model.entry import EntryKind
from careen.model.paths import MAX_PATH, ROOT, ImagePath, join
from careen.oci.budget import Budget
from careen.oci.tar.read import Member
from careen.oci.tree.entry_name import entry_parts
from careen.oci.tree.nodes import UNSTATED, Inode, Node, Stated

WHITEOUT = ".wh."
OPAQUE = ".wh..wh..opq"
_OVERLAY = ("trusted.overlay.", "user.overlay.")
_CAPABILITY = "security.capability"
_MODE = 0o755


class Numbers:
    """Source of inode numbers for all layers of an image."""

    def __init__(self) -> None:
        self._last = 0

    def next(self) -> int:
        """Return a new number."""
        self._last += 1
        return self._last


def _directory(number: int) -> Inode:
    return Inode(EntryKind.DIRECTORY, _MODE, 0, 0, 0, 0.0, number)


WHITED_OUT = Node(ROOT, Inode(EntryKind.CHARACTER, 0, 0, 0, 0, 0.0, 0), UNSTATED)
"""Marks a whiteout in a layer's tree."""


class LayerTree:
    """The tree of one layer alone.

    Raises ImageError for entries that an engine refuses or reads differently.
    """

    def __init__(self, budget: Budget, numbers: Numbers, index: int, where: str) -> None:
        self._budget = budget
        self._numbers = numbers
        self._index = index
        self._where = where
        self._directories: dict[ImagePath, tuple[int, int]] = {}
        self.root = Node(ROOT, _directory(numbers.next()), UNSTATED, children={})

    def apply(self, members: Iterable[Member]) -> Stated:
        """Add the layer's entries, in order."""
        count = 0
        for member in members:
            count += 1
            self._budget.member(member, self._where)
            parts = entry_parts(member.name, self._where)
            if any(part.startswith(WHITEOUT) for part in parts[:-1]):
                self._refuse(member, "an entry below a whiteout")
            if parts and parts[-1].startswith(WHITEOUT):
                self._hide(parts, member)
            else:
                self._add(parts, member)
        return Stated(count, self._directories)

    def _refuse(self, member: Member, why: str) -> NoReturn:
        msg = f"{self._where}: {member.name[:200]!r}: {why}"
        raise ImageError(msg)

    def _hide(self, parts: list[str], member: Member) -> None:
        above = self._descend(parts[:-1], member)
        victim = parts[-1][len(WHITEOUT) :]
        if parts[-1] == OPAQUE:
            above.opaque = True
        elif victim in ("", ".", ".."):
            self._refuse(member, "a whiteout of a directory itself or of its parent")
        elif victim in _children(above):
            self._refuse(
                member, f"a whiteout of {victim[:200]!r}, which the same layer states before it"
            )
        else:
            self._budget.text(len(victim), self._where)
            _children(above)[victim] = WHITED_OUT

    def _add(self, parts: list[str], member: Member) -> None:
        self._check(member)
        if not parts:
            if member.kind is not EntryKind.DIRECTORY:
                self._refuse(member, f"the root of the image as a {member.kind.value}")
            self._state_directory(self.root, member)
            return
        above = self._descend(parts[:-1], member)
        name = parts[-1]
        there = _children(above).get(name)
        if member.kind is EntryKind.DIRECTORY and there is not None and there.children is not None:
            self._state_directory(there, member)
            return
        path = self._below(above, name)
        node = self._linked(path, member) if member.hard_link else self._created(path, member)
        node.plain = ".." not in member.name.split("/")
        _children(above)[name] = node
        if node.children is not None:
            self._state_directory(node, member)

    def _check(self, member: Member) -> None:
        """Refuse entries that overlay file systems read as markers, and other tools as content."""
        if member.kind is EntryKind.CHARACTER and member.device == (0, 0):
            self._refuse(
                member, "a character device 0/0, which overlay file systems take for a whiteout"
            )
        key = next((key for key in member.xattrs if key.startswith(_OVERLAY)), None)
        if key is not None:
            self._refuse(
                member, f"the attribute {key[:80]!r}, which belongs to overlay file systems"
            )

    def _below(self, above: Node, name: str) -> ImagePath:
        path = join(above.path, name)
        self._budget.text(len(path), self._where)
        return path

    def _state_directory(self, node: Node, member: Member) -> None:
        inode = node.inode
        inode.mode, inode.uid, inode.gid = member.mode, member.uid, member.gid
        inode.mtime, inode.xattrs = member.mtime, member.xattrs
        node.layer, node.start, node.end = self._index, member.start, member.end
        node.plain = ".." not in member.name.split("/")
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
            number=self._numbers.next(),
            target=member.link,
            device=member.device,
            xattrs=member.xattrs,
            layer=self._index,
            data=member.data,
            sparse=member.sparse,
        )
        target = inode.target
        if inode.kind is EntryKind.SYMLINK and (
            not target or "\0" in target or len(target) >= MAX_PATH
        ):
            self._refuse(member, f"a symlink to {target[:200]!r}")
        children: dict[str, Node] | None = {} if inode.kind is EntryKind.DIRECTORY else None
        return Node(path, inode, self._index, member.start, member.end, children=children)

    def _linked(self, path: ImagePath, member: Member) -> Node:
        """Return a node that shares the inode of an earlier entry.

        As in the engines, owner, mode and extended attributes of the link's own header then hold
        for both.
        """
        parts = entry_parts(member.link, f"{self._where}: hard link {member.name[:200]!r}")
        there = self._find(parts)
        if there is None or there is WHITED_OUT:
            self._refuse(
                member,
                f"a hard link to {member.link[:200]!r}, which nothing before it in this layer is",
            )
        if there.children is not None:
            self._refuse(member, f"a hard link to the directory {member.link[:200]!r}")
        if there.path == path:
            self._refuse(member, "a hard link to itself")
        inode = there.inode
        stated = (member.mode, member.uid, member.gid, member.mtime)
        if inode.kind is not EntryKind.SYMLINK and stated != (
            inode.mode,
            inode.uid,
            inode.gid,
            inode.mtime,
        ):
            inode.mode, inode.uid, inode.gid, inode.mtime = stated
            inode.altered = True
        # Engines call lchown(2) on each link, and with that the kernel drops file capabilities.
        # Only a link that states them, too, brings them back.
        held = {key: value for key, value in inode.xattrs.items() if key != _CAPABILITY}
        xattrs = {**held, **member.xattrs}
        if inode.is_file and xattrs != inode.xattrs:
            inode.xattrs = xattrs
            inode.altered = True
        link = (
            there
            if there.path == ImagePath("/" + "/".join(parts)) and ".." not in member.link.split("/")
            else None
        )
        return Node(path, inode, self._index, member.start, member.end, hard_link=True, link=link)

    def _find(self, parts: list[str]) -> Node | None:
        node: Node | None = self.root
        for part in parts:
            node = (node.children or {}).get(part) if node is not None else None
        return node

    def _descend(self, parts: list[str], member: Member) -> Node:
        """Return a directory of this layer, creating missing ones on the way."""
        here = self.root
        for part in parts:
            child = _children(here).get(part)
            if child is None:
                child = self._implied(here, part)
            elif child is WHITED_OUT:
                self._refuse(member, f"its parent {part[:200]!r} is whited out by the same layer")
            elif child.inode.kind is EntryKind.SYMLINK:
                self._refuse(member, f"the parent {child.path!r} is a symlink of the same layer")
            elif child.children is None:
                self._refuse(
                    member,
                    f"the parent {child.path!r} is not a directory but a {child.inode.kind.value}",
                )
            here = child
        return here

    def _implied(self, above: Node, name: str) -> Node:
        self._budget.implied(self._where)
        node = Node(
            self._below(above, name), _directory(self._numbers.next()), UNSTATED, children={}
        )
        _children(above)[name] = node
        return node


def _children(node: Node) -> dict[str, Node]:
    if node.children is None:
        msg = f"{node.path!r} is no directory"
        raise AssertionError(msg)
    return node.children
