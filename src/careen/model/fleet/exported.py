"""The result of `careen fleet export`."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ExportedTable:
    """A file of an export, with its rows and bytes."""

    name: str
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class ExportedFleet:
    """An export of a store: where it is, and its tables."""

    store: str
    directory: Path
    tables: tuple[ExportedTable, ...]
