"""When each file of the image was first used in a run."""

from collections.abc import Iterable, Mapping

from careen.model.paths import ImagePath
from careen.model.trace import Touch, Trace
from careen.oci.rootfs import Rootfs
from careen.oci.trace_names import TraceNames

Sights = Mapping[ImagePath, float | None]
"""Regular files of the image that were used in any way, and when first, in seconds of the monotonic
clock (None: the sensor cannot tell).
"""


def first_sights(trace: Trace, rootfs: Rootfs) -> Sights:
    """Walk every name of the trace through the image's index, and take the earliest time of each
    regular file that it leads to.

    A file that one touch dates and another does not has that date; it may have been used earlier,
    never later.
    """
    names = TraceNames(trace, rootfs)
    out: dict[ImagePath, float | None] = {}
    for touch in trace.touches:
        if touch.on_image is not False:
            for path in _reached(touch, names, rootfs):
                _date(out, path, touch.first)
    return out


def earliest(sights: Iterable[Sights]) -> Sights:
    """Join what several containers used: each file with its earliest date."""
    out: dict[ImagePath, float | None] = {}
    for each in sights:
        for path, first in each.items():
            _date(out, path, first)
    return out


def _date(out: dict[ImagePath, float | None], path: ImagePath, first: float | None) -> None:
    known = out.get(path)
    out[path] = first if known is None else known if first is None else min(known, first)


def _reached(touch: Touch, names: TraceNames, rootfs: Rootfs) -> frozenset[ImagePath]:
    """What a name leads to by the image's links, and what the kernel reached: after a link was
    changed at run time they differ.
    """
    led = names.led(touch)
    kernel = touch.resolved if touch.errno == 0 else None
    found = [] if kernel is not None and led.linked else [walk.final for walk in led.walks]
    if kernel is not None:
        found.append(rootfs.get(ImagePath(kernel)))
    return frozenset(entry.path for entry in found if entry is not None and entry.is_file)
