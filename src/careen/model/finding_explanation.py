"""The answer to "what about this vulnerability in this image?"."""

from dataclasses import dataclass

from careen.model.advisory import Advisory, Feed
from careen.model.patching import Blocked, Upgrade
from careen.model.triage import Suppressed, Triaged


@dataclass(frozen=True, slots=True)
class Passed:
    """An installed package that a record of the vulnerability speaks about without matching it:
    `purl`, the record's identifier and feed, and what it says.
    """

    purl: str
    record: str
    feed: str
    says: str


@dataclass(frozen=True, slots=True)
class Decided:
    """What a patch plan says of the vulnerability: `source` is its file, `upgrades` those that are
    to close it, `blocked` where it stays, and why.
    """

    source: str
    upgrades: tuple[Upgrade, ...]
    blocked: tuple[Blocked, ...]


@dataclass(frozen=True, slots=True)
class FindingExplanation:
    """Everything known about `identifier` in `subject`.

    `findings` are the packages that it affects here, `suppressed` those that are not counted and by
    whose word. `passed` are installed packages that a record speaks about and that are not
    affected. `records` are the database's records of it, whatever package they are about; empty:
    the database does not know it. `decided` is None where no patch plan of this image speaks of it.
    """

    identifier: str
    subject: str
    digest: str
    findings: tuple[Triaged, ...]
    suppressed: tuple[Suppressed, ...]
    passed: tuple[Passed, ...]
    records: tuple[Advisory, ...]
    feeds: tuple[Feed, ...]
    decided: Decided | None = None

    @property
    def known(self) -> bool:
        """Say whether the database has a record of it, or the image a finding."""
        return bool(self.records or self.findings or self.suppressed)
