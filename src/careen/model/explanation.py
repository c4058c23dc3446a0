"""The answer to "why is this path kept, or removed?"."""

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
    """One link of the chain of reasons: this path, for this reason."""

    path: ImagePath
    reason: Reason


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a plan keeps or removes `path`.

    `chain` starts with the path itself and follows `Reason.because` to where it ends; it is never
    empty and never visits a path twice. `owners` are the purls of the packages that list the path;
    `uses` what was observed of it (empty: it was not seen to be used). `size` is in bytes (regular
    files; else 0), `target` a symlink's text. `symbols` says what becomes of a kept file's symbol
    table, "" if it has none.
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
