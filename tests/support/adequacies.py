"""A small service that was profiled and explored, as values: what it used when, and what its tests
asked of it.
"""

import json
from collections.abc import Iterable, Mapping
from contextlib import ExitStack

from careen.adequacy.curve import Watched
from careen.adequacy.sights import find_first_uses
from careen.formats.openapi import Operation
from careen.model.image import ImageConfig
from careen.model.measure import Measure
from careen.model.packages.package import Inventory, Package
from careen.model.paths import ImagePath
from careen.model.rbom import ImageRef, Run, RunKind
from careen.model.runs.exploration import Answer, Explored
from careen.model.runs.trace import Endpoint, Phase, SensorInfo, SensorKind, Touch, Trace, Use
from careen.model.runs.workload import (
    CaseResult,
    Exchange,
    Outcome,
    ReadyExit,
    TestCommand,
    TestPlace,
    TestResult,
    Workload,
    WorkloadResult,
)
from careen.oci.image import Image
from careen.oci.tree.rootfs import Rootfs
from careen.pipeline.profiling.explore import Exploration
from careen.pipeline.profiling.observe import Observation
from careen.pipeline.profiling.profile import Profile
from careen.pipeline.run.source import Examined
from careen.rbom.attribute import attribute
from careen.rbom.merge import merge

REF = ImageRef("app:1", None, "sha256:" + "1" * 64, (), "linux/amd64")
SENSOR = SensorInfo(SensorKind.EBPF, "6.8", "x86_64", (), frozenset(Use), {"ring": 0})
BEGUN = 1000.0
"""When the first test begins, in every run that is made here."""

Uses = Mapping[str, float | None]
"""Path → when it was first opened."""


def examined(
    rootfs: Rootfs, packages: Iterable[Package] = (), run: Mapping[str, object] | None = None
) -> Examined:
    """An image that was looked into: `run` is the `config` object of its configuration."""
    packages = tuple(packages)
    owners: dict[ImagePath, tuple[str, ...]] = {}
    for package in packages:
        for path in package.files:
            owners[path] = (*owners.get(path, ()), package.purl)
    document = {"config": dict(run or {}), "rootfs": {"diff_ids": []}}
    image = Image(REF, json.dumps(document).encode(), ImageConfig(document), (), {}, ExitStack())
    measure = Measure(REF.reference, REF.digest, 0, 0, {}, 0, 0, 0, 0, 0)
    return Examined(
        image, rootfs, Inventory({package.purl: package for package in packages}, owners), measure
    )


def trace(uses: Uses, executed: Iterable[str] = (), bound: Iterable[int] = ()) -> Trace:
    """What a sensor saw: `executed` before any test, `bound` the TCP ports that were listened
    on.
    """
    phases = frozenset({Phase.SERVING})
    touches = [
        Touch(Use.EXECUTED, path, "/", path, True, 0, phases, "/x", 1.0) for path in executed
    ]
    touches += [
        Touch(Use.OPENED, path, "/", path, True, 0, phases, "/x", first)
        for path, first in uses.items()
    ]
    return Trace(
        SENSOR,
        tuple(touches),
        {},
        tuple(Endpoint("bind", "inet", "0.0.0.0", port, phases) for port in bound),
    )


def command(
    results: Iterable[CaseResult] = (),
    seconds: float = 100.0,
    begun: float = BEGUN,
    place: TestPlace = TestPlace.HOST,
) -> TestResult:
    """One test command that passed."""
    listed = tuple(results)
    return TestResult(
        TestCommand(place, "pytest -q"),
        True,
        0,
        seconds,
        len(listed) or None,
        "",
        begun=begun,
        results=listed,
    )


def cases(
    count: int, each: float = 10.0, begun: float = BEGUN, prefix: str = "test"
) -> tuple[CaseResult, ...]:
    """Cases that ran one after the other: `test0` at `begun`, each of the same length."""
    return tuple(
        CaseResult(f"{prefix}{number}", Outcome.PASSED, each, begun + number * each)
        for number in range(count)
    )


def observation(
    seen: Trace,
    *tests: TestResult,
    exchanges: Iterable[tuple[str, str, int | None]] = (),
    connections: Mapping[int, int] | None = None,
    name: str = "default",
    batch: bool = False,
) -> Observation:
    """A workload that ran, and what was seen of it; exchanges are (method, path, status) on port
    8000.
    """
    workload = (
        Workload(name, ready=ReadyExit(), tests=())
        if batch
        else Workload(name, tests=tuple(test.test for test in tests))
    )
    spoken = tuple(
        Exchange(8000, method, path, status, BEGUN, 0.1) for method, path, status in exchanges
    )
    result = WorkloadResult(
        name, True, "", "tests", tests, 1.0, 200.0, "", 0, begun=BEGUN - 50, exchanges=spoken, connections=connections
    )  # fmt: skip
    return Observation(workload, result, seen, "2026-01-01T00:00:00Z", ("/app/start.sh",))


def watched(rootfs: Rootfs, seen: Observation) -> Watched:
    """The same run, as the discovery curve takes it."""
    return Watched(seen.workload, seen.result, find_first_uses(seen.trace, rootfs))


def profile(
    image: Examined, *observations: Observation, explored: Iterable[Explored] = ()
) -> Profile:
    """The profile of these runs, as the pipeline makes it; explorations are in its RBOM as such."""
    runs = [(each.trace, _run(each.workload.name, RunKind.WORKLOAD)) for each in observations]
    runs += [
        (each.trace, _run(f"explore:{each.experiment}", RunKind.EXPLORATION))
        for each in explored
        if each.trace is not None
    ]
    return Profile(
        merge([attribute(seen, image.rootfs, image.inventory, REF, run) for seen, run in runs]),
        observations,
    )


def _run(name: str, kind: RunKind) -> Run:
    return Run(
        name, ("/app/start.sh",), "2026-01-01T00:00:00Z", 1.0, (), "tests", SENSOR, "docker", kind
    )


def answer(
    operation: str, begun: float, seconds: float = 1.0, kind: str = "http", identity: str = ""
) -> Answer:
    """One try of exploration."""
    return Answer(
        identity or f"{operation}: valid",
        kind,
        200,
        operation=operation,
        begun=begun,
        seconds=seconds,
    )


def explored(
    *answers: Answer, uses: Uses, experiment: str = "http", title: str = "the service's operations"
) -> Explored:
    """One experiment, and what it opened."""
    return Explored(experiment, title, answers, trace(uses))


def exploration(*experiments: Explored, operations: Iterable[str] | None = None) -> Exploration:
    """What came of experiments on the original; the operations as people name them ("POST
    /embed").
    """
    described = (
        None
        if operations is None
        else tuple(Operation(*operation.split(" ", 1)) for operation in operations)
    )
    return Exploration((), experiments, described)
