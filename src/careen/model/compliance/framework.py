"""A framework: its items, and the checks and controls that each is mapped to."""

import datetime as dt
import enum
from dataclasses import dataclass

from careen.model.compliance.result import Result


class Severity(enum.Enum):
    """How much a failed item matters, in the words of XCCDF and STIG."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a framework.

    It has `checks`, or a fixed `status` with its `rationale`, which holds while all checks of the
    `premise` pass; else the item is for a person to judge. `rest` says what the checks do not
    show, and who owns it. `controls` are of NIST SP 800-53 r5, `cci` of DISA's list, `criteria` of
    other catalogues. `group` is the number under which a benchmark lists it.
    """

    id: str
    title: str
    checks: tuple[str, ...] = ()
    status: Result | None = None
    rationale: str = ""
    premise: tuple[str, ...] = ()
    rest: str = ""
    controls: tuple[str, ...] = ()
    cci: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    severity: Severity = Severity.MEDIUM
    group: str = ""


@dataclass(frozen=True, slots=True)
class Framework:
    """A framework as data.

    `content` is the version of what it maps, `dated` the day on which the mapping was last checked,
    `owner` who answers for what an image cannot show.
    """

    id: str
    title: str
    content: str
    dated: dt.date
    source: str
    owner: str
    items: tuple[Item, ...]

    def checks(self) -> frozenset[str]:
        """Return the ids of all checks that its items need."""
        return frozenset(check for item in self.items for check in (*item.checks, *item.premise))
