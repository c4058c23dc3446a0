"""The figures of one image that a summary shows before and after."""

from collections.abc import Mapping
from dataclasses import dataclass

from careen.model.findings_count import FindingsCount


@dataclass(frozen=True, slots=True)
class Measure:
    """`size_bytes`: sum of the sizes of all regular files of the merged root (hard links once).
    `packages`: count by purl type. `executables`: regular files with an execute bit; `shells`:
    files that are a known shell. `findings` is None where they were not counted, because there is
    no advisory database.
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
