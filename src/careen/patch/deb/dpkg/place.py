"""Files of a package's new version to place, and of its old version to remove, without dpkg.

Files that the image has are replaced. Files that it lacks (it was hardened) are added only if
they are new in this version, a present link leads to them, or a present file links with them.
"""

import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from careen.formats.elf.program import ElfInfo, elf_info
from careen.model.entry import S_ISGID, S_ISUID, Entry, EntryKind
from careen.model.paths import ROOT, ImagePath, ancestors, parent
from careen.oci.tree.rootfs import Rootfs
from careen.patch.deb.dpkg.archive import DebFile, DebMember
from careen.patch.deb.dpkg.places import Places
from careen.patch.port import Placed

MAX_COMPARED = 64 << 20
_SETID = S_ISUID | S_ISGID


@dataclass(frozen=True, slots=True)
class Installed:
    """What an image has of a package: the paths in its file lists, and its configuration files.

    `conffiles` maps paths to the MD5 of the shipped content.
    """

    name: str
    listed: tuple[str, ...]
    conffiles: Mapping[str, str]


@dataclass(slots=True)
class Placement:
    """Changes to the image by one package.

    `present` are the package's paths that exist afterwards, as the package names them.
    """

    placed: dict[ImagePath, Placed] = field(default_factory=dict)
    removed: dict[ImagePath, None] = field(default_factory=dict)
    present: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    kept_conffiles: list[str] = field(default_factory=list)


def place(new: DebFile, before: DebFile | None, installed: Installed, places: Places) -> Placement:
    """Return the changes for one package.

    `before` is the installed version's package file, if the archive still has it.
    """
    return _Placing(new, before, installed, places).run()


class _Placing:
    def __init__(
        self, new: DebFile, before: DebFile | None, installed: Installed, places: Places
    ) -> None:
        self.new = new
        self.before = (
            {member.path: member for member in before.members} if before is not None else None
        )
        self.installed = installed
        self.places = places
        self.rootfs = places.rootfs
        self.out = Placement()
        self.numbers: dict[str, int] = {}
        self.directories = {
            member.path: member for member in new.members if member.kind is EntryKind.DIRECTORY
        }
        self.where = {member.path: places.of(member.path, installed.name) for member in new.members}

    def run(self) -> Placement:
        chosen = self._chosen()
        for member in self.new.members:
            if member.path in chosen:
                self._put(member, self.where[member.path])
        there = {
            *chosen,
            *(text for text, where in self.where.items() if self._is_there(text, where)),
        }
        self.out.present += [text for text in self.where if text in there]
        self.out.left_out += [
            text
            for text, where in self.where.items()
            if text not in there and text not in self.directories and where not in self.out.placed
        ]
        self._remove()
        return self.out

    def _is_there(self, text: str, where: ImagePath) -> bool:
        entry = self.rootfs.get(where)
        if text in self.directories:
            found = self.rootfs.walk(where).final if entry is not None else None
            return where in self.out.placed or (found is not None and found.is_dir)
        return where in self.out.placed or (entry is not None and not entry.is_dir)

    def _chosen(self) -> set[str]:
        """Return the files and links that the new version replaces or adds."""
        conffiles = self.new.conffiles()
        chosen: set[str] = set()
        absent: dict[str, DebMember] = {}
        for member in self.new.members:
            if member.kind is EntryKind.DIRECTORY:
                continue
            where = self.where[member.path]
            entry = self.rootfs.get(where)
            if (entry is not None and entry.is_dir) or not self._can_be(where):
                continue
            if member.path in conffiles:
                if self._takes_conffile(member, entry):
                    chosen.add(member.path)
            elif entry is not None or (self.before is not None and member.path not in self.before):
                chosen.add(member.path)
            else:
                absent[member.path] = member
        by_name: dict[str, str] = {path.rpartition("/")[2]: path for path in absent}
        todo = [member for member in self.new.members if member.path in chosen]
        while todo:
            for path in self._leads_to(todo.pop(), absent, by_name):
                chosen.add(path)
                todo.append(absent.pop(path))
        return chosen

    def _can_be(self, where: ImagePath) -> bool:
        """Return whether a path's nearest existing ancestor is a directory."""
        found = next(
            (entry for entry in map(self.rootfs.get, ancestors(where)) if entry is not None), None
        )
        return found is None or found.is_dir

    def _takes_conffile(self, member: DebMember, entry: Entry | None) -> bool:
        """Return whether a configuration file is replaced or added.

        An unchanged file is replaced, a changed one kept, and a missing one added only if it is
        new.
        """
        known = self.installed.conffiles.get(member.path)
        if entry is None:
            return known is None and self.before is not None and member.path not in self.before
        if not entry.is_file or entry.size > MAX_COMPARED:
            return False
        content = self.rootfs.read(entry.path, MAX_COMPARED)
        came = known or (
            _md5(self.before[member.path].content)
            if self.before is not None and member.path in self.before
            else ""
        )
        if _md5(content) == came:
            return True
        if content != member.content:
            self.out.kept_conffiles.append(member.path)
        return False

    def _leads_to(
        self, member: DebMember, absent: Mapping[str, DebMember], by_name: Mapping[str, str]
    ) -> Iterator[str]:
        """Yield absent paths that a new file needs: a link's target or linked libraries."""
        if member.kind is EntryKind.SYMLINK:
            target = (
                member.target
                if member.target.startswith("/")
                else f"{member.path.rpartition('/')[0]}/{member.target}"
            )
            here = self.places.of(_plain(target), self.installed.name)
            yield from [path for path in absent if self.where[path] == here]
        elif member.content.startswith(b"\x7fELF"):
            info = elf_info(io.BytesIO(member.content))
            for name in dict.fromkeys(info.needed) if isinstance(info, ElfInfo) else ():
                path = by_name.get(name)
                if path is not None and path in absent and name not in self.places.names:
                    yield path

    def _put(self, member: DebMember, where: ImagePath) -> None:
        entry = self.rootfs.get(where)
        made = self._entry(member, where, entry)
        if entry is None or not self._same(entry, made, member.content):
            self._parents(where, member.path)
            self.out.placed[where] = Placed(made, member.content)
            if entry is None or entry.is_file:
                self._byte_code(where)

    def _entry(self, member: DebMember, where: ImagePath, entry: Entry | None) -> Entry:
        """Return the new attributes: the package's, unless the image changed them.

        Extended attributes (capabilities) are kept.
        """
        mode, uid, gid = member.mode, member.uid, member.gid
        was = self.before.get(member.path) if self.before is not None else None
        if entry is not None and entry.kind is member.kind:
            if was is None:
                mode = (entry.mode & ~_SETID) | (entry.mode & member.mode & _SETID)
                uid, gid = entry.uid, entry.gid
            elif (entry.mode, entry.uid, entry.gid) != (was.mode, was.uid, was.gid):
                mode, uid, gid = entry.mode, entry.uid, entry.gid
        first = member.same_as or member.path
        number = self.numbers.setdefault(first, self.places.number())
        return Entry(
            where,
            member.kind,
            mode,
            uid,
            gid,
            len(member.content),
            member.mtime,
            entry.layer if entry is not None else 0,
            number,
            member.target,
            xattrs=entry.xattrs
            if entry is not None and entry.is_file and member.kind is EntryKind.FILE
            else {},
        )

    def _same(self, entry: Entry, made: Entry, content: bytes) -> bool:
        if (entry.kind, entry.mode, entry.uid, entry.gid, entry.target) != (
            made.kind,
            made.mode,
            made.uid,
            made.gid,
            made.target,
        ):
            return False
        return not entry.is_file or (
            entry.size == len(content) <= MAX_COMPARED
            and self.rootfs.read(entry.path, MAX_COMPARED) == content
        )

    def _parents(self, where: ImagePath, text: str) -> None:
        """Place missing parent directories, with the package's attributes."""
        above = parent(where)
        while above != ROOT and above not in self.rootfs and above not in self.out.placed:
            text = text.rpartition("/")[0]
            member = self.directories.get(text)
            mode, uid, gid, mtime = (
                (member.mode, member.uid, member.gid, member.mtime)
                if member is not None
                else (0o755, 0, 0, 0.0)
            )
            self.out.placed[above] = Placed(
                Entry(
                    above, EntryKind.DIRECTORY, mode, uid, gid, 0, mtime, 0, self.places.number()
                ),
                b"",
            )
            above = parent(above)

    def _remove(self) -> None:
        """Remove paths that the new version no longer has; configuration stays, as with dpkg."""
        kept = {*self.where.values(), *self.out.placed}
        old = [*self.installed.listed, *(self.before or ())]
        for text in dict.fromkeys(old):
            where = self.places.of(text, self.installed.name)
            entry = self.rootfs.get(where)
            if (
                entry is None
                or entry.is_dir
                or where in kept
                or text in self.installed.conffiles
                or text.startswith("/etc/")
            ):
                continue
            self.out.removed[where] = None
            self._byte_code(where)

    def _byte_code(self, where: ImagePath) -> None:
        """Remove the byte code of a module that is replaced or removed."""
        if not where.endswith(".py"):
            return
        directory, _, last = where.rpartition("/")
        stem = last.removesuffix(".py")
        cached = [
            path
            for path in self.rootfs.children(ImagePath(f"{directory}/__pycache__"))
            if path.rpartition("/")[2].startswith(f"{stem}.")
        ]
        for path in (*cached, ImagePath(f"{where}c")):
            if path in self.rootfs and path.endswith(".pyc"):
                self.out.removed[path] = None


def _plain(text: str) -> str:
    parts: list[str] = []
    for part in text.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def libraries(placed: Iterable[Placed], rootfs: Rootfs) -> tuple[ImagePath, ...]:
    """Return new shared libraries outside the loader's default directories.

    The loader finds those only by its cache, which is not updated.
    """
    return tuple(
        sorted(
            each.entry.path
            for each in placed
            if ".so" in each.entry.path.rpartition("/")[2]
            and each.entry.path not in rootfs
            and not each.entry.path.startswith(("/lib/", "/usr/lib/", "/lib64/", "/usr/lib64/"))
        )
    )
