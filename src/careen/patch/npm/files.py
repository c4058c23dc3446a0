"""Files of a package as npm unpacks them from its archive.

The top directory is dropped, only regular files count, and commands are executable.
"""

import io
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from careen.errors import ImageError, ToolError
from careen.formats.json_document import mapping, parse_object, text
from careen.model.entry import Entry, EntryKind
from careen.model.paths import ImagePath, ancestors, image_path, join, parent
from careen.oci.tree.rootfs import Rootfs
from careen.patch.port import Placed

MAX_UNPACKED = 512 << 20
MAX_FILES = 100_000
_CHUNK = 1 << 20
_GZIP = 31
_MTIME = 499162500.0  # 1985-10-26: npm gives this time to every file of an archive


@dataclass(frozen=True, slots=True)
class Member:
    """One regular file of a package; `path` is relative to it."""

    path: str
    content: bytes
    executable: bool


@dataclass(frozen=True, slots=True)
class Archive:
    """Content of an archive; `document` is its package.json."""

    members: tuple[Member, ...]
    document: Mapping[str, Any]

    def bundled(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield the bundled packages: place relative to this one, package.json."""
        for member in self.members:
            if member.path.startswith("node_modules/") and member.path.endswith("/package.json"):
                try:
                    yield (
                        member.path.removesuffix("/package.json"),
                        parse_object(member.content, member.path, ImageError),
                    )
                except ImageError:
                    continue


def unpack(data: bytes, wanted: str) -> Archive:
    """Read an archive of the registry; it must state `wanted` (`name@version`).

    Raises ToolError if it is malformed, too large or another package.
    """
    try:
        with tarfile.open(fileobj=io.BytesIO(_inflated(data, wanted)), mode="r:") as archive:
            members = tuple(_members(archive, wanted))
    except (
        tarfile.TarError,
        ValueError,
        EOFError,
        OverflowError,
        IndexError,
        ImageError,
        RecursionError,
    ) as error:
        msg = (
            f"{wanted}: the package's archive cannot be read: {str(error)[:200]}; nothing was"
            " changed"
        )
        raise ToolError(msg) from error
    own = next((member.content for member in members if member.path == "package.json"), b"")
    try:
        document = parse_object(own, f"{wanted}: package.json of the archive", ToolError)
    except ToolError as error:
        msg = f"{error}; nothing was changed"
        raise ToolError(msg) from error
    stated = f"{text(document.get('name'))}@{text(document.get('version')).removeprefix('v')}"
    if stated != wanted:
        msg = f"{wanted}: the archive says that it is {stated[:120]!r}; nothing was changed"
        raise ToolError(msg)
    return Archive(members, document)


def _inflated(data: bytes, wanted: str) -> bytes:
    reader = zlib.decompressobj(_GZIP)
    out = bytearray()
    try:
        for at in range(0, len(data), _CHUNK):
            out += reader.decompress(data[at : at + _CHUNK], MAX_UNPACKED - len(out) + 1)
            if len(out) > MAX_UNPACKED or reader.unconsumed_tail:
                msg = f"it unpacks to more than {MAX_UNPACKED} bytes"
                raise ImageError(msg)
    except zlib.error as error:
        msg = f"{wanted}: no gzip file: {error}"
        raise ImageError(msg) from error
    return bytes(out)


def _members(archive: tarfile.TarFile, wanted: str) -> Iterator[Member]:
    seen: set[str] = set()
    for count, info in enumerate(archive):
        if count >= MAX_FILES:
            msg = f"more than {MAX_FILES} files"
            raise ImageError(msg)
        if not info.isreg():  # npm ignores links, too
            continue
        path = image_path(info.name, wanted).lstrip("/").partition("/")[2]
        stream = archive.extractfile(info)
        if not path or path in seen or stream is None:
            continue
        seen.add(path)
        yield Member(path, stream.read(info.size), bool(info.mode & 0o111))


def commands(document: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the commands of a package: name → file in it. Files outside it are ignored."""
    stated = document.get("bin")
    own = text(document.get("name")).rpartition("/")[2]
    found = {own: stated} if isinstance(stated, str) else mapping(stated)
    out: dict[str, str] = {}
    for command, target in found.items():
        try:
            file = image_path(text(target), "bin").lstrip("/")
        except ImageError:
            continue
        if file and "/" not in command and command not in ("", ".", ".."):
            out[command] = file
    return out


class Exchange:
    """Files of a project to place and to remove, collected over several packages.

    The last file placed at a path counts.
    """

    def __init__(self, rootfs: Rootfs, directory: ImagePath) -> None:
        self._rootfs = rootfs
        self._directory = directory
        self._placed: dict[ImagePath, Placed] = {}
        self._removed: set[ImagePath] = set()

    def package(self, place: str, archive: Archive, *, whole: bool) -> None:
        """Replace a package; with `whole`, the archive also replaces what is nested in it."""
        home = join(self._directory, *place.split("/"))
        owner = self._rootfs.get(join(home, "package.json")) or self._owner(home)
        self.remove(place, whole=whole)
        executable = set(commands(archive.document).values())
        for member in archive.members:
            if member.path.startswith("node_modules/") and not whole:
                continue
            path = image_path(f"{home}/{member.path}", place)
            mode = 0o755 if member.executable or member.path in executable else 0o644
            content = (
                member.content.replace(b"\r\n", b"\n", 1)
                if member.path in executable and member.content.startswith(b"#!")
                else member.content
            )
            self._file(path, content, owner, mode)

    def remove(self, place: str, *, whole: bool) -> None:
        """Remove a package; without `whole`, keep what is nested in it."""
        home = join(self._directory, *place.split("/"))
        nested = f"{home}/node_modules/"
        whole = whole or not self._rootfs.children(ImagePath(nested[:-1]))
        self._removed.update(
            entry.path
            for entry in self._rootfs.below(home)
            if whole or not f"{entry.path}/".startswith(nested)
        )
        if whole and home in self._rootfs:
            self._removed.add(home)
        for path in [
            path
            for path in self._placed
            if path.startswith(f"{home}/") and (whole or not path.startswith(nested))
        ]:
            del self._placed[path]

    def links(self, place: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Update npm's links in `.bin` to the commands of a package."""
        head, _, tail = place.rpartition("node_modules/")
        bin_ = image_path(f"{self._directory}/{head}node_modules/.bin", place)
        old, new = commands(before), commands(after)
        for command, file in sorted({**old, **new}.items()):
            path = image_path(f"{bin_}/{command}", place)
            entry = self._rootfs.get(path)
            is_ours = (
                entry is not None
                and entry.is_symlink
                and entry.target == f"../{tail}/{old.get(command, '')}"
            )
            if command not in new:
                if is_ours:
                    self._removed.add(path)
            elif is_ours or entry is None:
                if is_ours and old.get(command) == file:
                    continue
                owner = self._owner(bin_)
                link = Entry(
                    path,
                    EntryKind.SYMLINK,
                    0o777,
                    owner.uid,
                    owner.gid,
                    0,
                    _MTIME,
                    -1,
                    0,
                    f"../{tail}/{file}",
                )
                self._placed[path] = Placed(link, b"")

    def file(self, path: ImagePath, content: bytes) -> None:
        """Overwrite a file; keep its attributes."""
        entry = self._rootfs[path]
        self._placed[path] = Placed(
            Entry(
                path,
                EntryKind.FILE,
                entry.mode,
                entry.uid,
                entry.gid,
                len(content),
                entry.mtime,
                -1,
                0,
                xattrs=entry.xattrs,
            ),
            content,
        )

    def placed(self) -> tuple[Placed, ...]:
        """Return what to place, by path, with missing parent directories."""
        out = dict(self._placed)
        for path, item in self._placed.items():
            for above in ancestors(path):
                if above in out or (above in self._rootfs and above not in self._removed):
                    break
                owner = item.entry
                out[above] = Placed(
                    Entry(
                        above, EntryKind.DIRECTORY, 0o755, owner.uid, owner.gid, 0, _MTIME, -1, 0
                    ),
                    b"",
                )
        return tuple(out[path] for path in sorted(out))

    def removed(self) -> tuple[ImagePath, ...]:
        """Return the topmost paths that are removed and not placed again."""
        kept = {path for placed in self._placed for path in (placed, *ancestors(placed))}
        gone = self._removed - kept
        return tuple(sorted(path for path in gone if parent(path) not in gone))

    def _file(self, path: ImagePath, content: bytes, owner: Entry, mode: int) -> None:
        old = self._rootfs.get(path)
        if old is not None and old.is_file:
            mode |= old.mode & 0o111  # the image's builder made it executable
        self._placed[path] = Placed(
            Entry(path, EntryKind.FILE, mode, owner.uid, owner.gid, len(content), _MTIME, -1, 0),
            content,
        )

    def _owner(self, path: ImagePath) -> Entry:
        return next(
            (entry for above in ancestors(path) if (entry := self._rootfs.get(above)) is not None),
            self._rootfs[ImagePath("/")],
        )
