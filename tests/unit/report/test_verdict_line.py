"""The last line of a run says what became of the image, and claims nothing that was not checked."""

import os
import pty
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from careen.model.comparing.compared import Compared as ComparedPackages
from careen.model.repair import Flaky
from careen.model.runs.behaviour import Compared, Deviation, Weight
from careen.model.runs.workload import WorkloadResult
from careen.model.summary import Summary, Tests, TestTotals
from careen.model.verdict import Verdict
from careen.report.terminal_output.screen import ASCII, UNICODE
from careen.report.verdict_line import verdict_line
from tests.support.summaries import HARDENED, ORIGINAL, SUMMARY

assert SUMMARY.tests is not None
assert SUMMARY.tests.hardened is not None
PASSED, SECONDS = SUMMARY.tests.original, SUMMARY.tests.hardened
NOTHING = TestTotals(passed=True, cases=0, seconds=1.0)
RESULT = WorkloadResult("default", True, "", "tests", (), 1.0, 1.0, "", 0)
SLOWER = Deviation("start-time", Weight.WARNING, "default", "ready after 1.0 s", "after 3.0 s")
OTHER = Deviation("http-status", Weight.FAILURE, "default", "200", "500")
# a minus sign is meant
FIGURES = "; 2.36 GB → 1.02 GB (−56.8 %), 1,431 → 94 findings (−93.4 %)"  # noqa: RUF001


def verified(*deviations: Deviation) -> Verdict:
    return Verdict(
        (RESULT,), (RESULT,), deviations=deviations, compared=Compared(requests=300, answers=46)
    )


@pytest.mark.parametrize(
    ("change", "said", "style"),
    [
        ({}, "✓ hardened and verified: 15 of 15 test cases passed", "bold green"),
        (
            {"verdict": verified()},
            "✓ hardened and verified: 15 of 15 test cases passed, 346 answers alike",
            "bold green",
        ),
        (
            {"verdict": verified(SLOWER)},
            "✓ hardened and verified: 15 of 15 test cases passed, 346 answers alike, 1 warning",
            "bold green",
        ),
        (
            {"verdict": verified(SLOWER, OTHER), "promoted": ()},
            "✗ not promoted: 15 of 15 test cases passed, 1 difference",
            "bold red",
        ),
        (
            {"tests": Tests(PASSED, replace(SECONDS, passed=False)), "promoted": ()},
            "✗ not promoted: the tests failed",
            "bold red",
        ),
        (
            {"tests": Tests(PASSED, TestTotals(passed=True, cases=None, seconds=1.0))},
            "✓ hardened and verified: the tests passed",
            "bold green",
        ),
        (
            {"tests": None, "checked": "readiness only"},
            "· hardened, and not tested: only readiness was checked",
            "bold yellow",
        ),
        (
            {"tests": Tests(PASSED, replace(SECONDS, passed=False))},
            "· hardened, and not verified: a test is flaky: the tests failed",
            "bold yellow",
        ),
        (
            {"flaky": (Flaky("default", "x", 1, 2),)},
            "· hardened, and not verified: a test is flaky: 15 of 15 test cases passed",
            "bold yellow",
        ),
        (
            {"tests": Tests(NOTHING, NOTHING)},
            "· hardened, and not tested: 0 of 0 test cases passed",
            "bold yellow",
        ),
        (
            {"checked": "readiness only"},
            (
                "· hardened, and tested in part: 15 of 15 test cases passed; one workload was"
                " checked for readiness only"
            ),
            "bold yellow",
        ),
        (
            {"tests": Tests(PASSED, None)},
            "· hardened, and not tested: the tests were not run on it",
            "bold yellow",
        ),
    ],
)
def test_the_verdict(change: dict[str, Any], said: str, style: str) -> None:
    line = verdict_line(replace(SUMMARY, **change), UNICODE)
    assert line.plain == said + FIGURES
    assert line.spans[0].style == style


def test_findings_that_were_not_compared_are_not_counted() -> None:
    assert ORIGINAL.findings is not None
    nothing = replace(ORIGINAL.findings, compared=ComparedPackages(180, 0))
    summary: Summary = replace(SUMMARY, original=replace(ORIGINAL, findings=nothing))
    assert verdict_line(summary, ASCII).plain.endswith(
        "; 2.36 GB -> 1.02 GB (-56.8 %), findings are not known"
    )
    uncounted = replace(
        SUMMARY,
        original=replace(ORIGINAL, findings=None),
        hardened=replace(HARDENED, findings=None),
    )
    assert verdict_line(uncounted, ASCII).plain.endswith("; 2.36 GB -> 1.02 GB (-56.8 %)")


@pytest.mark.parametrize(
    ("more", "red"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
        ({}, False),
    ],
)
def test_an_error_is_red_on_a_terminal_that_shows_colours(more: dict[str, str], red: bool) -> None:
    environment = {
        key: value for key, value in os.environ.items() if key not in ("TERM", "NO_COLOR")
    } | more
    ours, theirs = pty.openpty()
    try:
        subprocess.run(  # noqa: TID251
            [sys.executable, "-m", "careen", "nothing"], stderr=theirs, env=environment, check=False
        )
        said = os.read(ours, 4096)
    finally:
        os.close(ours)
        os.close(theirs)
    assert said.startswith(b"\x1b[31mcareen: " if red else b"careen: ")
    assert said.rstrip().endswith(b"\x1b[0m") is red
