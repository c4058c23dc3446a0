"""Figures of one image for the before-and-after summary."""

from collections.abc import Mapping
from dataclasses import dataclass

from careen.model.findings.findings_count import FindingsCount

SHELLS = frozenset(
    {
        "sh",
        "ash",
        "bash",
        "busybox",
        "csh",
        "dash",
        "fish",
        "ksh",
        "ksh93",
        "mksh",
        "rbash",
        "tcsh",
        "zsh",
    }
)


@dataclass(frozen=True, slots=True)
class Measure:
    """Figures of one image.

    `size_bytes` is the sum of all regular files of the merged root, hard links counted once.
    `packages` counts by purl type. `executables` are regular files with an execute bit; `shells`
    are known shells. `findings` is None without an advisory database.
    """

    reference: str
    digest: str
    size_bytes: int
    files: int
    packages: Mapping[str, int]
    elf_files: int
    elf_bytes: int
    executables: int
    setuid: int
    shells: int
    findings: FindingsCount | None = None
