"""Workloads: how a container is run, when it is ready, and how it is tested."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from careen.model.image import Healthcheck
from careen.model.runs.compose import ComposeService


@dataclass(frozen=True, slots=True)
class ReadyUrl:
    """Ready when GET of the URL returns 2xx or 3xx.

    `url` is a path, or a URL with the container's port, which the host's port replaces.
    """

    url: str


@dataclass(frozen=True, slots=True)
class ReadyTcp:
    """Ready when the container's TCP port accepts a connection and keeps it open."""

    port: int


@dataclass(frozen=True, slots=True)
class ReadyLog:
    """Ready when a line of the container's output matches the regular expression."""

    pattern: str


@dataclass(frozen=True, slots=True)
class ReadyCommand:
    """Ready when the shell command, run on the host with the test environment, exits 0."""

    command: str


@dataclass(frozen=True, slots=True)
class ReadyExit:
    """A batch job: done when the container ends; its exit status counts."""


@dataclass(frozen=True, slots=True)
class ReadyHealthcheck:
    """Ready when the image's HEALTHCHECK passes."""

    healthcheck: Healthcheck


@dataclass(frozen=True, slots=True)
class ReadyDefault:
    """Ready when the image's HEALTHCHECK passes, or else the first exposed port answers."""


Ready = ReadyUrl | ReadyTcp | ReadyLog | ReadyCommand | ReadyExit | ReadyHealthcheck | ReadyDefault


class TestPlace(enum.Enum):
    """Where a test command runs."""

    __test__ = False  # not a pytest class

    HOST = "host"
    CONTAINER = "container"


@dataclass(frozen=True, slots=True)
class TestCommand:
    """A shell command that tests the workload (`--test` on the host, `--exec` in it)."""

    __test__ = False

    place: TestPlace
    command: str


@dataclass(frozen=True, slots=True)
class Confinement:
    """Limits beyond the engine's defaults, as docker's `--cap-drop ALL` and `--security-opt`.

    `capabilities` (`CAP_…`) stay, all others are dropped. `seccomp` is the file of a profile (None:
    the engine's own). `groups` are given to the user besides its own.
    """

    capabilities: tuple[str, ...] = ()
    no_new_privileges: bool = True
    seccomp: Path | None = None
    groups: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Options of `docker run` in docker's syntax and meaning, for every engine.

    With `compose` the container is one of that service, beside its neighbours, and the other
    options add to what the compose file says. With `yields` it gets little processor time while
    others want it.
    """

    env: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    user: str | None = None
    read_only: bool = False
    tmpfs: tuple[str, ...] = ()
    gpus: str | None = None
    shm_size: str | None = None
    entrypoint: str | None = None
    args: tuple[str, ...] = ()
    network: str | None = None
    memory: str | None = None
    dns: tuple[str, ...] = ()
    confinement: Confinement | None = None
    compose: ComposeService | None = None
    yields: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """Time limits in seconds. `stop` is the grace period of a stop signal."""

    ready: float = 300.0
    test: float = 1800.0
    stop: float = 30.0


@dataclass(frozen=True, slots=True)
class Workload:
    """A named way to run the image, with its tests.

    `tests` are profiled. `held_out` are tests that only verification runs, on both images.
    """

    name: str = "default"
    ready: Ready = field(default_factory=ReadyDefault)
    tests: tuple[TestCommand, ...] = ()
    observe: float = 0.0
    run: RunOptions = field(default_factory=RunOptions)
    limits: Limits = field(default_factory=Limits)
    # Profiling must not learn what these need.
    held_out: tuple[TestCommand, ...] = ()

    def only_held_out(self) -> "Workload":
        """Return the workload with its held-out tests alone, under another name."""
        return replace(self, name=f"{self.name}+held-out", tests=self.held_out, held_out=())


class Outcome(enum.Enum):
    """Result of one test case."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One test case of a test command, from its report (JUnit XML, TAP).

    `begun` is of the monotonic clock, None if not reported. `message` is the first line of the
    failure.
    """

    name: str
    outcome: Outcome
    seconds: float
    begun: float | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One HTTP request of the tests, observed on its way to a published port.

    `path` has no query. `status` is None without an answer. `begun` is of the monotonic clock.
    """

    port: int
    method: str
    path: str
    status: int | None
    begun: float
    seconds: float


@dataclass(frozen=True, slots=True)
class TestResult:
    """Result of one test command.

    `cases` is the number of reported cases, None if the output does not say. `results` are the
    single cases, empty without a report. `begun` is of the monotonic clock.
    """

    __test__ = False

    test: TestCommand
    passed: bool
    exit_status: int | None
    seconds: float
    cases: int | None
    output: str
    reason: str = ""
    begun: float = 0.0
    results: tuple[CaseResult, ...] = ()


@dataclass(frozen=True, slots=True)
class HealthResult:
    """Last result of the image's HEALTHCHECK after the workload became ready, of `tries`.

    `status` is None if it timed out or could not run; `output` then says so.
    """

    status: int | None
    output: str = ""
    tries: int = 1


@dataclass(frozen=True, slots=True)
class WorkloadResult:
    """Result of a workload on one image.

    `reason` is one line for the user, empty if all passed. `checked` is "tests", "exit status" or
    "readiness only". `exchanges` are HTTP requests observed on published ports; `connections`
    counts TCP connections by port, None if not counted. `memory_peak` is in bytes. `begun` is of
    the monotonic clock. `health` is None without a HEALTHCHECK or readiness. `killed_after` is the
    time in seconds that it ignored its stop signal; `unheard`: its first process has no handler
    for it. `held_up` is for how many seconds it waited for a processor until it was ready, None if
    unknown.
    """

    workload: str
    passed: bool
    reason: str
    checked: str
    tests: tuple[TestResult, ...]
    ready_seconds: float | None
    seconds: float
    logs: str
    exit_code: int | None
    environment: Mapping[str, str] = field(default_factory=dict)
    begun: float = 0.0
    exchanges: tuple[Exchange, ...] = ()
    connections: Mapping[int, int] | None = None
    memory_peak: int | None = None
    health: HealthResult | None = None
    killed_after: float | None = None
    unheard: bool = False
    held_up: float | None = None
