"""Conversion of an overlay's upper directory to an OCI layer: a container's changes.

The content is hostile and the container may still run. Each name is opened relative to its
directory's descriptor, and no link is followed.
"""

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from careen.errors import ToolError
from careen.model.entry import EntryKind
from careen.oci.limits import MAX_MEMBERS
from careen.oci.tar.write import END, TarHeaderFields, header, padding
from careen.oci.tree.kept_xattrs import is_stored_xattr
from careen.oci.tree.layer_tree import OPAQUE, WHITEOUT

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CHUNK = 1 << 20
_DEEPEST = 256  # each level holds a descriptor
_OVERLAY = "trusted.overlay."
_NODES = {
    stat.S_IFCHR: EntryKind.CHARACTER,
    stat.S_IFBLK: EntryKind.BLOCK,
    stat.S_IFIFO: EntryKind.FIFO,
}


class UnresolvedOverlayError(ToolError):
    """The upper directory has an entry that only overlayfs can resolve.

    Examples are a moved directory and metadata without content.
    """


@dataclass(slots=True)
class _Level:
    """A directory being read: its descriptor, its path without a leading slash, the names left."""

    fd: int
    path: bytes
    names: Iterator[bytes]


@dataclass(slots=True)
class _Writer:
    out: BinaryIO
    room: int
    members: int = 0
    first: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def say(self, heading: TarHeaderFields) -> None:
        self.members += 1
        if self.members > MAX_MEMBERS:
            msg = f"reading what a container has changed: more than {MAX_MEMBERS} entries"
            raise ToolError(msg)
        self.out.write(header(heading))

    def whiteout(self, directory: bytes, name: str) -> None:
        self.say(
            TarHeaderFields(
                _text(_below(directory, name.encode("utf-8", "surrogateescape"))), EntryKind.FILE, 0
            )
        )

    def content(self, fd: int, size: int, path: bytes) -> None:
        """Copy exactly `size` bytes, as stated in the header."""
        if size > self.room:
            msg = (
                f"{_shown(path)}: {size} bytes, and there is room for {self.room}; free some, or"
                " name another disk with --work-dir"
            )
            raise ToolError(msg)
        left = size
        while left:
            chunk = os.read(fd, min(_CHUNK, left))
            if not chunk:
                msg = (
                    f"{_shown(path)}: became shorter while it was read; something in the container"
                    " still writes to it"
                )
                raise ToolError(msg)
            self.out.write(chunk)
            left -= len(chunk)
        self.out.write(bytes(padding(size)))
        self.room -= size


def write_upper(upper: Path, destination: Path) -> None:
    """Write the layer, uncompressed, to the new file `destination`.

    Names are sorted within a directory, and directories precede their content. Whiteouts and opaque
    directories take the image specification's form; sockets are left out. Of extended attributes it
    keeps capabilities, ACLs and those in `user.`. Needs root. Raises NotPlainError, and ToolError
    for a full disk or an unreadable entry.
    """
    try:
        with destination.open("wb") as out:
            space = os.statvfs(destination)
            writer = _Writer(out, space.f_bavail * space.f_frsize)
            _write(upper, writer)
            out.write(END)
    except OSError as error:
        destination.unlink(missing_ok=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            msg = (
                "reading what a container has changed: no space left; free some, or name another"
                " disk with --work-dir"
            )
        else:
            msg = (
                f"reading what a container has changed from {str(upper)!r}:"
                f" {error.strerror or error}"
            )
        raise ToolError(msg) from error
    except BaseException:
        destination.unlink(missing_ok=True)
        raise


def _write(upper: Path, writer: _Writer) -> None:
    with contextlib.ExitStack() as stack:
        levels: list[_Level] = []
        stack.callback(_close, levels)
        levels.append(_opened(os.open(upper, _DIRECTORY), b"", writer))
        while levels:
            level = levels[-1]
            name = next(level.names, None)
            if name is None:
                os.close(levels.pop().fd)
                continue
            fd = _entry(level, name, writer)
            if fd is not None:
                if len(levels) >= _DEEPEST:
                    os.close(fd)
                    msg = (
                        f"{_shown(_below(level.path, name))}: directories are nested more than"
                        f" {_DEEPEST} deep"
                    )
                    raise ToolError(msg)
                levels.append(_opened(fd, _below(level.path, name), writer))


def _close(levels: list[_Level]) -> None:
    """Close the descriptors that are still open after an exception."""
    for level in levels:
        os.close(level.fd)


def _opened(fd: int, path: bytes, writer: _Writer) -> _Level:
    """Write the directory's own entry and its opaque marker; take over the descriptor."""
    try:
        seen = os.fstat(fd)
        own = _attributes(fd, path)
        # The root has an entry, too: an upgrade may change its mode.
        writer.say(
            TarHeaderFields(
                _text(path) or ".",
                EntryKind.DIRECTORY,
                seen.st_mode & 0o7777,
                seen.st_uid,
                seen.st_gid,
                0,
                _mtime(seen),
                xattrs=own.kept,
            )
        )
        if own.opaque:
            writer.whiteout(path, OPAQUE)
        return _Level(fd, path, iter(sorted(os.fsencode(name) for name in os.listdir(fd))))
    except BaseException:
        os.close(fd)
        raise


def _entry(level: _Level, name: bytes, writer: _Writer) -> int | None:
    """Write one entry, or return the descriptor of a directory without writing it."""
    path = _below(level.path, name)
    try:
        seen = os.stat(name, dir_fd=level.fd, follow_symlinks=False)
    except FileNotFoundError:
        return None  # removed since the directory was listed
    kind = stat.S_IFMT(seen.st_mode)
    if kind == stat.S_IFCHR and seen.st_rdev == 0:
        writer.whiteout(level.path, WHITEOUT + _text(name))
        return None
    if name.startswith(WHITEOUT.encode()):
        msg = f"{_shown(path)}: an image cannot hold a file whose name starts with {WHITEOUT!r}"
        raise ToolError(msg)
    if kind == stat.S_IFDIR:
        return os.open(name, _DIRECTORY, dir_fd=level.fd)
    if kind == stat.S_IFSOCK:
        return None
    if (leader := _leader(seen, path, writer)) is not None:
        _hard_link(level, name, seen, (path, leader), writer)
        return None
    common = (seen.st_mode & 0o7777, seen.st_uid, seen.st_gid)
    if kind == stat.S_IFLNK:
        writer.say(
            TarHeaderFields(
                _text(path),
                EntryKind.SYMLINK,
                0o777,
                *common[1:],
                0,
                _mtime(seen),
                _text(os.readlink(name, dir_fd=level.fd)),
            )
        )
    elif kind in _NODES:
        device = (os.major(seen.st_rdev), os.minor(seen.st_rdev))
        writer.say(
            TarHeaderFields(_text(path), _NODES[kind], *common, 0, _mtime(seen), device=device)
        )
    else:
        _file(level, name, path, writer)
    return None


def _leader(seen: os.stat_result, path: bytes, writer: _Writer) -> bytes | None:
    """Return the name under which an inode was written before, None for its first name."""
    if seen.st_nlink == 1:
        return None
    leader = writer.first.setdefault((seen.st_dev, seen.st_ino), path)
    return leader if leader != path else None


def _hard_link(
    level: _Level, name: bytes, seen: os.stat_result, paths: tuple[bytes, bytes], writer: _Writer
) -> None:
    """Write a link; `paths` are its own and that of the entry it leads to."""
    path, leader = paths
    kept: dict[str, bytes] = {}
    # Without the attributes, unpacking the link would take the file's capabilities away.
    if stat.S_ISREG(seen.st_mode):
        fd = os.open(name, _FILE, dir_fd=level.fd)
        try:
            kept = _attributes(fd, path).kept
        finally:
            os.close(fd)
    writer.say(
        TarHeaderFields(
            _text(path),
            EntryKind.FILE,
            0o777 if stat.S_ISLNK(seen.st_mode) else seen.st_mode & 0o7777,
            seen.st_uid,
            seen.st_gid,
            0,
            _mtime(seen),
            _text(leader),
            hard_link=True,
            xattrs=kept,
        )
    )


def _file(level: _Level, name: bytes, path: bytes, writer: _Writer) -> None:
    fd = os.open(name, _FILE, dir_fd=level.fd)
    try:
        seen = os.fstat(fd)  # the name may have been given to another file
        if not stat.S_ISREG(seen.st_mode):
            msg = (
                f"{_shown(path)}: was replaced while it was read; something in the container still"
                " works"
            )
            raise ToolError(msg)
        own = _attributes(fd, path)
        writer.say(
            TarHeaderFields(
                _text(path),
                EntryKind.FILE,
                seen.st_mode & 0o7777,
                seen.st_uid,
                seen.st_gid,
                seen.st_size,
                _mtime(seen),
                xattrs=own.kept,
            )
        )
        writer.content(fd, seen.st_size, path)
    finally:
        os.close(fd)


@dataclass(frozen=True, slots=True)
class _Attributes:
    kept: dict[str, bytes]
    opaque: bool


def _attributes(fd: int, path: bytes) -> _Attributes:
    """Read the extended attributes of an open file.

    Raises NotPlainError for an overlay attribute that refers elsewhere.
    """
    try:
        names = os.listxattr(fd)
    except OSError as error:
        if error.errno == errno.ENOTSUP:
            return _Attributes({}, opaque=False)
        raise
    kept: dict[str, bytes] = {}
    opaque = False
    for name in names:
        if name.startswith(_OVERLAY):
            value = os.getxattr(fd, name)
            what = name[len(_OVERLAY) :]
            if what in ("redirect", "metacopy", "whiteout") or (what == "opaque" and value != b"y"):
                msg = (
                    f"{_shown(path)}: overlayfs has marked it with {name!r}, so its directory of"
                    " changes does not say all"
                )
                raise UnresolvedOverlayError(msg)
            opaque = opaque or what == "opaque"
        elif is_stored_xattr(name):
            kept[name] = os.getxattr(fd, name)
    return _Attributes(kept, opaque)


def _mtime(seen: os.stat_result) -> float:
    return seen.st_mtime_ns / 1_000_000_000


def _below(directory: bytes, name: bytes) -> bytes:
    return directory + b"/" + name if directory else name


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")


def _shown(path: bytes) -> str:
    return f"reading what a container has changed: {'/' + path[:200].decode('utf-8', 'replace')!r}"
