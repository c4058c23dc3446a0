"""How one path differs between two images."""

import enum
from dataclasses import dataclass

from careen.model.paths import ImagePath


class Change(enum.Enum):
    """What happened to a path on the way from the first image to the second."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """`what` names the aspects that differ, in a fixed order: `kind`, `mode`, `owner`, `size`,
    `content`, `target`, `device`, `xattrs`, `links` (which other paths are the same file); empty
    for a path that only one image has. `before` and `after` say it for people ("0755" → "4755").
    `kind` and `size` (of a regular file, in bytes) are those of the image that has it, of the first
    where both do; "" where nobody asked.
    """

    path: ImagePath
    change: Change
    what: tuple[str, ...] = ()
    before: str = ""
    after: str = ""
    kind: str = ""
    size: int = 0

    def __str__(self) -> str:
        return f"{self.change.value} {self.path}" + (
            f" ({', '.join(self.what)}: {self.before} -> {self.after})" if self.what else ""
        )
