"""What differs between the results of two runs."""

from dataclasses import dataclass

from careen.model.adequacy import Part
from careen.model.comparing.imagediff import PackageChange
from careen.model.paths import ImagePath
from careen.model.summary import TestTotals
from careen.report.finished.document import LeftFinding, NamedImage
from careen.report.finished.figures import Figure


@dataclass(frozen=True, slots=True)
class RunSide:
    """One of the two runs: its images, its verdict, what its tests and its profile reached.

    `tests` is None if none ran on the result, `adequacy` if it is unknown.
    """

    original: NamedImage
    hardened: NamedImage
    verdict: str
    passed: bool
    level: str
    tests: TestTotals | None
    adequacy: float | None
    adequacy_verdict: str
    adequacy_parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """Names in only one of two results, sorted; `both` counts those in both."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    both: int


@dataclass(frozen=True, slots=True)
class FileChanges:
    """Files and links of the results.

    `changed` differ in kind, mode, owner, size, target or content. `same` have the same content:
    they are of the same layer, or both runs used them with the same SHA-256. `not_compared` look
    alike, and the reports do not tell their contents.
    """

    added: tuple[ImagePath, ...]
    removed: tuple[ImagePath, ...]
    changed: tuple[ImagePath, ...]
    same: int
    not_compared: int


@dataclass(frozen=True, slots=True)
class FindingChanges:
    """Findings of the results, by identifier and package: in the second alone, in the first alone,
    and the number in both.
    """

    new: tuple[LeftFinding, ...]
    fixed: tuple[LeftFinding, ...]
    both: int


@dataclass(frozen=True, slots=True)
class RunComparison:
    """The results of two runs; None is what the reports do not tell (`not_compared` says why)."""

    format: str
    version: int
    before: RunSide
    after: RunSide
    figures: tuple[Figure, ...]
    packages: tuple[PackageChange, ...]
    files: FileChanges
    executables: Names
    findings: FindingChanges | None
    syscalls: Names | None
    endpoints: Names | None
    not_compared: tuple[str, ...]
