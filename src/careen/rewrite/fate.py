"""What becomes of a path that a package database names, in the database's own spelling."""

import enum

from careen.model.entry import EntryKind
from careen.model.paths import MAX_PATH, ROOT, ImagePath
from careen.model.plan import Plan
from careen.oci.rootfs import Rootfs

_MEMO = 100_000


class Fate(enum.Enum):
    """`ABSENT`: the image did not have it before either (documentation that a slim image leaves out, for example)."""

    KEPT = "kept"
    REMOVED = "removed"
    ABSENT = "absent"


class RealPaths:
    """Where a path as written leads, through the links of its directories (`/lib/x` is `/usr/lib/x` where `/lib` is a link).

    Databases are hostile: each link is walked once and remembered, so a line costs no more than its own length.
    """

    def __init__(self, rootfs: Rootfs) -> None:
        self._rootfs = rootfs
        self._links: dict[ImagePath, ImagePath | None] = {}
        self._directories: dict[tuple[ImagePath, str], ImagePath | None] = {}

    def find(self, text: str, base: ImagePath = ROOT) -> ImagePath | None:
        """Return the path of the entry that `text` names (a link in the last place is not followed), or None. `base` is a directory of the image."""
        if len(text) > MAX_PATH:
            return None
        head, slash, last = text.rpartition("/")
        if last in ("", ".", ".."):
            return self._directory(text, base)
        directory = self._directory(head + slash, base)
        if directory is None:
            return None
        here = ImagePath(f"{'' if directory == ROOT else directory}/{last}")
        return here if here in self._rootfs else None

    def _directory(self, text: str, base: ImagePath) -> ImagePath | None:
        key = (base, text)
        if key not in self._directories:
            if len(self._directories) >= _MEMO:
                self._directories.clear()
            self._directories[key] = self._walk(text, base)
        return self._directories[key]

    def _walk(self, text: str, base: ImagePath) -> ImagePath | None:
        current = "" if text.startswith("/") or base == ROOT else base
        for part in text.split("/"):
            if part in ("", "."):
                continue
            if part == "..":
                current = current.rpartition("/")[0]
                continue
            followed = self._follow(ImagePath(f"{current}/{part}"))
            if followed is None:
                return None
            current = "" if followed == ROOT else followed
        return ImagePath(current or "/")

    def _follow(self, path: ImagePath) -> ImagePath | None:
        entry = self._rootfs.get(path)
        if entry is None:
            return None
        if entry.kind is not EntryKind.SYMLINK:
            return path
        if path not in self._links:
            final = self._rootfs.walk(path).final
            self._links[path] = final.path if final is not None else None
        return self._links[path]


class Fates:
    """The fate of every path that a database may name, under one plan."""

    def __init__(self, rootfs: Rootfs, plan: Plan) -> None:
        self._real = RealPaths(rootfs)
        self._plan = plan

    def path(self, text: str, base: ImagePath = ROOT) -> ImagePath | None:
        """Return the image's own path for `text`, or None if the image does not have it."""
        return self._real.find(text, base)

    def of(self, text: str, base: ImagePath = ROOT) -> Fate:
        """Return what becomes of `text`, which is absolute or relative to `base`."""
        found = self._real.find(text, base)
        if found is None:
            return Fate.ABSENT
        return Fate.KEPT if found in self._plan.keep else Fate.REMOVED
