"""The names in an overlay's upper directory: where a container differs from its image.

The content is hostile and the container may still run. Each directory is opened relative to its
parent, and no link is followed.
"""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from careen.model.paths import ImagePath

MAX_NAMES = 1_000_000
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_DEEPEST = 256  # each level holds a descriptor


@dataclass(slots=True)
class _Level:
    """A directory being read: its descriptor, its path in the container, the entries left."""

    fd: int
    path: str
    entries: Iterator[os.DirEntry[str]]


def upper_names(upper: Path, most: int = MAX_NAMES) -> frozenset[ImagePath]:
    """Return the path of each entry below `upper`, including whiteouts.

    At most `most` paths and 256 levels are returned.
    """
    # An incomplete answer is safe: the names only excuse differences.
    found: set[ImagePath] = set()
    levels: list[_Level] = []
    try:
        _enter(levels, os.fspath(upper), "", None)
        while levels and len(found) < most:
            level = levels[-1]
            entry = next(level.entries, None)
            if entry is None:
                os.close(levels.pop().fd)
                continue
            path = f"{level.path}/{entry.name}"
            found.add(ImagePath(path))
            if len(levels) < _DEEPEST and _is_directory(entry):
                _enter(levels, entry.name, path, level.fd)
    finally:
        for level in levels:
            os.close(level.fd)
    return frozenset(found)


def _is_directory(entry: os.DirEntry[str]) -> bool:
    with contextlib.suppress(OSError):
        return entry.is_dir(follow_symlinks=False)
    return False


def _enter(levels: list[_Level], name: str, path: str, above: int | None) -> None:
    """Open a directory and read its names; skip it if it no longer exists."""
    with contextlib.suppress(OSError):
        fd = os.open(name, _DIRECTORY, dir_fd=above)
        try:
            entries = list(os.scandir(fd))
        except OSError:
            os.close(fd)
            raise
        levels.append(_Level(fd, path, iter(entries)))
