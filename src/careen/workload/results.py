"""The cases of one test command, from its reports or its output, and their number."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace

from careen.errors import InputError
from careen.model.runs.workload import CaseResult, Outcome
from careen.workload.cases import count_cases
from careen.workload.junit import MAX_CASES, Window, read_junit
from careen.workload.text_results import read_text_results


def window(begun: float) -> Window:
    """Return the window of a command that began at `begun` and has just ended."""
    now = time.monotonic()
    return Window(begun, now, time.time() - now)


def find_results(documents: Sequence[bytes], output: str, ran: Window) -> tuple[CaseResult, ...]:
    """Return the cases of all reports, or else those of the output.

    Names are made unique by a number, in order. If one report cannot be read, the output is used,
    since the other reports are incomplete.
    """
    found: list[CaseResult] = []
    try:
        for document in documents:
            found += read_junit(document, ran)
    except InputError:
        found = []
    return tuple(_unique((found or list(read_text_results(output)))[:MAX_CASES]))


def count(results: Sequence[CaseResult], output: str) -> int | None:
    """Return the number of cases that ran (without skipped ones), or None if unknown.

    It is the larger of the number in the reports and that in the output.
    """
    said = count_cases(output)
    if not results:
        return said
    ran = sum(case.outcome is not Outcome.SKIPPED for case in results)
    return max(ran, said or 0)


def _unique(cases: Iterable[CaseResult]) -> Iterable[CaseResult]:
    seen: dict[str, int] = {}
    for case in cases:
        number = seen[case.name] = seen.get(case.name, 0) + 1
        yield case if number == 1 else replace(case, name=f"{case.name} #{number}")
