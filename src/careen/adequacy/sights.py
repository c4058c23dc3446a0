"""When each file of the image was first used in a run."""

from collections.abc import Mapping

from careen.model.paths import ImagePath
from careen.model.trace import Touch, Trace
from careen.oci.rootfs import Rootfs

Sights = Mapping[ImagePath, float | None]
"""Regular files of the image that were used in any way, and when first, in seconds of the monotonic clock (None: the sensor cannot tell)."""

_KERNEL = ("/proc/", "/sys/", "/dev/")  # a container mounts over them


def first_sights(trace: Trace, rootfs: Rootfs) -> Sights:
    """Walk every name of the trace through the image's index, and take the earliest time of each regular file that it leads to.

    A file that one touch dates and another does not has that date; it may have been used earlier, never later.
    """
    out: dict[ImagePath, float | None] = {}
    for touch in trace.touches:
        if touch.on_image is False:
            continue
        for path in _reached(touch, rootfs):
            known = out.get(path)
            out[path] = touch.first if known is None else known if touch.first is None else min(known, touch.first)
    return out


def _reached(touch: Touch, rootfs: Rootfs) -> frozenset[ImagePath]:
    """What a name leads to by the image's links, and what the kernel reached: after a link was changed at run time they differ."""
    walk = rootfs.walk(f"{touch.base}/{touch.given}")
    if walk.end.startswith(_KERNEL):
        return frozenset()
    found = [walk.final]
    if touch.errno == 0 and touch.resolved is not None:
        found.append(rootfs.get(ImagePath(touch.resolved)))
    return frozenset(entry.path for entry in found if entry is not None and entry.is_file)
