"""The result of hardening an index: what was made of each platform."""

import enum
from dataclasses import dataclass

from careen.model.summary import Summary


class Made(enum.Enum):
    """How a platform's image in the result came about."""

    NATIVE = "native"  # hardened by its own profile
    EMULATED = "emulated"  # the same, under an emulator
    DERIVED = "derived"  # not run: without the packages that the platforms that ran do without
    KEPT = "kept"  # not run: the original


@dataclass(frozen=True, slots=True)
class PlatformResult:
    """One platform: what it is now, and why it was not run ("" if it was).

    `before` and `after` are bytes of the files, None if the image was not opened. `removed` are
    names of packages that a derived image lost. `attestations` counts those about the original,
    which are carried for a kept platform alone. `summary` is of a platform that ran.
    """

    platform: str
    made: Made
    original_digest: str
    digest: str
    why: str = ""
    before: int | None = None
    after: int | None = None
    removed: tuple[str, ...] = ()
    attestations: int = 0
    summary: Summary | None = None

    @property
    def attestations_carried(self) -> int:
        """How many attestations of the original the result has."""
        return self.attestations if self.made is Made.KEPT else 0


@dataclass(frozen=True, slots=True)
class PlatformsResult:
    """A new index; `original_digest` is None if the name led to no index.

    `left_out` are platforms of the original that were not asked for.
    """

    reference: str
    original_digest: str | None
    digest: str
    promoted: tuple[str, ...]
    platforms: tuple[PlatformResult, ...]
    left_out: tuple[str, ...]
    report_directory: str
    seconds: float
