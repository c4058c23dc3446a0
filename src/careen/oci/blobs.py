"""Storage of an image's blobs: a layout directory or a tar file, read in place."""

import os
import stat
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

from careen.errors import ImageError, InputError
from careen.model.entry import EntryKind
from careen.model.paths import ImagePath, image_path, parent
from careen.model.runs.run_budget import RunBudget
from careen.oci.decompress import decompress, sniff
from careen.oci.extents import Extents, FilePart
from careen.oci.limits import MAX_DOCUMENT
from careen.oci.manifest import Compression
from careen.oci.tar.read import read_members

_HOPS = 8
_ARCHIVE_MEMBERS = 100_000


class Store(Protocol):
    """Named files of an image on disk.

    `find` returns the extents of one, or None; they are valid while the image is open.
    """

    def find(self, name: str) -> Extents | None: ...


def open_file(path: Path, files: ExitStack, *, follow: bool = True) -> Extents:
    """Open a regular file, closed by `files`; raise InputError if it is missing or not regular."""
    try:
        fd = os.open(
            path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | (0 if follow else os.O_NOFOLLOW)
        )
    except OSError as error:
        msg = f"{str(path)!r}: {error.strerror}; check the path"
        raise InputError(msg) from error
    files.callback(os.close, fd)
    seen = os.fstat(fd)
    if not stat.S_ISREG(seen.st_mode):
        msg = f"{str(path)!r}: not a regular file"
        raise InputError(msg)
    return Extents([FilePart(fd, 0, seen.st_size)])


class DirectoryStore:
    """An OCI layout directory; symlinks inside it are refused."""

    def __init__(self, path: Path, files: ExitStack) -> None:
        if not path.is_dir():
            msg = f"{str(path)!r}: not a directory with an OCI image layout; check the path"
            raise InputError(msg)
        self._path = path
        self._files = files

    def find(self, name: str) -> Extents | None:
        current = self._path
        for part in name.split("/"):
            current /= part
            # A symlink could name any file of the host.
            if current.is_symlink():
                msg = (
                    f"{str(current)!r}: a symlink inside an image layout; copy the layout with its"
                    " links resolved"
                )
                raise ImageError(msg)
        return open_file(current, self._files, follow=False) if current.exists() else None


class ArchiveStore:
    """A tar file, indexed once; links are resolved within the archive."""

    def __init__(self, path: Path, scratch: Path, files: ExitStack, budget: RunBudget) -> None:
        where = str(path)
        source = open_file(path, files)
        budget.admit(source.size)
        packing = sniff(source)
        if packing is not Compression.NONE:
            plain = decompress(source, packing, scratch, where, budget)
            files.callback(os.close, plain.fd)
            source = Extents([FilePart(plain.fd, 0, plain.size)])
        if source.size == 0:
            msg = f"{where}: an empty file, not an image archive"
            raise ImageError(msg)
        self._where = where
        self._files, self._links = _index(source, where)

    def find(self, name: str) -> Extents | None:
        path = image_path(name, self._where)
        # Old docker archives store repeated layers as symlinks.
        for _ in range(_HOPS):
            if path not in self._links:
                return self._files.get(path)
            path = self._links[path]
        msg = f"{self._where}: {name!r} is a loop of links"
        raise ImageError(msg)


def _index(
    source: Extents, where: str
) -> tuple[Mapping[ImagePath, Extents], Mapping[ImagePath, ImagePath]]:
    files: dict[ImagePath, Extents] = {}
    links: dict[ImagePath, ImagePath] = {}
    for member in read_members(source, where, _ARCHIVE_MEMBERS):
        path = image_path(member.name, where)
        if path in files or path in links:
            msg = f"{where}: {member.name[:200]!r} is in the archive twice"
            raise ImageError(msg)
        if member.hard_link:
            links[path] = image_path(member.link, where)
        elif member.kind is EntryKind.SYMLINK:
            links[path] = _inside(path, member.link, where)
        elif member.kind is EntryKind.FILE:
            if member.sparse is not None:
                msg = (
                    f"{where}: {member.name[:200]!r} is stored as a sparse file; write the archive"
                    " again without"
                )
                raise ImageError(msg)
            files[path] = Extents(source.slice(member.data, member.size))
    return files, links


def _inside(path: ImagePath, target: str, where: str) -> ImagePath:
    parts: list[str] = [] if target.startswith("/") else parent(path).strip("/").split("/")
    for part in target.split("/"):
        if part == ".." and not parts:
            msg = f"{where}: link {path!r} leaves the archive: {target[:200]!r}"
            raise ImageError(msg)
        if part == "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return image_path("/".join(parts), where)


def read_document(store: Store, name: str, where: str) -> bytes:
    """Return a small file; raise ImageError if it is missing or larger than MAX_DOCUMENT."""
    found = store.find(name)
    if found is None:
        msg = f"{where}: no {name!r} in it"
        raise ImageError(msg)
    if found.size > MAX_DOCUMENT:
        msg = (
            f"{where}: {name!r} has {found.size} bytes; at most {MAX_DOCUMENT} are read of a"
            " document"
        )
        raise ImageError(msg)
    return found.read_at(0, found.size)
