"""What another scanner found by rules of its own, beside careen's checks."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ComparedRule:
    """A rule of the other scanner that asks what checks of careen ask.

    `difference` says how the two questions differ, "" if they are the same.
    """

    rule: str
    theirs: str
    checks: tuple[str, ...]
    ours: str
    agrees: bool
    difference: str


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """The result of another scanner on the same image.

    `evaluated` is False if it could not judge the image: `reason` says why, and nothing of it
    counts. `counts` are its rules by result; `compared` are those that careen has a check for.
    """

    tool: str
    content: str
    profile: str
    evaluated: bool
    reason: str
    counts: Mapping[str, int]
    compared: tuple[ComparedRule, ...]

    @property
    def agreements(self) -> int:
        """Number of compared rules with the same result."""
        return sum(each.agrees for each in self.compared)
