"""A suspect: a removed path that may explain a failure."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from careen.model.paths import ImagePath

USED = "used"


class Strength(enum.IntEnum):
    """How much speaks for it. WEAK ones come back only when strong ones did not help, FAINT ones
    when neither did.
    """

    FAINT = 0
    WEAK = 1
    STRONG = 2


@dataclass(frozen=True, slots=True)
class Suspect:
    """`how` is the kind of evidence: `said` (a message names it), `executed`, `mapped`, `opened`,
    `written`, `listed`, `looked up` (in vain), or `used` (the failing workload used it on the
    original); `why` is one sentence fragment for people.
    """

    path: ImagePath
    how: str
    why: str
    strength: Strength = Strength.STRONG


def strongest(suspects: Iterable[Suspect]) -> dict[ImagePath, Suspect]:
    """Return each path once, with the strongest that speaks for it (the first of equals), in the
    order in which the paths came.
    """
    best: dict[ImagePath, Suspect] = {}
    for suspect in suspects:
        old = best.get(suspect.path)
        if old is None or suspect.strength > old.strength:
            best[suspect.path] = suspect
    return best
