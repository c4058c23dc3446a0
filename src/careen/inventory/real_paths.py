"""From a path as a package database writes it to the path that the image has."""

from careen.errors import ImageError
from careen.model.entry import Entry
from careen.model.paths import ImagePath, image_path
from careen.oci.rootfs import Rootfs


class RealPaths:
    """Resolve listed paths through the links above them, never the last name itself: a listed `/lib/libc.so.6` is `/usr/lib/libc.so.6` where `/lib`
    is a link, and a listed link stays that link. Directories are walked once.
    """

    def __init__(self, rootfs: Rootfs) -> None:
        self._rootfs = rootfs
        self._directories: dict[str, str | None] = {}

    def real(self, listed: str) -> ImagePath | None:
        """Return where `listed` (absolute) really lies, whether something is there or not; None if its directory isn't in the image."""
        above, _, name = listed.rstrip("/").rpartition("/")
        if above not in self._directories:
            walk = self._rootfs.walk(above or "/")
            self._directories[above] = None if walk.final is None or not walk.final.is_dir else walk.final.path.rstrip("/")
        directory = self._directories[above]
        if directory is None or name in ("", ".", ".."):
            return None
        return ImagePath(f"{directory}/{name}")

    def entry(self, listed: str) -> Entry | None:
        """Return the entry that a listed path stands for, or None if it isn't there."""
        path = self.real(listed)
        return None if path is None else self._rootfs.get(path)


def walked(rootfs: Rootfs, text: str) -> Entry | None:
    """Return what `text` leads to, or None; a text that is no path of an image leads nowhere."""
    try:
        return rootfs.walk(image_path(text, "path")).final
    except ImageError:
        return None
