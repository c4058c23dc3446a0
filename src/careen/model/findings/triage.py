"""Triage: findings ranked by evidence, and the report of a scan."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from careen.model.comparing.compared import Compared
from careen.model.findings.advisory import KEV, Feed
from careen.model.findings.finding import Finding, Uncovered
from careen.model.findings.questions import NOT_ASKED, FourQuestions
from careen.model.packages.package import Inventory
from careen.model.paths import ImagePath
from careen.model.runs.completeness import Completeness


class Tier(enum.Enum):
    """The strongest use of a finding's code that the evidence proves, strongest first.

    See docs/adr/0008-tiers.md.
    """

    # executable run or mapped executable, or module imported by an interpreter
    EXECUTED = "executed"
    # code in a process (linked into a program that ran, or in an opened archive), not shown to have
    # run
    LOADED = "loaded"
    OPENED = "opened"  # its files were read
    LOOKED_UP = "looked up"  # its files were looked up by name
    PRESENT = "present"  # it exists, and was not seen to be used
    REMOVED = "removed"  # its files are removed
    NOT_PROFILED = "not profiled"  # no RBOM: its use is unknown


@dataclass(frozen=True, slots=True)
class Witness:
    """One observation behind a tier.

    `use` is the action on the path (`mapped`).
    """

    path: ImagePath
    use: str
    executable: str = ""
    workload: str = ""
    phases: tuple[str, ...] = ()


class Priority(enum.Enum):
    """Recommended action in SSVC's terms (CISA's decisions), most urgent first."""

    ACT = "act"
    ATTEND = "attend"
    TRACK = "track"


@dataclass(frozen=True, slots=True)
class Triaged:
    """A finding with its tier and priority.

    `scope` is what the tier was determined for: `package`, or `vulnerable code` if the advisory
    names modules found among the package's files. `witnesses` are a few observations, strongest
    first. `reasons` are the parts of the priority in the order of the rule (`EPSS 0.94
    (2024-05-02)`, `fixed in 3.0.17`). `health_check_only` means that only the image's HEALTHCHECK
    shows the tier. `kernel_headers` means that the package holds only kernel headers; it is sorted
    last. `questions` are those of CISA's BOD 26-04.
    """

    finding: Finding
    tier: Tier
    priority: Priority
    reasons: tuple[str, ...]
    scope: str = "package"
    witnesses: tuple[Witness, ...] = ()
    health_check_only: bool = False
    kernel_headers: bool = False
    questions: FourQuestions = NOT_ASKED

    @property
    def tier_words(self) -> str:
        """The tier as shown: `executed`, or `executed (health check only)`."""
        return (
            f"{self.tier.value} (health check only)" if self.health_check_only else self.tier.value
        )


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A finding that is not counted.

    `by` is the source (`.careenignore:12`, a VEX document's id), `reason` its text, `until` an
    expiry date or "", `review_by` the day by which it must be reviewed, or "".
    """

    triaged: Triaged
    by: str
    reason: str
    until: str = ""
    review_by: str = ""


@dataclass(frozen=True, slots=True)
class ObservedBy:
    """The runs that the tiers rest on.

    `seconds` is the total watched time. `exact` is False for another image's RBOM.
    """

    workloads: tuple[str, ...]
    seconds: float
    completeness: Completeness
    checked: tuple[str, ...]
    exact: bool = True


@dataclass(frozen=True, slots=True)
class ScanReport:
    """Everything that one scan reports.

    `subject` is the reference the user gave. `digest` names the image (the SBOM's or report's own,
    else ""). `findings` are most urgent first. `unowned` counts files without a package. `crossed`
    are the exceeded thresholds of `--fail-on`, in words. `origin` is `careen`, or a foreign report
    (`trivy 0.58.1 report.json`). `problems` are those of Matched: they are warnings too.
    """

    subject: str
    digest: str
    inventory: Inventory
    findings: tuple[Triaged, ...]
    feeds: tuple[Feed, ...]
    created: str
    suppressed: tuple[Suppressed, ...] = ()
    uncovered: tuple[Uncovered, ...] = ()
    observed: ObservedBy | None = None
    unowned: int = 0
    unowned_examples: tuple[ImagePath, ...] = ()
    warnings: tuple[str, ...] = ()
    crossed: tuple[str, ...] = ()
    origin: str = "careen"
    problems: tuple[str, ...] = ()

    @property
    def kev_known(self) -> bool:
        """Whether CISA's list is known: by its feed, or by an entry that a scanner reports."""
        found = (*self.findings, *(item.triaged for item in self.suppressed))
        return any(feed.name == KEV for feed in self.feeds) or any(
            item.finding.kev is not None for item in found
        )

    def known_exploited(self, items: Iterable[Triaged]) -> int | None:
        """Return how many of `items` are on CISA's list, or None if that is not known."""
        return sum(item.finding.kev is not None for item in items) if self.kev_known else None

    @property
    def compared(self) -> Compared:
        """How many of its packages were compared with a feed."""
        # Another tool's report counts as having compared all packages.
        packages = len(self.inventory.packages)
        return Compared(packages, max(0, packages - sum(gap.packages for gap in self.uncovered)))
