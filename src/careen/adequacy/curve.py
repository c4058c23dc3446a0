"""Discovery curve: the number of image files that each test was the first to use."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from careen.adequacy.sights import FirstUses
from careen.model.adequacy import Step
from careen.model.paths import ImagePath
from careen.model.runs.workload import Exchange, Outcome, TestResult, Workload, WorkloadResult
from careen.model.runs.workload import ReadyExit as BatchJob

MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class Watched:
    """Workload that ran, its result, and when each file was first used."""

    workload: Workload
    result: WorkloadResult
    sights: FirstUses


@dataclass(frozen=True, slots=True)
class Curve:
    """Discovery curve.

    `steps` are ordered by time; `before` counts files used before the first step of their workload.
    `why` is the reason if there is no curve. `commands` counts test commands without times for
    their cases. `unit` is "test", "request", or "step" for a mixture.
    """

    steps: tuple[Step, ...] = ()
    before: int | None = None
    commands: int = 0
    unit: str = "test"
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Span:
    """Time of one step: new files belong to it until the next one begins, or until `end`."""

    name: str
    begun: float
    end: float
    unit: str = "test"


def discovery(runs: Sequence[Watched]) -> Curve:
    """Return the curve over all workloads in the order in which they ran.

    Steps are the test cases with known times, else the requests during each test command (one per
    method and path), else the whole command. A batch job without tests is one step. A file belongs
    to the step that began last before its first use. Files used after the last test command are
    ignored.
    """
    steps: list[Step] = []
    known: set[ImagePath] = set()
    units: set[str] = set()
    before = commands = 0
    for run in runs:
        if why := _undated(run):
            return Curve(why=why)
        prefix = f"{run.workload.name}: " if len(runs) > 1 else ""
        spans = sorted(_spans(run), key=lambda span: span.begun)
        starts = [span.begun for span in spans]
        end = max((span.end for span in spans), default=0.0)
        found = [0] * len(spans)
        for path, first in run.sights.items():
            if path in known or first is None:
                continue
            known.add(path)
            at = bisect_right(starts, first) - 1
            if at < 0:
                before += 1
            elif first <= end:
                found[at] += 1
        steps += [
            Step(f"{prefix}{span.name}"[:MAX_NAME], new)
            for span, new in zip(spans, found, strict=True)
        ]
        units.update(span.unit for span in spans)
        commands += sum(not _case_times(test) for test in run.result.tests)
    return Curve(tuple(steps), before, commands, units.pop() if len(units) == 1 else "step")


def _undated(run: Watched) -> str:
    if any(test.begun <= 0 for test in run.result.tests):
        return "the start time of the tests is unknown"
    undated = sum(first is None for first in run.sights.values())
    if undated:
        return (
            f"the sensor does not tell when {undated:,} of {len(run.sights):,} files were first"
            " used"
        )
    return ""


def _spans(run: Watched) -> Iterator[_Span]:
    result = run.result
    if not result.tests and isinstance(run.workload.ready, BatchJob) and result.begun > 0:
        yield _Span(result.workload, result.begun, result.begun + result.seconds)
    for test in result.tests:
        yield from _of_command(test, result.exchanges)


def _of_command(test: TestResult, exchanges: Iterable[Exchange]) -> Iterator[_Span]:
    """Yield the steps of a test command, with times limited to the command's."""
    end = test.begun + test.seconds
    found, unit = _case_times(test), "test"
    if not found:
        first: dict[str, float] = {}
        for exchange in sorted(
            (each for each in exchanges if test.begun <= each.begun <= end),
            key=lambda each: each.begun,
        ):
            first.setdefault(f"{exchange.method} {exchange.path}", exchange.begun)
        found, unit = [(begun, name) for name, begun in first.items()], "request"
    if not found:
        found, unit = [(test.begun, test.test.command)], "test"
    # The first step includes the preparation before it.
    for place, (begun, name) in enumerate(found):
        yield _Span(name, min(max(begun, test.begun), end) if place else test.begun, end, unit)


def _case_times(test: TestResult) -> list[tuple[float, str]]:
    """Return (begin, name) of each case that ran, sorted; nothing if a time is unknown."""
    ran = [case for case in test.results if case.outcome is not Outcome.SKIPPED]
    begun = [(case.begun, number) for number, case in enumerate(ran) if case.begun is not None]
    return (
        [(at, ran[number].name) for at, number in sorted(begun)] if len(begun) == len(ran) else []
    )
