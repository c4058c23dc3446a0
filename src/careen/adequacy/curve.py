"""The discovery curve: how many files of the image each test was the first to use."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from careen.adequacy.sights import Sights
from careen.model.adequacy import Step
from careen.model.paths import ImagePath
from careen.model.workload import Exchange, Outcome, TestResult, Workload, WorkloadResult
from careen.model.workload import ReadyExit as BatchJob

MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class Watched:
    """One workload that ran: what it did, and when each file was first used in it."""

    workload: Workload
    result: WorkloadResult
    sights: Sights


@dataclass(frozen=True, slots=True)
class Curve:
    """`steps` in the order of time; `before` files were used before the first step of their
    workload. With `why` there is no curve, and that is the reason. `commands` counts the test
    commands whose cases are not known by time. `unit` says what the steps are: "test", "request",
    or "step" if some are this and some that.
    """

    steps: tuple[Step, ...] = ()
    before: int | None = None
    commands: int = 0
    unit: str = "test"
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Span:
    """From `begun` on, until the next one or the `end` of the last, what is new belongs to this
    step.
    """

    name: str
    begun: float
    end: float
    unit: str = "test"


def discovery(runs: Sequence[Watched]) -> Curve:
    """Return the curve over all workloads in the order in which they ran.

    Steps are the test cases that ran, where their times are known; else, of each test command, the
    requests that were seen, those of one method and path once; else the whole command. A batch job
    without tests is one step. A file belongs to the step in which it was first used, to the one
    that began last if several ran at once; between two steps, to the earlier one. What is used
    before the first step is the start's, and what is used after the last test command (at shutdown)
    is no test's.
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
        return "it is not known when the tests began"
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
    """The first case, or request, begins with its command: what prepares it belongs to it. A time
    outside of the command's is moved to its edge.
    """
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
    for place, (begun, name) in enumerate(found):
        yield _Span(name, min(max(begun, test.begun), end) if place else test.begun, end, unit)


def _case_times(test: TestResult) -> list[tuple[float, str]]:
    """Return when each case that ran began, in that order; nothing if that is not known of all of
    them.
    """
    ran = [case for case in test.results if case.outcome is not Outcome.SKIPPED]
    begun = [(case.begun, number) for number, case in enumerate(ran) if case.begun is not None]
    return (
        [(at, ran[number].name) for at, number in sorted(begun)] if len(begun) == len(ran) else []
    )
