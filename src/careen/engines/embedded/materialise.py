"""Unpack an image's index into a directory tree, for the embedded engine.

The content is hostile. The tree is private while it is written, and no link in it is followed.
Directories come first, then files, hard links and devices, then symlinks, so no path passes through
a symlink. Each name is opened relative to a directory of the index.
"""

import errno
import os
import stat
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from careen.errors import ImageError, ToolError
from careen.model.entry import Entry, EntryKind
from careen.model.paths import ROOT, ImagePath, name, parent
from careen.oci.room import FreeSpaceGuard
from careen.oci.tree.rootfs import Rootfs

_CHUNK = 1024 * 1024
_LONG = 3500  # bytes of a path to open at once; the kernel's limit is 4095
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_TYPES = {
    EntryKind.CHARACTER: stat.S_IFCHR,
    EntryKind.BLOCK: stat.S_IFBLK,
    EntryKind.FIFO: stat.S_IFIFO,
}


@dataclass(frozen=True, slots=True)
class Materialised:
    """Counts of the written entries and content bytes, and notes.

    `notes` has a sentence for each kind of attribute that the file system refused.
    """

    entries: int
    bytes: int
    notes: tuple[str, ...]


def _raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


class _Writer:
    def __init__(self, rootfs: Rootfs, base: ImagePath, root: int, room: FreeSpaceGuard) -> None:
        self._rootfs = rootfs
        self._base = base
        self._root = root
        self._room = room
        self._open_path: ImagePath | None = None
        self._open_fd = -1
        self._first: dict[int, ImagePath] = {}
        self._refused: Counter[str] = Counter()
        self.bytes = 0

    def close(self) -> None:
        if self._open_path is not None:
            os.close(self._open_fd)
            self._open_path = None

    def directory(self, path: ImagePath) -> int:
        """Return a descriptor of a directory of the tree, valid until the next call."""
        if path != self._open_path:
            fd = self._opened(path)
            self.close()
            self._open_path, self._open_fd = path, fd
        return self._open_fd

    def _opened(self, path: ImagePath) -> int:
        rest = _raw(path)[len(_raw(self._base)) if self._base != ROOT else 0 :].strip(b"/")
        fd = os.dup(self._root)
        while rest:
            cut = len(rest) if len(rest) <= _LONG else rest.rindex(b"/", 0, _LONG)
            try:
                below = os.open(rest[:cut], _DIRECTORY, dir_fd=fd)
            finally:
                os.close(fd)
            fd, rest = below, rest[cut:].strip(b"/")
        return fd

    def make_directory(self, entry: Entry) -> None:
        os.mkdir(_raw(name(entry.path)), 0o700, dir_fd=self.directory(parent(entry.path)))

    def make_node(self, entry: Entry) -> None:
        where, leaf = self.directory(parent(entry.path)), _raw(name(entry.path))
        os.mknod(leaf, _TYPES[entry.kind] | 0o600, os.makedev(*entry.device), dir_fd=where)
        self._attributes(entry, where, leaf)

    def make_symlink(self, entry: Entry) -> None:
        where, leaf = self.directory(parent(entry.path)), _raw(name(entry.path))
        os.symlink(_raw(entry.target), leaf, dir_fd=where)
        self._attributes(entry, where, leaf)

    def make_file(self, entry: Entry, links: int) -> None:
        where, leaf = self.directory(parent(entry.path)), _raw(name(entry.path))
        if links > 1:
            first = self._first.setdefault(entry.inode, entry.path)
            if first != entry.path:
                source = self._opened(parent(first))
                try:
                    os.link(
                        _raw(name(first)),
                        leaf,
                        src_dir_fd=source,
                        dst_dir_fd=where,
                        follow_symlinks=False,
                    )
                finally:
                    os.close(source)
                return
        fd = os.open(leaf, _NEW_FILE, 0o600, dir_fd=where)
        try:
            if entry.size:
                with self._rootfs.open(entry.path) as content:
                    self._copy(content, fd, entry)
            self._file_attributes(entry, fd)
        finally:
            os.close(fd)

    def _copy(self, content: BinaryIO, fd: int, entry: Entry) -> None:
        left = entry.size
        os.truncate(fd, entry.size)
        while left:
            data = content.read(min(_CHUNK, left))
            if not data:
                msg = f"{entry.path}: its content ends {left} bytes early"
                raise ImageError(msg)
            left -= len(data)
            # Keep holes: a layer of 2 kB can hold 64 GiB of zeros.
            if data.count(0) == len(data):
                os.lseek(fd, len(data), os.SEEK_CUR)
                continue
            self._room.take(len(data))
            chunk = memoryview(data)
            while chunk:
                chunk = chunk[os.write(fd, chunk) :]
        self.bytes += entry.size

    def finish_directory(self, entry: Entry) -> None:
        self._file_attributes(entry, self.directory(entry.path))

    def _file_attributes(self, entry: Entry, fd: int) -> None:
        # In this order: chown clears setuid bits and capabilities.
        os.fchown(fd, entry.uid, entry.gid)
        os.fchmod(fd, entry.mode)
        for key, value in entry.xattrs.items():
            self._xattr(fd, key, value)
        os.utime(fd, ns=_times(entry))

    def _attributes(self, entry: Entry, where: int, leaf: bytes) -> None:
        os.chown(leaf, entry.uid, entry.gid, dir_fd=where, follow_symlinks=False)
        if entry.kind is not EntryKind.SYMLINK:
            os.chmod(leaf, entry.mode, dir_fd=where)
        os.utime(leaf, ns=_times(entry), dir_fd=where, follow_symlinks=False)

    def _xattr(self, fd: int, key: str, value: bytes) -> None:
        """Set an extended attribute, or count it as refused."""
        if key.startswith("trusted.overlay."):  # overlayfs would act on it
            self._refused[key] += 1
            return
        try:
            os.setxattr(fd, _raw(key), value)
        except OSError as error:
            # A program without its file capability behaves differently.
            if key == "security.capability" or error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise
            self._refused[key.partition(".")[0]] += 1

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(
            f"{count} extended attributes {kind!r} could not be kept"
            for kind, count in sorted(self._refused.items())
        )


def _times(entry: Entry) -> tuple[int, int]:
    # ext4 and xfs store no times before 1901 or after 2446; careen never reads the value.
    moment = min(
        max(int(entry.mtime * 1_000_000_000), -(2**31) * 1_000_000_000), 2**33 * 1_000_000_000
    )
    return moment, moment


def _selected(rootfs: Rootfs, base: ImagePath) -> list[Entry]:
    prefix = "/" if base == ROOT else f"{base}/"
    selected = [entry for entry in rootfs if entry.path != base and entry.path.startswith(prefix)]
    for entry in selected:
        above = rootfs.get(parent(entry.path))
        if above is None or not above.is_dir:
            msg = f"{entry.path}: lies in something that is not a directory"
            raise ImageError(msg)
    return selected


@contextmanager
def _explained(doing: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            msg = f"{doing}: no space left; free some, or name another disk with --work-dir"
        else:
            msg = f"{doing}: {error.strerror or error}"
        raise ToolError(msg) from error


def materialise(rootfs: Rootfs, destination: Path, base: ImagePath = ROOT) -> Materialised:
    """Write everything below `base` to the empty directory `destination`.

    `destination` takes the attributes of `base`. Owners are numeric. Setuid bits, modification
    times, extended attributes and hard links are kept. Needs root. Raises ToolError (disk full, not
    permitted) or ImageError (contradictory index, content ends early); the caller then removes the
    tree.
    """
    entries = _selected(rootfs, base)
    links = Counter(entry.inode for entry in entries if entry.is_file)
    with _explained(f"unpacking the image into {str(destination)!r}"):
        root = os.open(destination, _DIRECTORY)
        writer = _Writer(
            rootfs, base, root, FreeSpaceGuard(root, destination, "unpacking the image")
        )
        try:
            directories = [entry for entry in entries if entry.is_dir]
            for entry in directories:
                writer.make_directory(entry)
            for entry in entries:
                if entry.is_file:
                    writer.make_file(entry, links[entry.inode])
                elif entry.kind in _TYPES:
                    writer.make_node(entry)
            for entry in entries:
                if entry.is_symlink:
                    writer.make_symlink(entry)
            top = rootfs.get(base)
            for entry in (
                *reversed(directories),
                *((top,) if top is not None and top.is_dir else ()),
            ):
                writer.finish_directory(entry)
        finally:
            writer.close()
            os.close(root)
    return Materialised(len(entries), writer.bytes, writer.notes)
