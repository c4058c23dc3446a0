"""Location of the paths of Debian packages in an image."""

from collections.abc import Iterator

from careen.model.paths import ImagePath
from careen.oci.tree.real_paths import RealPaths
from careen.oci.tree.rootfs import Rootfs

DIVERSIONS = "/var/lib/dpkg/diversions"
_MAX_DIVERSIONS = 4 << 20


class Places:
    """Resolver of package paths to image paths, through directory links and diversions.

    Also assigns inode numbers to new files.
    """

    def __init__(self, rootfs: Rootfs) -> None:
        self.rootfs = rootfs
        self._real = RealPaths(rootfs)
        self._next = max((entry.inode for entry in rootfs), default=0) + 1
        self._diverted = dict(self._diversions())
        self.names = {entry.path.rpartition("/")[2] for entry in rootfs if not entry.is_dir}

    def of(self, text: str, package: str) -> ImagePath:
        """Return the image path of a package's path, whether or not it exists."""
        to, by = self._diverted.get(text, (text, package))
        return self._place(text if by == package else to)

    def number(self) -> int:
        """Return an unused inode number."""
        self._next += 1
        return self._next

    def _place(self, text: str) -> ImagePath:
        missing: list[str] = []
        while text not in ("", "/"):
            found = self._real.place(text)
            if found is not None:
                if missing and (entry := self.rootfs.get(found)) is not None and entry.is_symlink:
                    found = self.rootfs.walk(found).end
                return ImagePath("/".join((found.rstrip("/"), *reversed(missing))))
            text, _, last = text.rpartition("/")
            missing.append(last)
        return ImagePath("/" + "/".join(reversed(missing)))

    def _diversions(self) -> Iterator[tuple[str, tuple[str, str]]]:
        entry = self.rootfs.find(DIVERSIONS)
        if entry is None or not entry.is_file:
            return
        lines = (
            self.rootfs.read(entry.path, _MAX_DIVERSIONS)
            .decode("utf-8", "surrogateescape")
            .split("\n")
        )
        for source, to, package in zip(lines[0::3], lines[1::3], lines[2::3], strict=False):
            yield source, (to, package.partition(":")[0])
