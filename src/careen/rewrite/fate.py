"""Fate of the paths that package databases list."""

import enum

from careen.model.paths import ROOT, ImagePath
from careen.model.plan import Plan
from careen.oci.tree.real_paths import RealPaths
from careen.oci.tree.rootfs import Rootfs


class Fate(enum.Enum):
    """Fate of a listed path. `ABSENT`: the original image did not have it either."""

    KEPT = "kept"
    REMOVED = "removed"
    ABSENT = "absent"


class Fates:
    """Fates of paths under one plan."""

    def __init__(self, rootfs: Rootfs, plan: Plan) -> None:
        self._real = RealPaths(rootfs)
        self._plan = plan

    def path(self, text: str, base: ImagePath = ROOT) -> ImagePath | None:
        """Return the image's own path for `text`, or None if the image does not have it."""
        return self._real.find(text, base)

    def of(self, text: str, base: ImagePath = ROOT) -> Fate:
        """Return the fate of `text`, which is absolute or relative to `base`."""
        found = self._real.find(text, base)
        if found is None:
            return Fate.ABSENT
        return Fate.KEPT if found in self._plan.keep else Fate.REMOVED
