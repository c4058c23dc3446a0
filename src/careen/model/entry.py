"""One entry of a root file system."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from careen.model.paths import ImagePath

_NO_XATTRS: Mapping[str, bytes] = MappingProxyType({})

S_ISUID = 0o4000
S_ISGID = 0o2000
ANY_EXECUTE = 0o111


class EntryKind(enum.Enum):
    """Type of an entry. Hard links are FILE entries that share an `inode`."""

    FILE = "file"
    DIRECTORY = "directory"
    SYMLINK = "symlink"
    CHARACTER = "character device"
    BLOCK = "block device"
    FIFO = "fifo"


@dataclass(frozen=True, slots=True)
class Entry:
    """One path of the merged root file system.

    `mode` holds only the permission bits (07777). `size` is in bytes, for files only. `target` is a
    symlink's text as stored. `layer` is the index of the entry's layer (0 = lowest), -1 for a
    directory that no layer contains. FILE entries with equal `inode` are hard links of each other.
    `device` is (major, minor).
    """

    path: ImagePath
    kind: EntryKind
    mode: int
    uid: int
    gid: int
    size: int
    mtime: float
    layer: int
    inode: int
    target: str = ""
    device: tuple[int, int] = (0, 0)
    xattrs: Mapping[str, bytes] = field(default_factory=lambda: _NO_XATTRS, hash=False)

    @property
    def is_file(self) -> bool:
        return self.kind is EntryKind.FILE

    @property
    def is_dir(self) -> bool:
        return self.kind is EntryKind.DIRECTORY

    @property
    def is_symlink(self) -> bool:
        return self.kind is EntryKind.SYMLINK

    @property
    def is_executable(self) -> bool:
        """Whether it is a regular file with any execute bit."""
        return self.is_file and bool(self.mode & ANY_EXECUTE)

    @property
    def is_setid(self) -> bool:
        """Whether it is a regular file with the setuid or setgid bit."""
        return self.is_file and bool(self.mode & (S_ISUID | S_ISGID))
