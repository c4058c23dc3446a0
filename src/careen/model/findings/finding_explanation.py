"""Explanation of one vulnerability in one image."""

from dataclasses import dataclass

from careen.model.findings.advisory import Advisory, Feed
from careen.model.findings.triage import Suppressed, Triaged
from careen.model.patching import Blocked, Upgrade


@dataclass(frozen=True, slots=True)
class UnaffectedPackage:
    """An installed package that a record covers without matching it.

    `record` is the record's identifier; `says` is the version or range it states.
    """

    purl: str
    record: str
    feed: str
    says: str


@dataclass(frozen=True, slots=True)
class Decided:
    """What a patch plan does about the vulnerability.

    `source` is the plan's file. `upgrades` are to close it; `blocked` says where it stays, and why.
    """

    source: str
    upgrades: tuple[Upgrade, ...]
    blocked: tuple[Blocked, ...]


@dataclass(frozen=True, slots=True)
class FindingExplanation:
    """Everything known about vulnerability `identifier` in image `subject`.

    `findings` are the affected packages, `suppressed` those not counted. `passed` are installed
    packages that a record covers but does not match. `records` are all database records of it;
    empty if it is unknown. `decided` is None without a patch plan of this image that names it.
    """

    identifier: str
    subject: str
    digest: str
    findings: tuple[Triaged, ...]
    suppressed: tuple[Suppressed, ...]
    passed: tuple[UnaffectedPackage, ...]
    records: tuple[Advisory, ...]
    feeds: tuple[Feed, ...]
    decided: Decided | None = None

    @property
    def known(self) -> bool:
        """Whether the database has a record of it, or the image a finding."""
        return bool(self.records or self.findings or self.suppressed)
