"""Comparison of test cases: what passed on the original must pass on the new image."""

from collections import Counter
from collections.abc import Iterator, Mapping

from careen.model.runs.behaviour import Deviation, Weight
from careen.model.runs.workload import CaseResult, Outcome, TestResult, WorkloadResult
from careen.verify.causes import Causes, window
from careen.verify.words import brief, counted, listed

MOST = 200  # of one test command; the rest is counted


def compare_cases(
    before: WorkloadResult, after: WorkloadResult, causes: Causes
) -> Iterator[Deviation]:
    """Yield a failure per case that passed on the original only, one warning for broken cases.

    "Only" includes cases that failed, erred, were skipped or are missing on the new image. Commands
    without known cases are left to the verdict. `where` is `WORKLOAD: CASE` with the full name,
    which identifies a flaky case.
    """
    for one, two in zip(before.tests, after.tests, strict=False):
        yield from _command(after.workload, one, two, causes)


def number_of_cases(result: WorkloadResult) -> int:
    """Return the number of known test cases."""
    return sum(len(test.results) for test in result.tests)


def _command(
    workload: str, before: TestResult, after: TestResult, causes: Causes
) -> Iterator[Deviation]:
    old, new = _named(before.results), _named(after.results)
    passed = [name for name, case in old.items() if case.outcome is Outcome.PASSED]
    if passed and not new:
        fit = causes.fit(window(after.begun, after.seconds), (after.reason, after.output[-4096:]))
        said = (
            f"not one case was reported ({brief(after.reason)})"
            if after.reason
            else "not one case was reported"
        )
        yield Deviation(
            "case",
            Weight.FAILURE,
            f"{workload}: {before.test.command}",
            f"{counted(len(passed), 'case')} passed",
            said,
            fit,
        )
        return
    lost = [name for name in passed if name not in new or new[name].outcome is not Outcome.PASSED]
    for name in lost[:MOST]:
        yield _lost(workload, name, after, new.get(name), causes)
    if len(lost) > MOST:
        yield Deviation(
            "case",
            Weight.FAILURE,
            f"{workload}: {before.test.command}",
            "passed",
            f"{len(lost) - MOST} more cases did not pass",
        )
    broken = [
        name for name, case in old.items() if _fails(case) and name in new and _fails(new[name])
    ]
    if broken:
        yield Deviation(
            "case",
            Weight.WARNING,
            f"{workload}: {before.test.command}",
            f"{listed(broken)} failed",
            "they failed as well",
        )


def _lost(
    workload: str, name: str, after: TestResult, case: CaseResult | None, causes: Causes
) -> Deviation:
    where = f"{workload}: {name}"
    if case is None:
        fit = causes.fit(window(after.begun, after.seconds), (after.output[-4096:],))
        return Deviation("case", Weight.FAILURE, where, "passed", "was not run", fit)
    when = window(case.begun, case.seconds) or window(after.begun, after.seconds)
    told = f": {brief(case.message)}" if case.message else ""
    return Deviation(
        "case",
        Weight.FAILURE,
        where,
        "passed",
        f"{_WORDS[case.outcome]}{told}",
        causes.fit(when, (case.message,)),
    )


_WORDS: Mapping[Outcome, str] = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "failed",
    Outcome.ERROR: "ended in an error",
    Outcome.SKIPPED: "was skipped",
}


def _fails(case: CaseResult) -> bool:
    return case.outcome in (Outcome.FAILED, Outcome.ERROR)


def _named(results: tuple[CaseResult, ...]) -> dict[str, CaseResult]:
    """Return the cases by name; a second one of the same name is `NAME (2)`."""
    seen: Counter[str] = Counter()
    out: dict[str, CaseResult] = {}
    for case in results:
        name = case.name or "(no name)"
        seen[name] += 1
        out[name if seen[name] == 1 else f"{name} ({seen[name]})"] = case
    return out
