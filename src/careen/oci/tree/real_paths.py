"""Resolution of paths in package databases to paths of the image."""

from careen.model.entry import EntryKind
from careen.model.paths import MAX_PATH, ROOT, ImagePath
from careen.oci.tree.rootfs import Rootfs

_MEMO = 100_000


class RealPaths:
    """Resolves links in the directories of a path, but never its last name.

    `/lib/libc.so.6` is `/usr/lib/libc.so.6` if `/lib` is a link, and a listed link stays that link.
    """

    def __init__(self, rootfs: Rootfs) -> None:
        self._rootfs = rootfs
        # Databases are hostile: each link is walked once, so a line costs no more than its length.
        self._links: dict[ImagePath, ImagePath | None] = {}
        self._directories: dict[tuple[ImagePath, str], ImagePath | None] = {}

    def place(self, text: str, base: ImagePath = ROOT) -> ImagePath | None:
        """Return the path of `text`, present or not; None if its directory is not in the image.

        `base` is a directory of the image.
        """
        if len(text) > MAX_PATH:
            return None
        head, slash, last = text.rpartition("/")
        if last in ("", ".", ".."):
            return self._directory(text, base)
        directory = self._directory(head + slash, base)
        return (
            None
            if directory is None
            else ImagePath(f"{'' if directory == ROOT else directory}/{last}")
        )

    def find(self, text: str, base: ImagePath = ROOT) -> ImagePath | None:
        """Return the path of the entry that `text` names, or None."""
        here = self.place(text, base)
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
        if entry is None or entry.kind is EntryKind.DIRECTORY:
            return None if entry is None else path
        if entry.kind is not EntryKind.SYMLINK:
            return None
        if path not in self._links:
            final = self._rootfs.walk(path).final
            self._links[path] = final.path if final is not None and final.is_dir else None
        return self._links[path]
