"""What two images did, made up: answers, experiments, runs of workloads, and what a sensor saw of
them.
"""

import errno
from collections.abc import Sequence
from dataclasses import replace

from careen.model.runs.behaviour import Deviation
from careen.model.runs.exploration import Answer, Explored
from careen.model.runs.trace import Phase, SensorInfo, SensorKind, Touch, Trace, Use
from careen.model.runs.workload import (
    CaseResult,
    Outcome,
    TestCommand,
    TestPlace,
    TestResult,
    WorkloadResult,
)
from careen.oci.tree.rootfs import Rootfs
from careen.verify.behaviour import Behaviour, Images, compare_behaviour
from careen.verify.bodies.normal import Noise
from careen.verify.sides import Ran, Side
from tests.support.trees import Exec, tree

PYTEST = TestCommand(TestPlace.HOST, "pytest -q")
START = frozenset({Phase.START})
FILES = {
    "/usr/bin/app": Exec(b"a"),
    "/usr/lib/libz.so.1.2": b"z",
    "/usr/lib/libz.so.1.3": b"z",
    "/usr/share/words.txt": b"w",
    "/app/plugins/extra.py": b"p",
}


def touch(path: str, use: Use = Use.OPENED, number: int = 0, first: float | None = None) -> Touch:
    return Touch(
        use,
        path,
        "/",
        None if number else path,
        on_image=None,
        errno=number,
        phases=START,
        executable="/usr/bin/app",
        first=first,
    )


def missed(path: str, use: Use = Use.OPENED, first: float | None = None) -> Touch:
    return touch(path, use, errno.ENOENT, first)


def trace(*touches: Touch, starts: int = 1) -> Trace:
    return Trace(
        SensorInfo(SensorKind.EBPF, "6.8", "x86_64", (), frozenset(Use), {}),
        touches,
        {},
        (),
        starts,
    )


def http(name: str, status: int | None = 200, body: str = "", **more: object) -> Answer:
    headers = (
        {"content-type": "application/json"}
        if body.startswith(("{", "["))
        else {"content-type": "text/plain"}
    )
    return replace(Answer(name, "http", status, headers, body), **more)  # type: ignore[arg-type]


def explored(*answers: Answer, experiment: str = "http", **more: object) -> Explored:
    return replace(
        Explored(experiment, "requests", answers, trace(), ready_seconds=1.0, exit_code=0),
        **more,  # type: ignore[arg-type]
    )


def worked(*cases: CaseResult, workload: str = "serve", **more: object) -> WorkloadResult:
    failed = any(case.outcome in (Outcome.FAILED, Outcome.ERROR) for case in cases)
    test = TestResult(
        PYTEST,
        not failed,
        int(failed),
        2.0,
        len(cases) or None,
        "",
        "pytest failed" if failed else "",
        100.0,
        cases,
    )
    result = WorkloadResult(workload, not failed, test.reason, "tests", (test,), 1.0, 5.0, "", 0)
    return replace(result, **more)  # type: ignore[arg-type]


def case(
    name: str, outcome: Outcome = Outcome.PASSED, message: str = "", begun: float | None = None
) -> CaseResult:
    return CaseResult(name, outcome, 0.5, begun, message)


def images(*gone: str) -> Images:
    """The original, and what is left of it without some files."""
    return Images(tree(FILES), without(*gone))


def without(*gone: str) -> Rootfs:
    return tree({path: data for path, data in FILES.items() if path not in gone})


def side(
    result: WorkloadResult | None = None,
    seen: Trace | None = None,
    experiments: Sequence[Explored] | None = None,
) -> Side:
    return Side(
        ((Ran(result, seen or trace()),) if result is not None else ()),
        tuple(experiments) if experiments is not None else None,
    )


def compared(
    before: Side, after: Side, files: Images | None = None, noise: Sequence[str] = ()
) -> Behaviour:
    return compare_behaviour(before, after, files or images(), Noise(noise))


def told(*deviations: Deviation) -> list[tuple[str, str, str, str, str]]:
    """Kind, weight, where, before, after."""
    return [
        (item.kind, item.weight.value, item.where, item.before, item.after) for item in deviations
    ]


def between(
    before: Sequence[Answer],
    after: Sequence[Answer],
    files: Images | None = None,
    noise: Sequence[str] = (),
) -> tuple[Deviation, ...]:
    """How the answers of one experiment differ."""
    return compared(
        side(experiments=[explored(*before)]), side(experiments=[explored(*after)]), files, noise
    ).deviations


def between_runs(
    before: WorkloadResult,
    after: WorkloadResult,
    seen: Trace | None = None,
    files: Images | None = None,
) -> tuple[Deviation, ...]:
    """How a workload's runs differ; `seen` is of the new image."""
    return compared(side(before), side(after, seen), files).deviations
