"""How one path differs between two images."""

import enum
from dataclasses import dataclass

from careen.model.paths import ImagePath


class Change(enum.Enum):
    """What happened to a path from the first image to the second."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """Difference of one path between two images.

    `what` names the aspects that differ, in a fixed order: `kind`, `mode`, `owner`, `size`,
    `content`, `target`, `device`, `xattrs`, `links` (the other paths of the same file). It is empty
    if only one image has the path. `before` and `after` are text for the user ("0755" → "4755").
    `kind` and `size` (bytes, regular files) come from the first image that has the path; `kind` is
    "" if it was not requested.
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
