"""What differs between any two images."""

from dataclasses import dataclass

from careen.model.difference import Difference
from careen.model.paths import ImagePath


@dataclass(frozen=True, slots=True)
class PackageChange:
    """A package that only one image has, or that has another version; `before` or `after` is None
    where it is not installed.

    `size` is that of its files, in bytes, in the image that has it, in the first where both do.
    """

    ecosystem: str
    name: str
    before: str | None
    after: str | None
    size: int = 0


@dataclass(frozen=True, slots=True)
class PathSets:
    """Paths of one property (executables, setuid files) that only one of the images has with it;
    sorted.
    """

    added: tuple[ImagePath, ...]
    removed: tuple[ImagePath, ...]


@dataclass(frozen=True, slots=True)
class ImageDiff:
    """`files` by path; `packages` by ecosystem and name; `config` one line per field.
    `bytes_before` and `bytes_after` are the sizes of the regular files, hard links once.
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
