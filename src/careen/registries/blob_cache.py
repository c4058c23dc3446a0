"""Bounded cache of verified blobs by digest, beside the run directories.

A blob is linked into a run's own layout, and back after it was verified there. Links are atomic, so
runs share the cache without locks, and a removed blob stays with the runs that hold it. It is safe
to delete at any time.
"""

import contextlib
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from careen.model.digest import Digest
from careen.tools.private_directory import opened_private

NAME = "blobs"
"""Name of the directory in the work directory: links need one file system."""

MOST = 64 << 30
SHARE = 0.2
"""At most 64 GiB, and a fifth of the file system."""

_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class BlobCache:
    """Blobs in `directory`, at most `limit` bytes (None: MOST and SHARE), evicted by last use.

    No method raises: a cache that cannot be used only costs time.
    """

    directory: Path
    limit: int | None = None

    def take(self, digest: Digest, size: int, target: Path) -> bool:
        """Link a blob to `target` and mark it as used; return whether it was there."""
        with contextlib.suppress(OSError), opened_private(self.directory) as folder:
            os.link(digest.hex, target, src_dir_fd=folder, follow_symlinks=False)
            seen = target.lstat()
            if stat.S_ISREG(seen.st_mode) and seen.st_size == size:
                os.utime(target)
                return True
            target.unlink()
            self.drop(digest)
        return False

    def keep(self, digest: Digest, blob: Path) -> None:
        """Link a verified blob into the cache."""
        with contextlib.suppress(OSError):
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            with opened_private(self.directory) as folder:
                blob.chmod(0o400)
                os.link(blob, digest.hex, dst_dir_fd=folder, follow_symlinks=False)
                os.utime(blob)

    def drop(self, digest: Digest) -> None:
        """Remove a damaged blob."""
        with contextlib.suppress(OSError), opened_private(self.directory) as folder:
            os.unlink(digest.hex, dir_fd=folder)

    def shrink(self, wanted: int = 0) -> None:
        """Remove the least recently used blobs, to the limit, and until `wanted` bytes are free.

        A blob that a run holds is freed when that run ends.
        """
        with contextlib.suppress(OSError), opened_private(self.directory) as folder:
            disk = os.fstatvfs(folder)
            limit = self.limit
            if limit is None:
                limit = min(MOST, int(SHARE * disk.f_blocks * disk.f_frsize))
            blobs = sorted(_blobs(folder))
            excess = max(
                sum(size for _, size, _ in blobs) - limit, wanted - disk.f_bavail * disk.f_frsize
            )
            for _, size, name in blobs:
                if excess <= 0:
                    return
                with contextlib.suppress(OSError):
                    os.unlink(name, dir_fd=folder)
                    excess -= size


def _blobs(folder: int) -> Iterator[tuple[int, int, str]]:
    """Yield last use, bytes on disk and name of each blob."""
    with os.scandir(folder) as found:
        for item in found:
            with contextlib.suppress(OSError):
                if _HEX.fullmatch(item.name) and item.is_file(follow_symlinks=False):
                    seen = item.stat(follow_symlinks=False)
                    yield seen.st_mtime_ns, seen.st_blocks * 512, item.name
