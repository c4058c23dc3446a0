"""The growing set of kept paths, each with its first reason."""

from collections import deque
from collections.abc import Callable, Container

from careen.model.entry import Entry
from careen.model.paths import ROOT, ImagePath, parent
from careen.model.plan import Reason
from careen.oci.tree.rootfs import Rootfs

BY_PLACE = frozenset(
    {
        "application",
        "as-before",
        "byte-code",
        "generated-file",
        "java-class-path",
        "node-package",
        "package",
        "python-distribution",
        "python-path-entry",
        "python-record",
        "symlink",
        "tree",
    }
)
"""Reasons for files that are kept for where they lie; no kept file names them.

A file that another one links, imports or starts has another reason, and so has what was used, and
what the user or a rule keeps.
"""


class Keeping:
    """Kept paths in the order of discovery.

    The first reason for a path stays: seeds come first, so nothing overwrites an observation. The
    directories above a kept path, and the symlinks on the way to it, are kept too. A `banned` path
    is kept only as a directory above a kept path. An `unneeded` one is kept only for a reason that
    is not `BY_PLACE`. `told` is called with each newly kept path.
    """

    def __init__(
        self,
        rootfs: Rootfs,
        banned: Container[ImagePath] = (),
        unneeded: Container[ImagePath] = (),
        told: Callable[[ImagePath], object] | None = None,
    ) -> None:
        self._rootfs = rootfs
        self._banned = banned
        self._unneeded = unneeded
        self._told = told
        self._new: deque[ImagePath] = deque()
        self.reasons: dict[ImagePath, Reason] = {}

    def __contains__(self, path: object) -> bool:
        return path in self.reasons

    def __len__(self) -> int:
        return len(self.reasons)

    def add(self, path: ImagePath, reason: Reason) -> bool:
        """Keep exactly this path, without following links; return whether it is newly kept."""
        if path in self.reasons or path in self._banned or path not in self._rootfs:
            return False
        if path in self._unneeded and reason.code in BY_PLACE:
            return False
        self.reasons[path] = reason
        self._new.append(path)
        if self._told is not None:
            self._told(path)
        child = path
        while child != ROOT and (above := parent(child)) not in self.reasons:
            self.reasons[above] = Reason("directory", "holds what is kept", path)
            child = above
        return True

    def reach(self, text: str, reason: Reason, base: ImagePath = ROOT) -> Entry | None:
        """Keep what `text` leads to as the kernel walks it, and every symlink on the way.

        Returns the entry, or None if nothing is there.
        """
        walk = self._rootfs.walk(text, base)
        because = (
            walk.end
            if reason.because is None and walk.final is not None and walk.end not in self._banned
            else reason.because
        )
        for link in walk.links:
            self.add(link, Reason("symlink", f"on the way to {walk.end}", because))
        if walk.final is None:
            return None
        self.add(walk.final.path, reason)
        return walk.final

    def take(self) -> ImagePath | None:
        """Return the next newly kept path, or None when all were taken."""
        return self._new.popleft() if self._new else None
