"""The answer to "what stays of this package, and for whom?"."""

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
    """A file that stays: its size in bytes, the code of the reason, and the reason in words."""

    path: ImagePath
    size: int
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Needed:
    """A reason for which files of a package stay: its code, in words, and for how many files."""

    code: str
    detail: str
    files: int


@dataclass(frozen=True, slots=True)
class KnownFinding:
    """What the report of the run says is known against the package: identifier, severity, tier, and
    the lowest version that fixes it, "" if none.
    """

    identifier: str
    severity: str
    tier: str
    fixed: str


@dataclass(frozen=True, slots=True)
class PackageExplanation:
    """What a plan does to a package. `kept` are its files that stay, largest first; `needed_by` the
    reasons, those of most files first.

    `bytes` and `bytes_kept` count regular files. `findings` is None where no report says what is
    known.
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
    """What was asked for, and each package of the image that it names."""

    asked: str
    packages: tuple[PackageExplanation, ...]
