"""The drop-in contract between an upstream image and ours."""

import enum
from dataclasses import dataclass


class Kept(enum.Enum):
    """Whether an item of the contract holds."""

    SAME = "same"
    DIFFERS = "differs"  # as the variant or an upgrade says, with the reason
    BROKEN = "broken"
    UNKNOWN = "unknown"  # it could not be compared, with the reason
    NOT_APPLICABLE = "not applicable"  # there is no such thing in both, with the reason


@dataclass(frozen=True, slots=True)
class ContractRow:
    """One item: what was compared, how it came out, and why.

    `upstream` and `ours` are what each image says, shortened; `reason` is "" if both are the same.
    """

    item: str
    what: str
    kept: Kept
    upstream: str = ""
    ours: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Contract:
    """The contract of an image against its upstream; `variant` is what was expected of it."""

    upstream: str
    image: str
    variant: str
    rows: tuple[ContractRow, ...]

    @property
    def broken(self) -> int:
        return sum(row.kept is Kept.BROKEN for row in self.rows)
