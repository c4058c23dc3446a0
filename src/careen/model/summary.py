"""Summary of one run: the figures that a user or a CI job reads first."""

from dataclasses import dataclass

from careen.model.adequacy import Adequacy
from careen.model.attestations.ended import EndedDocuments
from careen.model.measure import Measure
from careen.model.plan import Level, Outcome
from careen.model.repair import Flaky, Round
from careen.model.runs.completeness import Completeness
from careen.model.verdict import Verdict


@dataclass(frozen=True, slots=True)
class TestTotals:
    """Totals of all tests of all workloads on one image.

    `cases` is None if a test does not report its number of cases. `seconds` is the sum of the
    tests' own time.
    """

    __test__ = False  # not a pytest class

    passed: bool
    cases: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Tests:
    """The same tests on both images; `hardened` is None if they did not run there."""

    __test__ = False

    original: TestTotals
    hardened: TestTotals | None


@dataclass(frozen=True, slots=True)
class SensorSummary:
    """The sensor of a run.

    `kind` is SensorKind's value. `completeness` covers all runs. `overhead_note` is a sentence on
    the cost of watching. `emulated`: an emulator ran the image.
    """

    kind: str
    completeness: Completeness
    overhead_note: str
    kernel: str = ""
    emulated: bool = False


STAGES = (
    "inspect",
    "survey",
    "patch",
    "test",
    "bisect",
    "profile",
    "explore",
    "plan",
    "strip",
    "verify",
    "repair",
    "findings",
    "promote",
)
"""The stages of a run, in their order; each is a field of `StageSeconds`."""


@dataclass(frozen=True, slots=True)
class StageSeconds:
    """Wall-clock seconds per stage; None for a stage that did not run.

    `total` is measured, not summed.
    """

    inspect: float | None
    profile: float | None
    plan: float | None
    strip: float | None
    verify: float | None
    findings: float | None
    promote: float | None
    total: float
    explore: float | None = None
    repair: float | None = None
    survey: float | None = None
    patch: float | None = None
    test: float | None = None
    bisect: float | None = None


@dataclass(frozen=True, slots=True)
class ExplorationTotals:
    """Totals of exploration.

    `experiments` were run, `skipped` were not; `tries` are single tries. `files` and `bytes` count
    image files that exploration used and no workload did. `not_ready` are the experiments in which
    the service ran and did not become ready in time: nothing was asked of it.
    """

    experiments: int
    skipped: int
    tries: int
    files: int
    bytes: int
    not_ready: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PackageShare:
    """How much of one package was removed."""

    purl: str
    outcome: Outcome
    removed_bytes: int
    removed_files: int


@dataclass(frozen=True, slots=True)
class ReasonShare:
    """How much is kept or removed for one reason.

    `code` is as in `Reason.code`; `detail` is an example in words.
    """

    code: str
    detail: str
    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class SymbolTotals:
    """Kept ELF files that lost symbol tables and debug sections, and the bytes saved.

    `left` lists files that kept them as (reason, files), most files first.
    """

    files: int
    bytes: int
    left: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class PatchTotals:
    """Upgrades made before anything was removed.

    `upgrades` are (name, from, to) as read back. `closed` counts findings closed, `blocked` those
    that no upgrade could close. `dropped` are (names, reason).
    """

    upgrades: tuple[tuple[str, str, str], ...]
    closed: int
    dropped: tuple[tuple[str, str], ...] = ()
    blocked: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """Comparison of one hardened image with its original.

    `checked` is the weakest check among the workloads ("readiness only", "exit status", "tests").
    `promoted` are the result's locations (a tag of the engine's store, `oci:DIR`,
    `docker-archive:FILE`). None means not done: no tests, upgrades, exploration, symbol removal,
    adequacy, verification or report. `ended` is what was signed of the original. `rounds` are those
    of repair. `removed` and `kept` are by bytes, largest first. `next_steps` are for the user.
    """

    level: Level
    original: Measure
    hardened: Measure
    workloads: tuple[str, ...]
    checked: str
    tests: Tests | None
    sensor: SensorSummary
    seconds: StageSeconds
    promoted: tuple[str, ...]
    removed: tuple[PackageShare, ...] = ()
    kept: tuple[ReasonShare, ...] = ()
    plan_sha256: str = ""
    rbom_sha256: str = ""
    report_directory: str | None = None
    notes: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()
    exploration: ExplorationTotals | None = None
    adequacy: Adequacy | None = None
    rounds: tuple[Round, ...] = ()
    flaky: tuple[Flaky, ...] = ()
    verdict: Verdict | None = None
    patched: PatchTotals | None = None
    symbols: SymbolTotals | None = None
    ended: EndedDocuments | None = None
