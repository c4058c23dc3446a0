"""Explanation of what a plan keeps of a package."""

import enum
from dataclasses import dataclass

from careen.model.paths import ImagePath


class Extent(enum.Enum):
    """How much of a package a plan keeps."""

    WHOLE = "kept whole"
    PART = "kept in part"
    NONE = "removed"
    NO_FILES = "has no files"


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A kept file: its size in bytes, the reason code, and the reason in words."""

    path: ImagePath
    size: int
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Needed:
    """A reason for which a package's files are kept, and the number of those files."""

    code: str
    detail: str
    files: int


@dataclass(frozen=True, slots=True)
class KnownFinding:
    """A finding of the package in the original image, by the run's report.

    `fixed` is the lowest fixed version, "" if none.
    """

    identifier: str
    severity: str
    tier: str
    fixed: str


@dataclass(frozen=True, slots=True)
class PackageExplanation:
    """What a plan does to a package.

    `kept` is sorted largest first, `needed_by` by most files. `bytes` and `bytes_kept` count
    regular files. `findings` is None without a report.
    """

    purl: str
    extent: Extent
    files: int
    files_kept: int
    bytes: int
    bytes_kept: int
    kept: tuple[KeptFile, ...]
    needed_by: tuple[Needed, ...]
    findings: tuple[KnownFinding, ...] | None = None


@dataclass(frozen=True, slots=True)
class PackagesExplained:
    """The query, and each package of the image that it matches."""

    asked: str
    packages: tuple[PackageExplanation, ...]
