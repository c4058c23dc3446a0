"""Edits that a rewrite declares, so that verification accepts them and nothing else."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from careen.model.paths import ImagePath


@dataclass(frozen=True, slots=True)
class DeclaredEdits:
    """Kept paths that differ from the original beyond their plan.

    `rewritten` are package databases. `times` are new mtimes, in seconds. `stamps` are byte-code
    files whose header (PEP 552) names a new time of their source.
    """

    rewritten: Collection[ImagePath] = ()
    times: Mapping[ImagePath, float] = field(default_factory=dict)
    stamps: Mapping[ImagePath, int] = field(default_factory=dict)
