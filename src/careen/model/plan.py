"""A plan: for every path of an image, keep or remove, and why. A value that can be printed, diffed,
stored and explained.
"""

import enum
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from careen.model.paths import ImagePath
from careen.model.rbom import ImageRef


class Level(enum.Enum):
    """How much is kept beyond what was observed; see docs/plan.md."""

    OBSERVED = "observed"
    CLOSURE = "closure"
    PACKAGE = "package"


EXPLORED = "explored"
"""The code of what exploration alone touched; `observed` is what a workload used, whatever
exploration did with it besides.
"""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a path is kept or removed.

    `code` is stable and machine-readable: `observed`, `explored`, `elf-needed`, `elf-interpreter`,
    `shebang`, `symlink`, `symlink-target`, `directory`, `hardlink`, `python-distribution`,
    `python-import`, `python-requires`, `package`, `rule:<id>`, `user-keep`, `user-remove`,
    `unused`, … `detail` is one plain sentence fragment for people; `because` the path that this one
    follows from (a chain ends where it is None).
    """

    code: str
    detail: str
    because: ImagePath | None = None


class Outcome(enum.Enum):
    """What a plan does to a package."""

    KEPT = "kept"
    PARTIAL = "partial"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class PackagePlan:
    """What becomes of one package: counts of its files, bytes of them, and `broken` = purls of kept
    packages that depend on it when it is removed whole.
    """

    purl: str
    outcome: Outcome
    kept_files: int
    removed_files: int
    kept_bytes: int
    removed_bytes: int
    broken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Symbols:
    """What becomes of symbol tables and debug sections of kept ELF files.

    `dropped` has the bytes by which a file gets smaller, `left` why a file keeps them. All names
    of a file are here.
    """

    dropped: Mapping[ImagePath, int]
    left: Mapping[ImagePath, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """`keep` and `remove` together hold every path of the image exactly once. `applied` are the ids
    of the rules whose conditions held, sorted; None in a plan that does not say (written before
    they were recorded). `symbols` says what becomes of symbol tables; None: they stay.
    """

    image: ImageRef
    level: Level
    keep: Mapping[ImagePath, Reason]
    remove: Mapping[ImagePath, Reason]
    packages: Mapping[str, PackagePlan]
    rbom_sha256: str
    notes: tuple[str, ...] = ()
    applied: tuple[str, ...] | None = None
    symbols: Symbols | None = None

    @property
    def keep_sha256(self) -> str:
        """The digest (hex) of what decides the new image's bytes: the paths that are kept, sorted,
        each ended by a NUL; where symbols go, after one more NUL the paths that lose them, in the
        same way. Two plans from two profiles that keep the same have the same; reasons, notes and
        the RBOM do not count.
        """
        digest = hashlib.sha256()
        for path in sorted(self.keep):
            digest.update(path.encode("utf-8", "surrogateescape") + b"\0")
        if self.symbols is not None and self.symbols.dropped:
            digest.update(b"\0")
            for path in sorted(self.symbols.dropped):
                digest.update(path.encode("utf-8", "surrogateescape") + b"\0")
        return digest.hexdigest()
