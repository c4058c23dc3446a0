"""A path that a hardened container looked for in vain though the original image has it."""

from dataclasses import dataclass

from careen.model.paths import ImagePath
from careen.model.trace import Phase, Use


@dataclass(frozen=True, slots=True)
class VainLookup:
    """`path` is where the walk ends in the original image; `use` what the program wanted of it,
    `executable` which program ("" if unknown). `first` is when it was first looked for, in seconds
    of the monotonic clock, None if that is not known.
    """

    path: ImagePath
    errno: int
    executable: str
    phases: frozenset[Phase]
    use: Use
    first: float | None = None
