"""The sources of the image, each read and scanned once for all mechanisms."""

from careen.model.entry import Entry
from careen.model.paths import ImagePath
from careen.plan.core.mechanism import Work
from careen.plan.scanners.any_source import SourceScan, scan
from careen.plan.scanners.source import Source


class Sources:
    """Scans of sources by path, and the text of the last one.

    Take it from `Work.shared`, so that the mechanisms have one.
    """

    def __init__(self, work: Work) -> None:
        self._scene = work.scene
        self._scans: dict[ImagePath, SourceScan] = {}
        self._last: tuple[ImagePath, Source] | None = None

    def of(self, entry: Entry) -> SourceScan:
        """Return what a source opens and names."""
        if entry.path not in self._scans:
            self._scans[entry.path] = scan(self.text(entry))
        return self._scans[entry.path]

    def text(self, entry: Entry) -> Source:
        """Return the text of a source, as `Scene.text` reads it."""
        # The texts of all sources may be larger than the memory.
        if self._last is None or self._last[0] != entry.path:
            self._last = (entry.path, Source(self._scene.text(entry)))
        return self._last[1]
