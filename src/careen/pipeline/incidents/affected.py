"""The order and the waves of an incident."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from careen.model.incident import IncidentImage
from careen.oci.reference import full_name
from careen.pipeline.watching.image_list import Watched

_URGENT = ("executed", "loaded", "opened", "not known", "present")
"""Uses of a package, the most urgent first; what is not known comes before what is only there."""


@dataclass(frozen=True, slots=True)
class Affected:
    """An image that has the vulnerable package: its name, its use, and whether it listens."""

    name: str
    use: str
    listens: bool | None


@dataclass(frozen=True, slots=True)
class Exposure:
    """What the fleet's store tells of a vulnerability.

    `clean` are names whose evidence shows that the package is not in them; of `unknown` images the
    evidence does not tell it.
    """

    affected: tuple[Affected, ...]
    clean: tuple[str, ...] = ()
    unknown: int = 0


def in_waves(
    exposure: Exposure, listed: Sequence[Watched]
) -> tuple[tuple[IncidentImage, ...], tuple[str, ...]]:
    """Return the listed images in their order and waves, and the names that no entry makes.

    An entry is affected by its result; by its source if nothing is known of a result.
    """
    by_name = {_comparable(each.name): each for each in exposure.affected}
    without = {_comparable(name) for name in exposure.clean}
    found: list[tuple[Affected, Watched]] = []
    rebuilt: set[str] = set()
    for watched in listed:
        tag, source = _comparable(watched.tag), _comparable(watched.source)
        rebuilt |= {tag, source}
        match = by_name.get(tag) or (by_name.get(source) if tag not in without else None)
        if match is not None:
            found.append((match, watched))
    found.sort(key=lambda pair: _urgency(*pair))
    images = tuple(
        IncidentImage(watched.tag, watched.source, each.use, each.listens, wave)
        for (each, watched), wave in zip(found, _waves(len(found)), strict=True)
    )
    return images, tuple(sorted(by_name[name].name for name in by_name.keys() - rebuilt))


def _comparable(name: str) -> str:
    return full_name(name.removeprefix("docker://"))


def _urgency(each: Affected, watched: Watched) -> tuple[int, int, str]:
    use = _URGENT.index(each.use if each.use in _URGENT else "not known")
    return use, 0 if each.listens else 2 if each.listens is False else 1, watched.tag


def _waves(count: int) -> Sequence[int]:
    """Return the wave of each image: one, then a tenth, then the rest."""
    second = math.ceil(count / 10)
    return [1 if i == 0 else 2 if i <= second else 3 for i in range(count)]
