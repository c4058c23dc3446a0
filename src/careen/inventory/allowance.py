"""Limits on the work that one image can cause by listing the same files repeatedly.

A thousand records can be hard links to one list of a million paths. Each record is within its own
limit, their sum is not.
"""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from careen.errors import ImageError
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs

MAX_BYTES = 512 << 20  # of package databases read; a 10 GB image has about 50 MB
# Per ecosystem. A million package.json take two gigabytes of memory; the largest images have about
# 10,000.
MAX_PACKAGES = 50_000
MAX_LISTED = 5_000_000  # paths in the file lists of packages; a 10 GB image has about 100,000

_T = TypeVar("_T")


class Allowance:
    """Remaining reads and listings of one ecosystem; methods raise ImageError at the limit."""

    def __init__(
        self,
        rootfs: Rootfs,
        max_bytes: int = MAX_BYTES,
        max_listed: int = MAX_LISTED,
        max_packages: int = MAX_PACKAGES,
    ) -> None:
        self._rootfs = rootfs
        self._max_bytes = self._bytes_left = max_bytes
        self._max_listed = self._listed_left = max_listed
        self._max_packages = self._packages_left = max_packages

    def read(self, path: ImagePath, limit: int) -> bytes:
        """Return the content of a regular file of at most `limit` bytes, as `Rootfs.read` does."""
        entry = self._rootfs.get(path)
        size = 0 if entry is None else entry.size
        # Refused before reading, because a sparse file can state any size.
        if size > limit:
            msg = f"{path}: larger than the {limit} bytes that are read of such a file"
            raise ImageError(msg)
        if size > self._bytes_left:
            msg = (
                f"{path}: passed over: the image has more than {self._max_bytes} bytes of package"
                " records"
            )
            raise ImageError(msg)
        self._bytes_left -= size
        return self._rootfs.read(path, limit)

    def package(self, where: ImagePath) -> None:
        """Count the package at `where`."""
        if not self._packages_left:
            msg = (
                f"{where}: passed over: the image has more than {self._max_packages} packages of"
                " this ecosystem"
            )
            raise ImageError(msg)
        self._packages_left -= 1

    def counted(self, paths: Iterable[_T], where: ImagePath) -> Iterator[_T]:
        """Yield the paths of the list at `where`, and count them."""
        for path in paths:
            self.take(1, where)
            yield path

    def take(self, number: int, where: ImagePath) -> None:
        """Count `number` paths of the list at `where`."""
        if number > self._listed_left:
            msg = (
                f"{where}: passed over: the packages of the image list more than {self._max_listed}"
                " files"
            )
            raise ImageError(msg)
        self._listed_left -= number
