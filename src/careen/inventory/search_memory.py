"""What a search found inside files of an image, for an image made from it.

A kept file of a result is a range of the original, so that it need not be searched again.
"""

from dataclasses import dataclass

from careen.inventory.inside_budget import SearchBudget
from careen.inventory.port import Found
from careen.model.paths import ImagePath
from careen.oci.extents import Extents, Part
from careen.oci.tree.rootfs import Rootfs


@dataclass(frozen=True, slots=True)
class _Program:
    place: tuple[Part, ...]
    found: Found
    is_owned: bool
    spent: SearchBudget


class SearchMemory:
    """What was found in the files of one image, which stays open."""

    def __init__(self, rootfs: Rootfs) -> None:
        self._rootfs = rootfs
        self._programs: dict[ImagePath, _Program] = {}
        self._others: dict[ImagePath, tuple[Part, ...]] = {}

    def is_of(self, rootfs: Rootfs) -> bool:
        """Return whether this takes answers about an image."""
        return rootfs is self._rootfs

    def note_program(
        self,
        path: ImagePath,
        extents: Extents,
        found: Found,
        budgets: tuple[SearchBudget, SearchBudget],
        *,
        is_owned: bool,
    ) -> None:
        """Note what was found in a program of the image; `budgets` are those before and after.

        A search that an exhausted budget may have cut short is not noted.
        """
        before, after = budgets
        if after.has_both:
            spent = SearchBudget(before.searched - after.searched, before.unpacked - after.unpacked)
            self._programs[path] = _Program(tuple(extents.parts()), found, is_owned, spent)

    def note_other(self, path: ImagePath, extents: Extents) -> None:
        """Note that a file of the image is neither a program nor a model."""
        self._others[path] = tuple(extents.parts())

    def recall(
        self, path: ImagePath, extents: Extents, budget: SearchBudget, *, is_owned: bool
    ) -> Found | None:
        """Return what a search of a file would find, and take from `budget` what it would take.

        None if the file does not lie where that of the image lies, or was not searched there.
        """
        if (place := self._others.get(path)) is not None:
            return Found() if place == tuple(extents.parts()) else None
        known = self._programs.get(path)
        if known is None or known.is_owned is not is_owned or known.place != tuple(extents.parts()):
            return None
        left = SearchBudget(
            budget.searched - known.spent.searched, budget.unpacked - known.spent.unpacked
        )
        if not left.has_both:
            return None
        budget.searched, budget.unpacked = left.searched, left.unpacked
        return known.found
