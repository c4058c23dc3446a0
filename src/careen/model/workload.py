"""A workload: how a container is run, when it is ready, and what tests it."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from careen.model.image import Healthcheck


@dataclass(frozen=True, slots=True)
class ReadyUrl:
    """Ready when GET of the URL answers 2xx or 3xx. A path or a URL with the container's port: the
    host's port is put in.
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
    """A batch job: it is done when the container ends, and its exit status counts."""


@dataclass(frozen=True, slots=True)
class ReadyHealthcheck:
    """Ready when the image's HEALTHCHECK passes."""

    healthcheck: Healthcheck


@dataclass(frozen=True, slots=True)
class ReadyDefault:
    """The image's HEALTHCHECK, else the first exposed port answers."""


Ready = ReadyUrl | ReadyTcp | ReadyLog | ReadyCommand | ReadyExit | ReadyHealthcheck | ReadyDefault


class TestPlace(enum.Enum):
    """Where a test command runs."""

    __test__ = False  # not a pytest class

    HOST = "host"
    CONTAINER = "container"


@dataclass(frozen=True, slots=True)
class TestCommand:
    """A shell command that tests the workload (`--test` on the host, `--exec` in the container)."""

    __test__ = False

    place: TestPlace
    command: str


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What `docker run` would be given, in its own syntax; each engine gives the words docker's
    meaning.
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


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds after which careen stops waiting. `stop` is the grace period of a stop signal."""

    ready: float = 300.0
    test: float = 1800.0
    stop: float = 30.0


@dataclass(frozen=True, slots=True)
class Workload:
    """One named way in which the image does its real work. `tests` are profiled; `held_out` are
    tests that only verification runs, on both images, so that what they need is not learnt
    beforehand.
    """

    name: str = "default"
    ready: Ready = field(default_factory=ReadyDefault)
    tests: tuple[TestCommand, ...] = ()
    observe: float = 0.0
    run: RunOptions = field(default_factory=RunOptions)
    limits: Limits = field(default_factory=Limits)
    held_out: tuple[TestCommand, ...] = ()

    def only_held_out(self) -> "Workload":
        """The same work with the held-out tests alone, under a name of its own."""
        return replace(self, name=f"{self.name}+held-out", tests=self.held_out, held_out=())


class Outcome(enum.Enum):
    """How one test case ended."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One test case of a test command, as its report (JUnit XML, TAP) tells it. `begun` is of the
    monotonic clock, None when the report does not tell; `message` is the first line of the failure.
    """

    name: str
    outcome: Outcome
    seconds: float
    begun: float | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One HTTP request that the tests sent through a published port, seen on its way. `path` has no
    query; `status` is None when no answer came. `begun` is of the monotonic clock.
    """

    port: int
    method: str
    path: str
    status: int | None
    begun: float
    seconds: float


@dataclass(frozen=True, slots=True)
class TestResult:
    """What one test command did. `cases` is the number of cases that it reported, None when its
    output does not say; `results` are the single cases, empty when no report tells them. `begun` is
    of the monotonic clock.
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
    """How the image's HEALTHCHECK ended once the workload was ready, the last time of `tries`.
    `status` is None when it did not end in time or could not be run; `output` then says so.
    """

    status: int | None
    output: str = ""
    tries: int = 1


@dataclass(frozen=True, slots=True)
class WorkloadResult:
    """What a workload did on one image. `reason` is empty when all passed; else one line for the
    user. `checked` says what was really checked: "tests", "exit status" or "readiness only".
    `exchanges` are the HTTP requests that were seen on their way to published ports, `connections`
    how many TCP connections each port got (None: not counted); `memory_peak` is in bytes, None
    where it could not be read. `begun` is of the monotonic clock. `health` is None where the image
    has no HEALTHCHECK, or the workload never got ready. `killed_after`: the seconds for which it
    ignored its stop signal, before it was killed.
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
