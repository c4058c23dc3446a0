"""Removed paths that a failing test used on the original.

Tests that only verify are not part of the profile, but were traced there.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from careen.model.paths import ImagePath, parent, source_of
from careen.model.runs.trace import Touch, Trace, Use
from careen.oci.tree.trace_names import PathTargets, TracePathResolver
from careen.repair.removed import Removed
from careen.repair.suspect import USED, Strength, Suspect, strongest

SLACK = 0.05
"""Seconds around a test that still count as the test, since clocks are read before and after it."""
_STRONG = frozenset({Use.EXECUTED, Use.MAPPED, Use.OPENED})


@dataclass(frozen=True, slots=True)
class Window:
    """Time of a run, in seconds of the monotonic clock."""

    begun: float
    seconds: float

    def holds(self, moment: float) -> bool:
        """Return whether a time is within the window, give or take SLACK."""
        return self.begun - SLACK <= moment <= self.begun + self.seconds + SLACK


def used_on_original(
    traces: Iterable[Trace], windows: Sequence[Window] | None, removed: Removed
) -> tuple[Suspect, ...]:
    """Return the removed paths used on the original in the windows, links included, in path order.

    Without windows (None), any time counts. Strong: files executed, loaded or read, and directories
    of new files. Weak: files only looked up, or used before the windows. Faint: entries of a listed
    directory.
    """
    found = strongest(_uses(traces, windows, removed))
    return tuple(found[path] for path in sorted(found))


def _uses(
    traces: Iterable[Trace], windows: Sequence[Window] | None, removed: Removed
) -> Iterator[Suspect]:
    listed: set[ImagePath] = set()  # a directory may be listed under many names
    for trace in traces:
        names = TracePathResolver(trace, removed.rootfs)
        for touch in trace.touches:
            if touch.errno != 0 or touch.on_image is False:
                continue
            within = (
                windows is None
                or touch.first is None
                or any(window.holds(touch.first) for window in windows)
            )
            # Only the first touch has a time, so files used earlier may be used again.
            if not within and not (
                touch.use in _STRONG
                and any(
                    touch.first < window.begun
                    for window in windows or ()
                    if touch.first is not None
                )
            ):
                continue
            led = names.led(touch)
            reached, made = _reached(touch, led, removed)
            strength = (
                Strength.STRONG if within and (made or touch.use in _STRONG) else Strength.WEAK
            )
            yield from (
                Suspect(path, USED, _words(touch, within=within), strength) for path in reached
            )
            if (
                within
                and touch.use is Use.LISTED
                and (final := led.plain.final)
                and final.path not in listed
            ):
                listed.add(final.path)
                why = f"in a directory {_words(touch, within=within)}"
                yield from (
                    Suspect(path, USED, why, Strength.FAINT)
                    for path in removed.rootfs.children(final.path)
                    if path in removed
                )


def _reached(
    touch: Touch, led: PathTargets, removed: Removed
) -> tuple[tuple[ImagePath, ...], bool]:
    """Return the removed paths that a touch needs, and whether it created a new file.

    For a new file, its directory is needed.
    """
    kernel = () if touch.resolved is None else (ImagePath(touch.resolved),)
    walks = () if led.linked and kernel else led.walks
    made = bool(walks) and touch.use is Use.WRITTEN and all(walk.final is None for walk in walks)
    ends = (
        *kernel,
        *(
            parent(walk.end) if made else walk.end
            for walk in walks
            if made or walk.final is not None
        ),
    )
    sources = (
        source for path in ends if (source := source_of(path)) is not None
    )  # Python reads byte code only if it finds the source, which it does not open
    links = (link for walk in (led.plain, *walks) for link in walk.links)
    return tuple(path for path in dict.fromkeys((*links, *ends, *sources)) if path in removed), made


def _words(touch: Touch, *, within: bool) -> str:
    by = f" by {touch.executable}" if touch.executable else ""
    return (
        f"{touch.use.value}{by} on the original,"
        f" {'when the failing test ran there' if within else 'before the failing test ran there'}"
    )
