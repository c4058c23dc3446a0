"""Resolution of a trace's paths in an image's index, as the container's processes saw them."""

from collections.abc import Iterator
from dataclasses import dataclass

from careen.model.paths import ROOT, ImagePath, ancestors, name
from careen.model.runs.process_links import ProcessLink, Start, process_link
from careen.model.runs.trace import Touch, Trace
from careen.oci.tree.rootfs import Rootfs, Walk

# A container mounts over these, whatever the image holds there.
_KERNEL = (
    "/proc/",
    "/sys/",
    "/dev/",
)
_MAX_UP = 8
# Per trace, for links with many candidate directories: a hostile program can create half a million
# such names.
MAX_WALKS = 1_000_000


@dataclass(frozen=True, slots=True)
class PathTargets:
    """The possible targets of a path; `plain` is the walk through the index alone.

    `walks` are those that the process may have made. They are `plain`, one per directory that a
    link of proc(5) may stand for (`linked`), or none outside the image. `known` is False after
    MAX_WALKS.
    """

    plain: Walk
    walks: tuple[Walk, ...]
    linked: bool = False
    known: bool = True


class TracePathResolver:
    """Resolves the paths of one trace in one image's index."""

    def __init__(self, trace: Trace, rootfs: Rootfs) -> None:
        self.rootfs = rootfs
        self._left = MAX_WALKS
        self._roots = dict.fromkeys(
            (ROOT, *(touch.base for touch in trace.touches if touch.given.startswith("/")))
        )
        self._directories = {ImagePath(path) for path in trace.directories} | {
            ImagePath(touch.base) for touch in trace.touches
        }
        self._holding: dict[int, dict[str, list[ImagePath]]] = {}

    @property
    def roots(self) -> tuple[str, ...]:
        """The root directories of the trace's processes; more than one after chroot(2)."""
        return tuple(self._roots)

    def plain(self, touch: Touch, *, follow: bool = True) -> Walk:
        """Walk a relative path from its directory, an absolute one from the root of the process."""
        if touch.given.startswith("/"):
            return self.rootfs.walk(touch.given, follow=follow, root=touch.base)
        return self.rootfs.walk(f"{touch.base}/{touch.given}", follow=follow)

    def led(self, touch: Touch) -> PathTargets:
        """Return where a path leads, or may lead if it passes a process's own link."""
        plain = self.plain(touch)
        written = touch.given if touch.given.startswith("/") else f"{touch.base}/{touch.given}"
        link = process_link(written) or process_link(plain.end)
        if link is None:
            return PathTargets(plain, () if plain.end.startswith(_KERNEL) else (plain,))
        walks = tuple(self._through(link))
        return PathTargets(plain, walks, linked=True, known=self._left > 0)

    def _through(self, link: ProcessLink) -> Iterator[Walk]:
        """Yield the walks that a link may stand for."""
        # Not recursive: a name can pass a link a thousand times.
        todo = [link]
        while todo:
            here = todo.pop()
            for walk in self._behind(here):
                self._left -= 1
                if self._left <= 0:
                    return
                if not walk.end.startswith(_KERNEL):
                    yield walk
                elif (further := process_link(walk.end)) is not None and len(further.rest) < len(
                    here.rest
                ):
                    todo.append(further)

    def _behind(self, link: ProcessLink) -> Iterator[Walk]:
        if link.start is Start.ROOT:
            return (self.rootfs.walk(f"/{link.rest}", root=root) for root in self._roots)
        return (self.rootfs.walk(f"{directory}/{link.rest}") for directory in self._held(link.rest))

    def _held(self, rest: str) -> tuple[ImagePath, ...]:
        """Return the directories of the trace that contain the first name of `rest`."""
        # No other directory can be behind the link.
        parts = [part for part in rest.split("/") if part != "."]
        up = next((at for at, part in enumerate(parts) if part != ".."), len(parts))
        if up == len(parts):
            return tuple(sorted(self._directories))
        return tuple(self._holders(min(up, _MAX_UP)).get(parts[up], ()))

    def _holders(self, up: int) -> dict[str, list[ImagePath]]:
        """Map each name to the directories with that name in their ancestor `up` levels above."""
        if up not in self._holding:
            found: dict[str, list[ImagePath]] = {}
            for directory in sorted(self._directories):
                for child in self.rootfs.children((directory, *ancestors(directory))[: up + 1][-1]):
                    found.setdefault(name(child), []).append(directory)
            self._holding[up] = found
        return self._holding[up]
