"""State of an image's paths after a patch, as differences from the original."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from careen.model.entry import Entry, EntryKind
from careen.model.paths import ImagePath, join, parent
from careen.oci.extents import BytesPart, Extents
from careen.oci.tar.read import content_of
from careen.oci.tree.kept_xattrs import is_stored_xattr
from careen.oci.tree.nodes import UNSTATED, Inode, Merged, Node

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class PathState:
    """What is at a path.

    `content` is set for regular files. Files with the same `link` are hard links (None: no other
    name).
    """

    kind: EntryKind
    mode: int
    uid: int
    gid: int
    mtime: float
    target: str = ""
    device: tuple[int, int] = (0, 0)
    xattrs: Mapping[str, bytes] = field(default_factory=dict)
    content: Extents | None = None
    link: int | None = None

    @property
    def size(self) -> int:
        return self.content.size if self.content is not None else 0

    @property
    def is_dir(self) -> bool:
        return self.kind is EntryKind.DIRECTORY

    def same_as(self, other: "PathState") -> bool:
        """Return whether both are equal, apart from the time."""
        mine = (
            self.kind,
            self.mode,
            self.uid,
            self.gid,
            self.target,
            self.device,
            self.size,
            _told(self.xattrs),
        )
        theirs = (
            other.kind,
            other.mode,
            other.uid,
            other.gid,
            other.target,
            other.device,
            other.size,
            _told(other.xattrs),
        )
        if (
            self.kind is EntryKind.SYMLINK
        ):  # a link's own mode has no meaning, and tools store different ones
            return other.kind is EntryKind.SYMLINK and (self.uid, self.gid, self.target) == (
                other.uid,
                other.gid,
                other.target,
            )
        return mine == theirs and (
            self.content is None
            or other.content is None
            or _same_bytes(self.content, other.content)
        )


def _told(xattrs: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the extended attributes that a container's changes include."""
    return {key: value for key, value in xattrs.items() if is_stored_xattr(key)}


def _same_bytes(one: Extents, other: Extents) -> bool:
    return all(
        one.read_at(at, _CHUNK) == other.read_at(at, _CHUNK) for at in range(0, one.size, _CHUNK)
    )


def path_state_of(inode: Inode, layers: Sequence[Extents]) -> PathState:
    """Return what an inode of merged `layers` is."""
    content = (
        content_of(layers[inode.layer], inode.data, inode.size, inode.sparse)
        if inode.is_file
        else None
    )
    link = inode.number if inode.is_file else None
    return PathState(
        inode.kind,
        inode.mode,
        inode.uid,
        inode.gid,
        inode.mtime,
        inode.target,
        inode.device,
        inode.xattrs,
        content,
        link,
    )


def path_state_of_entry(entry: Entry, content: bytes) -> PathState:
    """Return what a patcher places at a path."""
    data = Extents([BytesPart(content)]) if entry.is_file else None
    return PathState(
        entry.kind,
        entry.mode,
        entry.uid,
        entry.gid,
        entry.mtime,
        entry.target,
        entry.device,
        entry.xattrs,
        data,
    )


@dataclass(slots=True)
class State:
    """State after a patch: `changed` has the differences from `before`, None for a removed path."""

    before: Mapping[ImagePath, Node]
    layers: Sequence[Extents]
    changed: dict[ImagePath, PathState | None]

    def original(self, path: ImagePath) -> PathState | None:
        """Return what the original has at the path."""
        node = self.before.get(path)
        return path_state_of(node.inode, self.layers) if node is not None else None

    def now(self, path: ImagePath) -> PathState | None:
        """Return what is at the path now."""
        return self.changed[path] if path in self.changed else self.original(path)

    def drop(self, path: ImagePath) -> None:
        """Remove the path, which must not be a directory with contents."""
        if path in self.before:
            self.changed[path] = None
        else:
            self.changed.pop(path, None)

    def names_in(self, directory: ImagePath) -> Iterator[str]:
        """Yield the names that the original has in a directory."""
        node = self.before.get(directory)
        yield from (node.children or {}) if node is not None else ()

    def inhabited(self) -> Counter[ImagePath]:
        """Return how many paths the patch added or changed in each directory."""
        return Counter(parent(path) for path, stand in self.changed.items() if stand is not None)

    def is_empty(self, directory: ImagePath, inhabited: Mapping[ImagePath, int]) -> bool:
        """Return whether a directory is empty now; `inhabited` is the result of that method."""
        if inhabited.get(directory):
            return False
        return all(
            self.changed.get(join(directory, name), 0) is None for name in self.names_in(directory)
        )


def differences(before: Merged, after: Merged, layers: Sequence[Extents]) -> State:
    """Return what the last of the merged `layers` changes."""
    top = len(layers) - 1
    changed: dict[ImagePath, PathState | None] = {
        path: None for path in before.nodes if path not in after.nodes
    }
    for path, node in after.nodes.items():
        if node.layer == top or (node.layer == UNSTATED and path not in before.nodes):
            changed[path] = path_state_of(node.inode, layers)
    return State(before.nodes, layers[:top], changed)
