"""Failed lookups in a hardened container of paths that the original image has."""

from dataclasses import dataclass

from careen.model.paths import ImagePath
from careen.model.runs.trace import Phase, Use


@dataclass(frozen=True, slots=True)
class FailedLookup:
    """A failed lookup of a path that the original image has.

    `path` is where the walk ends in the original image. `use` is the attempted use, `executable`
    the program ("" if unknown). `first` is the time of the first lookup in seconds of the monotonic
    clock, None if unknown.
    """

    path: ImagePath
    errno: int
    executable: str
    phases: frozenset[Phase]
    use: Use
    first: float | None = None
