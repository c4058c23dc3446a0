"""Time of the first use of each image file in a run."""

from collections.abc import Iterable, Mapping

from careen.model.paths import ImagePath
from careen.model.runs.trace import Touch, Trace
from careen.oci.tree.rootfs import Rootfs
from careen.oci.tree.trace_names import TracePathResolver

FirstUses = Mapping[ImagePath, float | None]
"""Used regular files and the time of first use, in seconds of the monotonic clock.

None: the sensor does not report times.
"""


def find_first_uses(trace: Trace, rootfs: Rootfs) -> FirstUses:
    """Return the earliest time of each regular file that a name in the trace leads to.

    A time known from one touch is used even if another touch of the file has none.
    """
    names = TracePathResolver(trace, rootfs)
    out: dict[ImagePath, float | None] = {}
    for touch in trace.touches:
        if touch.on_image is not False:
            for path in _reached(touch, names, rootfs):
                _date(out, path, touch.first)
    return out


def earliest(sights: Iterable[FirstUses]) -> FirstUses:
    """Merge the sights of several containers, with the earliest time of each file."""
    out: dict[ImagePath, float | None] = {}
    for each in sights:
        for path, first in each.items():
            _date(out, path, first)
    return out


def _date(out: dict[ImagePath, float | None], path: ImagePath, first: float | None) -> None:
    known = out.get(path)
    out[path] = first if known is None else known if first is None else min(known, first)


def _reached(touch: Touch, names: TracePathResolver, rootfs: Rootfs) -> frozenset[ImagePath]:
    """Return the files that a name leads to by the image's links, and by the kernel."""
    # These differ if a link was changed at run time.
    led = names.led(touch)
    kernel = touch.resolved if touch.errno == 0 else None
    found = [] if kernel is not None and led.linked else [walk.final for walk in led.walks]
    if kernel is not None:
        found.append(rootfs.get(ImagePath(kernel)))
    return frozenset(entry.path for entry in found if entry is not None and entry.is_file)
