"""Explanation why a path is kept or removed."""

import enum
from dataclasses import dataclass

from careen.model.entry import EntryKind
from careen.model.paths import ImagePath
from careen.model.plan import Reason
from careen.model.rbom import FileUse


class Decision(enum.Enum):
    """What a plan does to one path."""

    KEEP = "kept"
    REMOVE = "removed"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the chain of reasons."""

    path: ImagePath
    reason: Reason


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a plan keeps or removes `path`.

    `chain` starts with the path itself and follows `Reason.because`. It is never empty and visits
    no path twice. `owners` are purls of the packages that list the path. `uses` are the observed
    uses. `size` is in bytes, 0 if not a regular file; `target` is a symlink's text. `symbols` says
    what happens to a kept file's symbol table, "" if it has none.
    """

    path: ImagePath
    kind: EntryKind
    decision: Decision
    chain: tuple[Step, ...]
    owners: tuple[str, ...]
    uses: tuple[FileUse, ...]
    size: int = 0
    target: str = ""
    symbols: str = ""
