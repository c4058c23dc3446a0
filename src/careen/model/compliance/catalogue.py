"""What `careen comply --list` lists: the checks and the frameworks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CheckText:
    """A check: what it asks, what it reads, and how to see the same by hand."""

    id: str
    title: str
    reads: str
    fix: str
    command: str


@dataclass(frozen=True, slots=True)
class FrameworkText:
    """A framework: its version, and how many of its items checks decide."""

    id: str
    title: str
    content: str
    dated: str
    items: int
    automated: int
    inherited: int
    manual: int
    not_applicable: int


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All checks, and the frameworks that careen has."""

    checks: tuple[CheckText, ...]
    frameworks: tuple[FrameworkText, ...]
