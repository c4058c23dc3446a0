"""What one run of careen did to one image: the figures that a person or a CI job reads first."""

from dataclasses import dataclass

from careen.model.adequacy import Adequacy
from careen.model.completeness import Completeness
from careen.model.measure import Measure
from careen.model.plan import Level, Outcome
from careen.model.repair import Flaky, Round
from careen.model.verdict import Verdict


@dataclass(frozen=True, slots=True)
class TestTotals:
    """All tests of all workloads on one image, together. `cases` is None when at least one test
    does not say how many it ran; `seconds` is the sum of the tests' own time.
    """

    __test__ = False  # not a pytest class

    passed: bool
    cases: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Tests:
    """The same tests on both images. `hardened` is None when they were not run on it."""

    __test__ = False

    original: TestTotals
    hardened: TestTotals | None


@dataclass(frozen=True, slots=True)
class SensorSummary:
    """Which sensor watched. `kind` is SensorKind's value; `completeness` is of all runs;
    `overhead_note` a sentence on what watching costs.
    """

    kind: str
    completeness: Completeness
    overhead_note: str
    kernel: str = ""


@dataclass(frozen=True, slots=True)
class StageSeconds:
    """Wall-clock seconds of each stage; None for a stage that did not run. `total` is measured, not
    summed.
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
    """What was tried beyond the tests: experiments that were run, those that were not, single
    tries; and the image's files (their bytes) that exploration used and no workload did.
    """

    experiments: int
    skipped: int
    tries: int
    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class PackageShare:
    """How much of one package went: bytes and number of files removed, and whether the package went
    whole.
    """

    purl: str
    outcome: Outcome
    removed_bytes: int
    removed_files: int


@dataclass(frozen=True, slots=True)
class ReasonShare:
    """How much is kept (or removed) for one reason: `code` as in `Reason.code`, `detail` one
    example of the reason in words.
    """

    code: str
    detail: str
    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class SymbolTotals:
    """Kept ELF files that lost their symbol tables and debug sections, and their bytes; `left` are
    those that did not, as (reason, files), most files first.
    """

    files: int
    bytes: int
    left: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class PatchTotals:
    """What was upgraded before anything was removed: (name, from, to) as read back, how many
    findings that closed, (names, reason) of what was dropped again, and how many findings no
    upgrade could close.
    """

    upgrades: tuple[tuple[str, str, str], ...]
    closed: int
    dropped: tuple[tuple[str, str], ...] = ()
    blocked: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """One hardened image beside its original.

    `checked` is what was really checked, weakest first among the workloads ("readiness only", "exit
    status", "tests"). `promoted` is where the result can be had: a tag of the engine's store,
    `oci:DIR`, `docker-archive:FILE`; empty when nothing was promoted. `tests` is None when no test
    was run. `patched` is None when nothing was to be upgraded, `exploration` when nothing was
    explored, `symbols` when they stay, `adequacy` when it was not measured; `rounds` are those of
    repair, `verdict` is what verification found, None when it was not made.

    `removed` and `kept` are sorted by bytes, largest first. `next_steps` are commands or sentences
    for the user; `report_directory` is None when no report was written.
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
