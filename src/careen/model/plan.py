"""A plan: for every path of an image, keep or remove, and why."""

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


class Basis(enum.Enum):
    """What a plan rests on."""

    NATIVE = "native"  # the image ran on a processor of its platform
    EMULATED = "emulated"  # an emulator ran it
    DERIVED = "derived"  # the image did not run: from the plans of its other platforms


EXPLORED = "explored"
"""Reason code of paths that only exploration used; `observed` is for those of a workload."""

DRIFT = "drift"
"""Reason code of paths that a running container used or missed, by the events of a guard."""

CONTRACT = "contract"
"""Reason code of paths that the contract of a base demands or forbids."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a path is kept or removed.

    `code` is stable and machine-readable: `observed`, `explored`, `elf-needed`, `elf-interpreter`,
    `shebang`, `symlink`, `symlink-target`, `directory`, `hardlink`, `python-distribution`,
    `python-import`, `python-requires`, `package`, `rule:<id>`, `drift`, `user-keep`, `user-remove`,
    `as-before`, `unused`, … `detail` is a sentence fragment for the user. `because` is the path
    that caused this one; a chain ends at None.
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
    """What a plan does to one package.

    `broken` are purls of kept packages that depend on it, if it is removed whole.
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
    """What happens to symbol tables and debug sections of kept ELF files.

    `dropped` maps a path to the bytes saved; `left` maps a path to the reason for keeping them. All
    names of a file are included.
    """

    dropped: Mapping[ImagePath, int]
    left: Mapping[ImagePath, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan: `keep` and `remove` together hold every path of the image exactly once.

    `applied` are the ids of the rules whose conditions held, sorted; None in an old plan that does
    not record them. `symbols` is None if symbol tables stay.
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
    basis: Basis = Basis.NATIVE

    @property
    def keep_sha256(self) -> str:
        """The sha256 (hex) of what determines the new image's bytes.

        It covers the kept paths, sorted, each followed by a NUL; then, if symbols are removed, a
        NUL and the paths that lose them in the same form. Plans that keep the same share it;
        reasons, notes and the RBOM do not count.
        """
        digest = hashlib.sha256()
        for path in sorted(self.keep):
            digest.update(path.encode("utf-8", "surrogateescape") + b"\0")
        if self.symbols is not None and self.symbols.dropped:
            digest.update(b"\0")
            for path in sorted(self.symbols.dropped):
                digest.update(path.encode("utf-8", "surrogateescape") + b"\0")
        return digest.hexdigest()
