"""What was signed of a result."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Subject:
    """The image that a statement is about: its name without a tag, and its digest."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class Attested:
    """The subject, and the written bundles with their predicate types; `attached` names a place."""

    subject: Subject
    bundles: Mapping[Path, str]
    attached: str | None = None
