"""What a plan keeps because of something: its chains of reasons, followed to their start."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from careen.model.paths import ImagePath
from careen.model.plan import Plan


@dataclass(frozen=True, slots=True)
class Sizes:
    """The bytes of each regular file of the image, content that several names share once, for the
    first of them; and the packages that own it.
    """

    bytes: Mapping[ImagePath, int]
    owners: Mapping[ImagePath, tuple[str, ...]]


def heads(plan: Plan, among: Collection[ImagePath]) -> Mapping[ImagePath, ImagePath]:
    """Return, for each kept path whose chain of reasons meets a path of `among`, the first such
    path (itself if it is one of them).

    Each chain is walked once and no further than to what is known already; one that runs in a
    circle meets nothing.
    """
    known: dict[ImagePath, ImagePath | None] = {path: path for path in among}
    for path in plan.keep:
        walked: list[ImagePath] = []
        current: ImagePath | None = path
        while current is not None and current not in known:
            known[current] = None  # until its end is known; a circle ends here
            walked.append(current)
            reason = plan.keep.get(current)
            current = reason.because if reason is not None else None
        head = known[current] if current is not None else None
        for passed in walked:
            known[passed] = head
    return {path: head for path in plan.keep if (head := known[path]) is not None}
