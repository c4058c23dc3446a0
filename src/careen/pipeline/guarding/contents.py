"""Whether files of a running container are those of its image."""

import os

from careen.errors import CareenError
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs
from careen.pipeline.profiling.image_match import is_equal


class Contents:
    """The root of a running container, beside that of its image; to be closed.

    Files up to 64 KiB are compared by their content, others by their size.
    """

    def __init__(self, pid: int, rootfs: Rootfs) -> None:
        """Hold the root of a process; without the right to that, nothing can be told."""
        self._rootfs, self._root = rootfs, -1
        try:
            self._root = os.open(f"/proc/{pid}/root", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError:
            self._root = -1

    def close(self) -> None:
        """Let the root go; idempotent."""
        if self._root >= 0:
            os.close(self._root)
            self._root = -1

    def same(self, path: ImagePath) -> bool | None:
        """Return whether a file of the image is unchanged in the container, None if unknown."""
        if self._root < 0:
            return None
        try:
            return is_equal(self._root, self._rootfs[path], self._rootfs)
        except (CareenError, OSError):  # the image went from the engine's store meanwhile
            return None
