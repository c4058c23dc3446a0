"""Whether files of a running container are those of its image."""

import os
from dataclasses import replace

from careen.drift.known import Known
from careen.errors import CareenError
from careen.model.paths import ImagePath
from careen.model.runs.drift import DriftKind, Guarded
from careen.oci.tree.rootfs import Rootfs
from careen.pipeline.profiling.image_match import is_equal, reads_contents

_BY_SIZE = (
    "this user may not read the container's files unnoticed (CAP_FOWNER): changed files are told by"
    " their size alone"
)


class Contents:
    """The root of a running container, beside that of its image; to be closed.

    Files up to 64 KiB are compared by their content, others by their size.
    """

    def __init__(self, pid: int, rootfs: Rootfs) -> None:
        """Hold the root of a process; without the right to that, `trouble` says why."""
        self._rootfs, self._root, self.trouble = rootfs, -1, ""
        try:
            self._root = os.open(f"/proc/{pid}/root", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            self.trouble = f"the container's root cannot be opened: {error.strerror}"

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

    def note(self) -> str:
        """Return what narrows the comparison, or ""."""
        readable = None if self._root < 0 else reads_contents(self._root, self._rootfs)
        return _BY_SIZE if readable is False else ""


def limited(expected: Known, guarded: Guarded, contents: Contents) -> tuple[Known, Guarded]:
    """Return both with what the contents cannot show."""
    if contents.trouble:
        reasons = {**expected.not_compared, DriftKind.CHANGED: contents.trouble}
        expected = replace(expected, not_compared=reasons)
    if note := contents.note():
        guarded = replace(guarded, notes=(*guarded.notes, note))
    return expected, guarded
