"""Suspects: removed paths that may explain a failure."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from careen.model.paths import ImagePath

USED = "used"


class Strength(enum.IntEnum):
    """Strength of the evidence. Weaker suspects are restored only if stronger ones did not help."""

    FAINT = 0
    WEAK = 1
    STRONG = 2


@dataclass(frozen=True, slots=True)
class Suspect:
    """Removed path that may explain a failure, with its evidence.

    `how` is `said` (named by a message), `executed`, `mapped`, `opened`, `written`, `listed` or
    `looked up` (failed lookups), or `used` (by the failing workload on the original). `why` is a
    sentence fragment to show.
    """

    path: ImagePath
    how: str
    why: str
    strength: Strength = Strength.STRONG


def strongest(suspects: Iterable[Suspect]) -> dict[ImagePath, Suspect]:
    """Return the strongest suspect of each path (the first of equals), in order of appearance."""
    best: dict[ImagePath, Suspect] = {}
    for suspect in suspects:
        old = best.get(suspect.path)
        if old is None or suspect.strength > old.strength:
            best[suspect.path] = suspect
    return best
