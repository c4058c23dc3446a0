"""Rows of `careen base list` and `show`."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured of a variant that this user built: bytes, packages, findings, date.

    `findings`, `fixable` and `uncompared` (packages that no feed knows) are None if no database was
    there.
    """

    variant: str
    digest: str
    size_bytes: int
    packages: int
    findings: int | None
    fixable: int | None
    uncompared: int | None
    built: str


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry: `figures` are of the variants that were built here; `unproven` is "" or why."""

    name: str
    title: str
    distribution: str
    release: str
    variants: tuple[str, ...]
    support_until: str
    unproven: str
    figures: tuple[Figures, ...]


@dataclass(frozen=True, slots=True)
class EntryText:
    """All of an entry, with what it inherits."""

    row: EntryRow
    inherits: tuple[str, ...]
    packages: tuple[str, ...]
    compat_packages: tuple[str, ...]
    dev_packages: tuple[str, ...]
    pip: tuple[str, ...]
    compat_pip: tuple[str, ...]
    pip_index: str
    upstream: str
    major_upgrades: tuple[str, ...]
    replaces: tuple[str, ...]
    environment: Mapping[str, str]
    users: tuple[str, ...]
    omitted: tuple[str, ...]
    dropped: tuple[str, ...]
    tests: tuple[str, ...]
    support_source: str
