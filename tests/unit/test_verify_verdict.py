"""The lines that say why a hardened image is not good enough."""

import errno
from dataclasses import replace

from careen.model.difference import Change, Difference
from careen.model.paths import ImagePath
from careen.model.trace import Phase, Use
from careen.model.vain import VainLookup
from careen.model.verdict import Verdict
from careen.model.workload import TestCommand, TestPlace, TestResult, WorkloadResult

PYTEST = TestCommand(TestPlace.HOST, "pytest -q")
GOOD_TEST = TestResult(PYTEST, passed=True, exit_status=0, seconds=1, cases=15, output="15 passed in 1.0s")
GOOD = WorkloadResult("serve", passed=True, reason="", checked="tests", tests=(GOOD_TEST,), ready_seconds=1, seconds=2, logs="", exit_code=0)


def lookups(*paths: str) -> tuple[VainLookup, ...]:
    return tuple(VainLookup(ImagePath(path), errno.ENOENT, "/bin/app", frozenset({Phase.START}), Use.OPENED) for path in paths)


def test_equal_behaviour_passes() -> None:
    verdict = Verdict((GOOD,), (GOOD,))
    assert verdict.passed
    assert verdict.failures() == ()
    assert verdict.warnings() == ()


def test_a_failing_test_is_named_with_the_paths_it_looked_for() -> None:
    bad = replace(GOOD, passed=False, reason="--test 'pytest -q' failed (exit status 1): 1 failed, 14 passed in 1.1s")
    verdict = Verdict((GOOD,), (bad,), vain={"serve": lookups("/a", "/b", "/c", "/d", "/e", "/f", "/g")})
    assert not verdict.passed
    assert verdict.failures() == (
        (
            "workload 'serve': --test 'pytest -q' failed (exit status 1): 1 failed, 14 passed in 1.1s; "
            "removed paths that it looked for in vain: /a, /b, /c, /d, /e and 2 more"
        ),
    )


def test_paths_looked_for_in_vain_alone_warn() -> None:
    verdict = Verdict((GOOD,), (GOOD,), vain={"serve": lookups("/usr/bin/ldconfig")})
    assert verdict.passed
    assert verdict.warnings() == ("workload 'serve': passed; removed paths that it looked for in vain: /usr/bin/ldconfig; 1 in all",)


def test_fewer_cases_than_on_the_original_fail() -> None:
    """Tests that skip themselves on the hardened image have not passed there."""
    for cases, ran in ((3, "3"), (None, "an unknown number")):
        fewer = replace(GOOD, tests=(replace(GOOD_TEST, cases=cases),))
        assert Verdict((GOOD,), (fewer,)).failures() == (f"workload 'serve': 'pytest -q' ran {ran} of the 15 cases that it runs on the original",)


def test_a_workload_or_test_that_was_not_run_fails() -> None:
    assert Verdict((GOOD,), ()).failures() == ("workload 'serve': was not run on the hardened image",)
    assert Verdict((GOOD,), (replace(GOOD, tests=()),)).failures() == ("workload 'serve': 0 tests ran on the hardened image, 1 on the original",)
    assert Verdict((), ()).failures() == ("no workload was run, so nothing was verified",)


def test_an_original_that_fails_verifies_nothing() -> None:
    bad = replace(GOOD, passed=False, reason="not ready after 5 s")
    assert Verdict((bad,), (GOOD,)).failures() == ("workload 'serve': fails on the original image already: not ready after 5 s",)


def test_structure_config_and_changes_outside_the_plan_fail() -> None:
    outside = tuple(Difference(ImagePath(f"/{name}"), Change.ADDED) for name in "abcdefg")
    verdict = Verdict((GOOD,), (GOOD,), structure=("layer 1: wrong digest",), outside=outside, config=('config.User: "a" -> "0"',))
    assert verdict.failures() == (
        "structure: layer 1: wrong digest",
        'image config: config.User: "a" -> "0"',
        *(f"changed outside the plan: added /{name}" for name in "abcde"),
        "changed outside the plan: 2 more paths",
    )


def test_another_exit_status_and_readiness_only_are_said() -> None:
    silent = replace(GOOD, checked="readiness only", tests=())
    assert Verdict((silent,), (replace(silent, exit_code=1),)).warnings() == (
        "workload 'serve': exit status 1 at the end, 0 on the original image",
        "workload 'serve': only readiness was checked, no test was run",
    )
