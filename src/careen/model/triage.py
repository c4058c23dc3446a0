"""What of the findings matters here, by evidence; and a whole scan with all that it rests on."""

import enum
from dataclasses import dataclass

from careen.model.advisory import Feed
from careen.model.compared import Compared
from careen.model.completeness import Completeness
from careen.model.finding import Finding, Uncovered
from careen.model.package import Inventory
from careen.model.paths import ImagePath


class Tier(enum.Enum):
    """The strongest thing that the evidence proves of a finding's code, strongest first
    (docs/adr/0008-tiers.md).
    """

    # its executable was run or mapped executable, or its module imported by an interpreter
    EXECUTED = "executed"
    # its code is in a process (linked into a program that ran, an archive that a runtime opened);
    # nothing shows that it ran
    LOADED = "loaded"
    OPENED = "opened"  # its files were read
    LOOKED_UP = "looked up"  # its files were asked for by name
    PRESENT = "present"  # it is there, and was not seen to be used
    REMOVED = "removed"  # its files are gone
    NOT_PROFILED = "not profiled"  # no RBOM: nothing is known of its use


@dataclass(frozen=True, slots=True)
class Witness:
    """One observation behind a tier: the path, what was done to it (`mapped`), by which program, in
    which workload and phases.
    """

    path: ImagePath
    use: str
    executable: str = ""
    workload: str = ""
    phases: tuple[str, ...] = ()


class Priority(enum.Enum):
    """What to do, in SSVC's words (CISA's decisions), most urgent first."""

    ACT = "act"
    ATTEND = "attend"
    TRACK = "track"


@dataclass(frozen=True, slots=True)
class Triaged:
    """A finding with its tier and priority. With `health_check_only` nothing but the image's
    HEALTHCHECK shows that tier.

    `scope` says what the tier was looked up for: `package`, or `vulnerable code` where the advisory
    names modules that were found among the package's files. `witnesses` are observations, strongest
    first, at most a few. `reasons` are the parts of the priority, in words, in the order of the
    rule (`mapped by /usr/bin/python3.11 in workload 'serve'; that program listens on 8000`, `EPSS
    0.94 (2024-05-02)`, `fixed in 3.0.17`). With `kernel_headers` the package is nothing but headers
    of the kernel, and the finding is last of all.
    """

    finding: Finding
    tier: Tier
    priority: Priority
    reasons: tuple[str, ...]
    scope: str = "package"
    witnesses: tuple[Witness, ...] = ()
    health_check_only: bool = False
    kernel_headers: bool = False

    @property
    def tier_words(self) -> str:
        """The tier for people: `executed`, or `executed (health check only)`."""
        return (
            f"{self.tier.value} (health check only)" if self.health_check_only else self.tier.value
        )


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A finding that is not counted: `by` is who says so (`.careenignore:12`, a VEX document's id),
    `reason` their words, `until` an expiry date or "".
    """

    triaged: Triaged
    by: str
    reason: str
    until: str = ""


@dataclass(frozen=True, slots=True)
class ObservedBy:
    """Which observation the tiers rest on: workloads, seconds watched in all, whether all was seen,
    whose image (`exact` False: another image's RBOM).
    """

    workloads: tuple[str, ...]
    seconds: float
    completeness: Completeness
    checked: tuple[str, ...]
    exact: bool = True


@dataclass(frozen=True, slots=True)
class ScanReport:
    """Everything that one scan says. `subject` is the reference that the user gave, `digest` names
    the image (the SBOM's or report's own, else "").

    `findings` most urgent first. `unowned` counts files that no package owns, `unowned_examples`
    names some. `crossed` are the thresholds of `--fail-on` that were crossed, in words. `origin`
    says where findings come from: `careen`, or a foreign report (`trivy 0.58.1 report.json`).
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

    @property
    def compared(self) -> Compared:
        """How many of its packages were compared with some feed. Another tool's report counts as
        having compared all.
        """
        packages = len(self.inventory.packages)
        return Compared(packages, max(0, packages - sum(gap.packages for gap in self.uncovered)))
