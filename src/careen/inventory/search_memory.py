"""What a search found inside files of an image, for an image made from it.

A kept file of a result is a range of the original, so that it need not be searched again.
"""

from dataclasses import dataclass

from careen.inventory.inside_budget import SearchBudget
from careen.inventory.port import Found
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs


@dataclass(frozen=True, slots=True)
class _Answer:
    found: Found
    is_owned: bool
    spent: SearchBudget


_NOTHING = {owned: _Answer(Found(), owned, SearchBudget(0, 0)) for owned in (False, True)}


class SearchMemory:
    """What was found in the files of one image, which stays open."""

    def __init__(self, rootfs: Rootfs) -> None:
        self._rootfs = rootfs
        self._answers: dict[ImagePath, _Answer] = {}

    def note(
        self,
        rootfs: Rootfs,
        path: ImagePath,
        found: Found,
        budgets: tuple[SearchBudget, SearchBudget],
        *,
        is_owned: bool,
    ) -> None:
        """Note what was found in a file of the image; `budgets` are those before and after.

        A search that an exhausted budget may have cut short is not noted, and no other image's.
        """
        before, after = budgets
        if rootfs is not self._rootfs or not after.has_both:
            return
        spent = SearchBudget(before.searched - after.searched, before.unpacked - after.unpacked)
        empty = found == Found() and spent == SearchBudget(0, 0)
        self._answers[path] = _NOTHING[is_owned] if empty else _Answer(found, is_owned, spent)

    def recall(
        self, rootfs: Rootfs, path: ImagePath, budget: SearchBudget, *, is_owned: bool
    ) -> Found | None:
        """Return what a search of a file would find, and take from `budget` what it would take.

        None if the file does not lie where that of the image lies, or was not searched there.
        """
        known = self._answers.get(path)
        if known is None or known.is_owned is not is_owned:
            return None
        left = SearchBudget(
            budget.searched - known.spent.searched, budget.unpacked - known.spent.unpacked
        )
        here, there = rootfs.extents(path), self._rootfs.extents(path)
        if not left.has_both or here is None or there is None or not here.same_as(there):
            return None
        budget.searched, budget.unpacked = left.searched, left.unpacked
        return known.found
