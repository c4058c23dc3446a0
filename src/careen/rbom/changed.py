"""Where a run changed the file system: there the image's index is no longer the truth."""

from careen.model.paths import ROOT, ImagePath, ancestors, name
from careen.model.trace import Trace, Use
from careen.oci.rootfs import Rootfs
from careen.oci.trace_names import TraceNames

# Made by an engine before the first exec: docker's mark, and what the GPU runtime's hook writes
# where the image has none.
_BY_ENGINES = (ImagePath("/.dockerenv"), ImagePath("/etc/ld.so.cache"))


class Changed:
    """The paths that calls of a trace made, changed, moved or removed, whenever they did (touches
    have no order), and those that others put there.
    """

    def __init__(self, trace: Trace, rootfs: Rootfs, names: TraceNames) -> None:
        self._rootfs = rootfs
        self._paths: set[ImagePath] = {*_BY_ENGINES, *(trace.differing or ())}
        self._mounts = frozenset(trace.mounts)
        for touch in trace.touches:
            if touch.use is Use.WRITTEN and touch.errno == 0 and touch.on_image is not False:
                # The call may have changed the link itself.
                self._paths.update(
                    names.plain(touch, follow=follow).end for follow in (True, False)
                )
                self._paths.update(walk.end for walk in names.led(touch).walks)
                if touch.resolved is not None:
                    self._paths.add(ImagePath(touch.resolved))
        sockets = (
            end.address
            for end in trace.endpoints
            if (end.direction, end.family) == ("bind", "unix")
        )
        self._paths.update(ImagePath(path) for path in sockets if path.startswith("/"))
        self._names = frozenset(map(name, self._paths))

    def explains(self, *paths: ImagePath) -> bool:
        """Say whether what is at one of these paths may be other than the index says, because of
        what the run did.
        """
        return any(self._explains(path) for path in paths)

    def _explains(self, path: ImagePath) -> bool:
        if path in self._paths:
            return True
        for above in ancestors(path)[:-1]:
            if above in self._paths:
                entry = self._rootfs.get(above)
                # chmod(2) changes a directory too: one that the image has may have been replaced
                # only if the name was written somewhere.
                if entry is None or not entry.is_dir or name(path) in self._names:
                    return True
        return False

    def covered(self, path: ImagePath) -> bool:
        """Say whether something else than the image is mounted at a path or above it, as far as the
        mounts are known; else it may be.
        """
        return not self._mounts or any(
            each != ROOT and each in self._mounts for each in (path, *ancestors(path))
        )
