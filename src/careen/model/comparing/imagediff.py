"""Differences between any two images."""

from dataclasses import dataclass

from careen.model.comparing.difference import Difference
from careen.model.paths import ImagePath


@dataclass(frozen=True, slots=True)
class PackageChange:
    """A package that was added, removed, or changed its version between two images.

    `before` or `after` is None if it is not installed. `size` is that of its files in bytes, taken
    from the first image that has it.
    """

    ecosystem: str
    name: str
    before: str | None
    after: str | None
    size: int = 0


@dataclass(frozen=True, slots=True)
class PathSets:
    """Paths with a property (executable, setuid) in only one of two images; sorted."""

    added: tuple[ImagePath, ...]
    removed: tuple[ImagePath, ...]


@dataclass(frozen=True, slots=True)
class ImageDiff:
    """Differences between two images.

    `files` are sorted by path, `packages` by ecosystem and name; `config` has one line per field.
    `bytes_before` and `bytes_after` are the sizes of regular files, hard links counted once.
    """

    files: tuple[Difference, ...]
    packages: tuple[PackageChange, ...]
    executables: PathSets
    setuid: PathSets
    config: tuple[str, ...]
    files_before: int
    files_after: int
    bytes_before: int
    bytes_after: int

    @property
    def same(self) -> bool:
        return not (self.files or self.packages or self.config)
