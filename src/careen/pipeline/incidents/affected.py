"""The order and the waves of an incident."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from careen.model.incident import IncidentImage
from careen.pipeline.watching.image_list import Watched

_URGENT = ("executed", "loaded", "opened", "not known", "present")
"""Uses of a package, the most urgent first; what is not known comes before what is only there."""


@dataclass(frozen=True, slots=True)
class Affected:
    """An image that has the vulnerable package, its use, and whether it listens (None: unknown).

    `watched` is the entry of the list that makes it, None if none does.
    """

    name: str
    use: str
    listens: bool | None
    watched: Watched | None = None


@dataclass(frozen=True, slots=True)
class Exposure:
    """What the fleet's store tells of a vulnerability.

    `unanswered` are tags of the list of which it does not know whether they are affected; `unknown`
    counts all such images of the store.
    """

    affected: tuple[Affected, ...]
    unanswered: tuple[str, ...] = ()
    unknown: int = 0


def in_waves(affected: Sequence[Affected]) -> tuple[IncidentImage, ...]:
    """Return the images that an entry of the list makes, in their order and waves."""
    rows = [(each, each.watched) for each in affected if each.watched is not None]
    rows.sort(key=lambda row: _urgency(*row))
    return tuple(
        IncidentImage(watched.tag, watched.source, each.use, each.listens, wave)
        for (each, watched), wave in zip(rows, _waves(len(rows)), strict=True)
    )


def _urgency(each: Affected, watched: Watched) -> tuple[int, int, str]:
    use = _URGENT.index(each.use if each.use in _URGENT else "not known")
    return use, 0 if each.listens else 2 if each.listens is False else 1, watched.tag


def _waves(count: int) -> Sequence[int]:
    """Return the wave of each image: one, then a tenth, then the rest."""
    second = math.ceil(count / 10)
    return [1 if i == 0 else 2 if i <= second else 3 for i in range(count)]
