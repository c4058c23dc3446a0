"""Paths that a plan keeps because of others, by following its chains of reasons."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from careen.model.paths import ImagePath
from careen.model.plan import Plan


@dataclass(frozen=True, slots=True)
class Sizes:
    """Sizes and owning packages of the image's files.

    `bytes` has regular files; hard links count once, for the first name.
    """

    bytes: Mapping[ImagePath, int]
    owners: Mapping[ImagePath, tuple[str, ...]]


def heads(plan: Plan, among: Collection[ImagePath]) -> Mapping[ImagePath, ImagePath]:
    """Map each kept path to the first path of `among` in its chain of reasons.

    A path of `among` maps to itself. Paths whose chain has none, or is circular, are left out.
    """
    # Each chain is followed only up to a path whose head is known.
    known: dict[ImagePath, ImagePath | None] = {path: path for path in among}
    for path in plan.keep:
        walked: list[ImagePath] = []
        current: ImagePath | None = path
        while current is not None and current not in known:
            known[current] = None  # until its end is known; this also ends a circle
            walked.append(current)
            reason = plan.keep.get(current)
            current = reason.because if reason is not None else None
        head = known[current] if current is not None else None
        for passed in walked:
            known[passed] = head
    return {path: head for path in plan.keep if (head := known[path]) is not None}
