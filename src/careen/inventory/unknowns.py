"""The unknowns of one ecosystem, up to a limit.

A million broken files are one hostile image, not a million results.
"""

from careen.model.packages.package import Unknown
from careen.model.paths import ImagePath

MAX_UNKNOWNS = 1000


class Unknowns:
    """Collects unreadable paths; beyond the limit they are counted in the last Unknown."""

    def __init__(self, limit: int = MAX_UNKNOWNS) -> None:
        self._limit = limit
        self._items: list[Unknown] = []
        self._more = 0
        self._last: ImagePath | None = None

    def add(self, path: ImagePath, reason: object) -> None:
        """Record that `path` could not be read, and why."""
        if len(self._items) < self._limit:
            self._items.append(Unknown(path, str(reason)))
            return
        self._more += 1
        self._last = path

    def all(self) -> tuple[Unknown, ...]:
        """Return the unknowns in the order in which they were added."""
        if self._last is None:
            return tuple(self._items)
        return (
            *self._items,
            Unknown(
                self._last,
                f"and {self._more} more of this kind; the first {self._limit} are listed",
            ),
        )
