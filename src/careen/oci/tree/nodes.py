"""The merged tree: paths, shared inodes, and the places in layers that state them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from careen.model.entry import EntryKind
from careen.model.paths import ImagePath
from careen.oci.tar.sparse import SparseMap

UNSTATED = -1
_NO_XATTRS: Mapping[str, bytes] = {}


@dataclass(slots=True)
class Inode:
    """The shared part of one or more paths; `layer`, `data` and `sparse` locate the content.

    `altered` is set if the header of a later hard link changed it.
    """

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
    """One path: its inode, and the bytes `start` to `end` of `layer` that state it.

    `link` is the node that a hard link names by its own path, else None. `plain` means that the
    stored name is the path itself, without `..`. `opaque` marks a directory that hides lower
    layers' content.
    """

    path: ImagePath
    inode: Inode
    layer: int
    start: int = 0
    end: int = 0
    hard_link: bool = False
    link: "Node | None" = None
    plain: bool = True
    opaque: bool = False
    children: "dict[str, Node] | None" = None


@dataclass(frozen=True, slots=True)
class Stated:
    """One layer's content: the number of entries, whiteouts included, and its directory headers.

    `directories` maps each directory to the start and end of its header.
    """

    members: int
    directories: Mapping[ImagePath, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged tree: every path, the root included, and what each layer states."""

    nodes: Mapping[ImagePath, Node]
    layers: tuple[Stated, ...]
