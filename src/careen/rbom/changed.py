"""The paths that a run changed, for which the image's index no longer holds."""

from careen.model.paths import ROOT, ImagePath, ancestors, name
from careen.model.runs.trace import Trace, Use
from careen.oci.tree.rootfs import Rootfs
from careen.oci.tree.trace_names import TracePathResolver

# Engines write these before the first exec: docker's marker, and ld.so.cache by the GPU runtime's
# hook.
_BY_ENGINES = (ImagePath("/.dockerenv"), ImagePath("/etc/ld.so.cache"))


class RunChanges:
    """The paths that a trace created, changed, moved or removed, or that others put there.

    Touches have no order, so a change counts for the whole run.
    """

    def __init__(self, trace: Trace, rootfs: Rootfs, names: TracePathResolver) -> None:
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
        """Return whether the run may have changed what is at one of these paths."""
        return any(self._explains(path) for path in paths)

    def _explains(self, path: ImagePath) -> bool:
        if path in self._paths:
            return True
        for above in ancestors(path)[:-1]:
            if above in self._paths:
                entry = self._rootfs.get(above)
                # chmod(2) on a directory counts as a write. An entry below an existing directory
                # has changed only if its name was written somewhere.
                if entry is None or not entry.is_dir or name(path) in self._names:
                    return True
        return False

    def covered(self, path: ImagePath) -> bool:
        """Return whether a mount may cover the path; True if the mounts are unknown."""
        return not self._mounts or any(
            each != ROOT and each in self._mounts for each in (path, *ancestors(path))
        )
