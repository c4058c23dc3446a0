"""Copy of an image's package data in the tooling container, and the changes made to it.

Used for an image without a package manager, or without a shell for its scripts. The tooling
image's package manager works on a root with the image's package database, configuration and the
files of the packages to upgrade. The changes are then placed over the image.
"""

import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from careen.errors import ToolError
from careen.model.entry import Entry, EntryKind
from careen.model.paths import ROOT, ImagePath, ancestors, image_path
from careen.oci.extents import Extents, FilePart
from careen.oci.tar.read import Member, content_of, read_members
from careen.oci.tree.rootfs import Rootfs
from careen.patch.port import Placed
from careen.patch.sandbox import INSIDE, LONG, Sandbox
from careen.patch.sandbox_files import writing

PLACE = "/.careen-shadow"
MAX_CONTENT = 1 << 30
"""Most bytes that may be placed over an image, all files together."""
_CHUNK = 1 << 20
# changes in these directories are ignored
_SCRATCH = (INSIDE, "/dev", "/proc", "/run", "/sys", "/tmp", "/var/cache", "/var/log", "/var/tmp")  # noqa: S108
_KINDS = {
    EntryKind.FILE: tarfile.REGTYPE,
    EntryKind.DIRECTORY: tarfile.DIRTYPE,
    EntryKind.SYMLINK: tarfile.SYMTYPE,
}


@dataclass(frozen=True, slots=True)
class RootCopy:
    """Filled root; `given` are the image's entries in it."""

    sandbox: Sandbox
    rootfs: Rootfs
    given: Mapping[ImagePath, Entry]

    def changes(self, skip: Iterable[str] = ()) -> tuple[tuple[Placed, ...], tuple[ImagePath, ...]]:
        """Return the files to place and the paths to remove so that the image matches the root.

        Paths in `skip` are not changed.
        """
        left_out = frozenset(skip)
        placed, seen = [], set()
        for entry, content in _read(self.sandbox):
            seen.add(entry.path)
            if (
                entry.path in left_out
                or entry.path == ROOT
                or any(entry.path == top or entry.path.startswith(f"{top}/") for top in _SCRATCH)
            ):
                continue
            if not _same(entry, content, self.rootfs):
                placed.append(Placed(entry, content))
        gone = sorted(
            path
            for path, entry in self.given.items()
            if not entry.is_dir and path not in seen and path not in left_out
        )
        return tuple(sorted(placed, key=lambda each: each.entry.path)), tuple(gone)


def fill(sandbox: Sandbox, rootfs: Rootfs, paths: Iterable[ImagePath]) -> RootCopy:
    """Rebuild the root with these paths.

    Includes everything below them, their parent directories, and all links to directories.
    """
    given: dict[ImagePath, Entry] = {}
    for path in paths:
        entry = rootfs.get(path)
        if entry is not None:
            given[path] = entry
            given.update((below.path, below) for below in rootfs.below(path))
    given.update(
        (entry.path, entry)
        for entry in rootfs
        if entry.is_symlink and _leads_to_directory(rootfs, entry)
    )
    given.update(
        (above, rootfs[above])
        for path in tuple(given)
        for above in ancestors(path)
        if above in rootfs
    )
    given = {
        path: entry
        for path, entry in sorted(given.items())
        if entry.kind in _KINDS and path != ROOT
    }
    inside = sandbox.directory("shadow")
    with (
        writing(sandbox.scratch, "shadow/shadow.tar") as out,
        tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for entry in given.values():
            info = tarfile.TarInfo(entry.path.lstrip("/"))
            info.type, info.mode, info.uid, info.gid, info.mtime, info.linkname = (
                _KINDS[entry.kind],
                entry.mode,
                entry.uid,
                entry.gid,
                entry.mtime,
                entry.target,
            )
            if entry.is_file:
                info.size = entry.size
                with rootfs.open(entry.path) as stream:
                    tar.addfile(info, stream)
            else:
                tar.addfile(info)
    doing = "laying out the image's package database for the tooling image"
    sandbox.run(("rm", "-rf", PLACE), doing=doing, in_tooling=True)
    sandbox.run(("mkdir", PLACE), doing=doing, in_tooling=True)
    sandbox.run(
        ("tar", "-x", "-p", "-f", f"{inside}/shadow.tar", "-C", PLACE),
        doing=doing,
        timeout=LONG,
        in_tooling=True,
    )
    sandbox.remove("shadow/shadow.tar")
    return RootCopy(sandbox, rootfs, given)


def _leads_to_directory(rootfs: Rootfs, entry: Entry) -> bool:
    final = rootfs.walk(entry.path).final
    return final is not None and final.is_dir


def _same(entry: Entry, content: bytes, rootfs: Rootfs) -> bool:
    old = rootfs.get(entry.path)
    if old is None or (old.kind, old.mode, old.uid, old.gid, old.target) != (
        entry.kind,
        entry.mode,
        entry.uid,
        entry.gid,
        entry.target,
    ):
        return False
    if (
        dict(old.xattrs) != dict(entry.xattrs) and entry.xattrs
    ):  # busybox's tar has no xattrs, so missing ones were not removed
        return False
    if not entry.is_file:
        return True
    if old.size != entry.size:
        return False
    at = 0
    with rootfs.open(old.path) as stream:
        while chunk := stream.read(_CHUNK):
            if content[at : at + len(chunk)] != chunk:
                return False
            at += len(chunk)
    return True


def _read(sandbox: Sandbox) -> list[tuple[Entry, bytes]]:
    """Read the root from the tooling container's changes."""
    if sandbox.tooling is None:
        msg = "reading back what was upgraded: there is no tooling container"
        raise ToolError(msg)
    out: dict[ImagePath, tuple[Entry, bytes]] = {}
    left = MAX_CONTENT
    with TemporaryDirectory(
        prefix="shadow-", dir=sandbox.scratch.parent
    ) as private:  # outside the sandbox, which the container can write to
        archive = Path(private) / "changes.tar"
        sandbox.tooling.changes(archive)
        with archive.open("rb") as file:
            source = Extents([FilePart(file.fileno(), 0, archive.stat().st_size)])
            for member in read_members(source, "the tooling container's changes"):
                path = image_path(member.name, "the tooling container's changes")
                if not path.startswith(f"{PLACE}/") or "/.wh." in path:
                    continue
                inner = image_path(path.removeprefix(PLACE), "the tooling container's changes")
                content = _content(member, source, left, out)
                left -= len(content)
                out[inner] = (_entry(member, inner, len(content)), content)
    return list(out.values())


def _content(
    member: Member, source: Extents, left: int, read: Mapping[ImagePath, tuple[Entry, bytes]]
) -> bytes:
    if member.hard_link:
        other = read.get(
            image_path(image_path(member.link, "a link").removeprefix(PLACE), "a link")
        )
        content = other[1] if other is not None else b""
    elif member.kind is EntryKind.FILE:
        if member.size > left:
            msg = f"reading back what was upgraded: more than {MAX_CONTENT} bytes of files"
            raise ToolError(msg)
        with content_of(source, member.data, member.size, member.sparse).open() as stream:
            content = stream.read(member.size)
    else:
        content = b""
    if len(content) > left:
        msg = f"reading back what was upgraded: more than {MAX_CONTENT} bytes of files"
        raise ToolError(msg)
    return content


def _entry(member: Member, path: ImagePath, size: int) -> Entry:
    kind = EntryKind.FILE if member.hard_link else member.kind
    target = member.link if kind is EntryKind.SYMLINK else ""
    return Entry(
        path,
        kind,
        member.mode,
        member.uid,
        member.gid,
        size,
        member.mtime,
        -1,
        0,
        target,
        member.device,
        member.xattrs,
    )
