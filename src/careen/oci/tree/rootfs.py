"""The merged root file system of an image: an index from path to entry, nothing extracted."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Protocol, runtime_checkable

from careen.errors import ImageError
from careen.model.entry import Entry, EntryKind
from careen.model.machines import MAGIC
from careen.model.paths import ROOT, ImagePath, image_path, parent
from careen.model.runs.run_budget import RunBudget
from careen.oci.extents import Extents

MAX_LINKS = 40  # the kernel's own limit (path_resolution(7))
# Components of all link targets on one walk. The kernel accepts 80,000, which would take hours for
# a million paths.
MAX_LINK_PARTS = 1000


class Content(Protocol):
    """Source of file contents.

    `open` returns a readable, seekable stream of exactly `entry.size` bytes; the caller closes it.
    """

    def open(self, entry: Entry) -> BinaryIO: ...


@runtime_checkable
class InPlace(Protocol):
    """Content that lies in files as it is."""

    def extents(self, entry: Entry) -> Extents: ...


@dataclass(frozen=True, slots=True)
class Walk:
    """The result of resolving a path as the kernel does.

    `final` is the entry reached, or None if it is missing; `end` is the path where the walk ended,
    or the missing path; `links` are the symlinks followed, in order.
    """

    final: Entry | None
    end: ImagePath
    links: tuple[ImagePath, ...]


class Rootfs:
    """Immutable mapping of every path, parents included, to its Entry.

    Iteration is in path order. Reading takes from `budget`.
    """

    def __init__(
        self, entries: Mapping[ImagePath, Entry], content: Content, budget: RunBudget | None = None
    ) -> None:
        self.budget = budget if budget is not None else RunBudget()
        self._entries = dict(sorted(entries.items()))
        self._content = content
        # Asking a protocol takes as long as finding the place of a file.
        self._in_place = content if isinstance(content, InPlace) else None
        self._children: dict[ImagePath, list[ImagePath]] | None = None

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, path: object) -> bool:
        return path in self._entries

    def get(self, path: ImagePath) -> Entry | None:
        """Return the entry at exactly this path (no link is followed), or None."""
        return self._entries.get(path)

    def __getitem__(self, path: ImagePath) -> Entry:
        return self._entries[path]

    def children(self, directory: ImagePath) -> tuple[ImagePath, ...]:
        """Return the paths directly in `directory`, sorted; empty if it is not a directory."""
        if self._children is None:
            self._children = {}
            for path in self._entries:
                if path != ROOT:
                    self._children.setdefault(parent(path), []).append(path)
        return tuple(self._children.get(directory, ()))

    def below(self, directory: ImagePath) -> Iterator[Entry]:
        """Yield every entry below `directory`, depth first in path order, without itself."""
        todo = list(reversed(self.children(directory)))
        # Not recursive: an image can nest directories deeper than the interpreter's stack.
        while todo:
            entry = self._entries[todo.pop()]
            yield entry
            if entry.kind is EntryKind.DIRECTORY:
                todo.extend(reversed(self.children(entry.path)))

    def walk(
        self, path: str, base: ImagePath = ROOT, *, follow: bool = True, root: str = ROOT
    ) -> Walk:
        """Resolve `path` (from `base` if relative) through symlinks, as path_resolution(7) does.

        `follow` applies to a symlink in the last component; absolute paths and links start at
        `root`, as after chroot(2). A loop, links of more than MAX_LINK_PARTS components in all, or
        a file in the place of a directory counts as missing.
        """
        links: list[ImagePath] = []
        left = MAX_LINK_PARTS
        top = "" if root == ROOT else root.rstrip("/")
        todo = [part for part in reversed(path.split("/")) if part not in ("", ".")]
        current = top if path.startswith("/") else "" if base == ROOT else base
        while todo:
            part = todo.pop()
            if part == "..":
                if current != top:
                    current = current.rpartition("/")[0]
                continue
            here = ImagePath(f"{current}/{part}")
            entry = self._entries.get(here)
            if entry is None:
                rest = "".join(f"/{name}" for name in reversed(todo) if name != "..")
                return Walk(None, ImagePath(here + rest), tuple(links))
            if entry.kind is EntryKind.SYMLINK and (todo or follow):
                links.append(here)
                left -= entry.target.count("/") + 1
                if len(links) > MAX_LINKS or left < 0:
                    return Walk(None, here, tuple(links))
                if entry.target.startswith("/"):
                    current = top
                todo.extend(
                    part for part in reversed(entry.target.split("/")) if part not in ("", ".")
                )
                continue
            current = here
        end = ImagePath(current or "/")
        return Walk(self._entries.get(end), end, tuple(links))

    def through(self, wrap: Callable[[Content], Content]) -> "Rootfs":
        """Return the same paths, with a content that is made of this one's."""
        return Rootfs(self._entries, wrap(self._content), self.budget)

    def open(self, path: ImagePath) -> BinaryIO:
        """Open the regular file at exactly `path`; raise ImageError if it is not one."""
        entry = self._entries.get(path)
        if entry is None or not entry.is_file:
            msg = f"{path}: not a regular file of the image"
            raise ImageError(msg)
        self.budget.check(path)
        return self._content.open(entry)

    def extents(self, path: ImagePath) -> Extents | None:
        """Return where the content of a regular file lies, or None if it does not lie in files."""
        self.budget.check(path)
        return self._in_place.extents(self._entries[path]) if self._in_place is not None else None

    def head(self, path: ImagePath, size: int) -> bytes:
        """Return the first bytes of a regular file, at most `size`."""
        return self._head(path, self.extents(path), size)

    def begins_as_elf(self, path: ImagePath) -> bool:
        """Return whether a regular file begins as ELF does."""
        extents = self.extents(path)
        known = extents.known_program if extents is not None else None
        return self._head(path, extents, len(MAGIC)) == MAGIC if known is None else known

    def _head(self, path: ImagePath, extents: Extents | None, size: int) -> bytes:
        # Opening a stream takes longer than reading some bytes, for each of 60,000 files.
        if extents is not None:
            return extents.read_at(0, size)
        with self.open(path) as stream:
            return stream.read(size)

    def read(self, path: ImagePath, limit: int) -> bytes:
        """Return a regular file's content; raise ImageError for more than `limit` bytes."""
        with self.open(path) as stream:
            data = stream.read(limit + 1)
        if len(data) > limit:
            msg = f"{path}: larger than the {limit} bytes that are read of such a file"
            raise ImageError(msg)
        return data

    def find(self, text: str) -> Entry | None:
        """Return the entry that `text` leads to after following links, or None."""
        return self.walk(image_path(text, "path")).final
