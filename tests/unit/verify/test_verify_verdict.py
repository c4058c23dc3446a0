"""The lines that say why a hardened image is not good enough."""

import errno
from dataclasses import replace

import pytest

from careen.model.comparing.difference import Change, Difference
from careen.model.paths import ImagePath
from careen.model.repair import Flaky
from careen.model.runs.behaviour import Compared, Deviation, Weight
from careen.model.runs.trace import Phase, Use
from careen.model.runs.vain import FailedLookup
from careen.model.runs.workload import (
    CaseResult,
    Outcome,
    TestCommand,
    TestPlace,
    TestResult,
    WorkloadResult,
)
from careen.model.verdict import Verdict
from tests.support.behaviours import between_runs

PYTEST = TestCommand(TestPlace.HOST, "pytest -q")
GOOD_TEST = TestResult(
    PYTEST, passed=True, exit_status=0, seconds=1, cases=15, output="15 passed in 1.0s"
)
GOOD = WorkloadResult(
    "serve",
    passed=True,
    reason="",
    checked="tests",
    tests=(GOOD_TEST,),
    ready_seconds=1,
    seconds=2,
    logs="",
    exit_code=0,
)


def lookups(*paths: str) -> tuple[FailedLookup, ...]:
    return tuple(
        FailedLookup(
            ImagePath(path), errno.ENOENT, "/bin/app", frozenset({Phase.START}), Use.OPENED
        )
        for path in paths
    )


def test_equal_behaviour_passes() -> None:
    verdict = Verdict((GOOD,), (GOOD,))
    assert verdict.passed
    assert verdict.failures() == ()
    assert verdict.warnings() == ()


def test_a_failing_test_is_named_with_the_paths_it_looked_for() -> None:
    bad = replace(
        GOOD,
        passed=False,
        reason="--test 'pytest -q' failed (exit status 1): 1 failed, 14 passed in 1.1s",
    )
    verdict = Verdict(
        (GOOD,), (bad,), vain={"serve": lookups("/a", "/b", "/c", "/d", "/e", "/f", "/g")}
    )
    assert not verdict.passed
    assert verdict.failures() == (
        (
            "workload 'serve': --test 'pytest -q' failed (exit status 1): 1 failed, 14 passed in"
            " 1.1s; looked up removed paths: /a, /b, /c, /d, /e and 2 more"
        ),
    )


def test_paths_looked_for_in_vain_alone_warn() -> None:
    verdict = Verdict((GOOD,), (GOOD,), vain={"serve": lookups("/usr/bin/ldconfig")})
    assert verdict.passed
    assert verdict.warnings() == (
        ("workload 'serve': passed; looked up removed paths: /usr/bin/ldconfig; 1 in all"),
    )


def test_fewer_cases_than_on_the_original_fail() -> None:
    """Tests that skip themselves on the hardened image have not passed there."""
    for cases, ran in ((3, "3"), (None, "an unknown number")):
        fewer = replace(GOOD, tests=(replace(GOOD_TEST, cases=cases),))
        assert Verdict((GOOD,), (fewer,)).failures() == (
            f"workload 'serve': 'pytest -q' ran {ran} of the 15 cases that it runs on the original",
        )


def test_a_workload_or_test_that_was_not_run_fails() -> None:
    assert Verdict((GOOD,), ()).failures() == (
        "workload 'serve': was not run on the hardened image",
    )
    assert Verdict((GOOD,), (replace(GOOD, tests=()),)).failures() == (
        "workload 'serve': 0 tests ran on the hardened image, 1 on the original",
    )
    assert Verdict((), ()).failures() == ("no workload was run, so nothing was verified",)


def test_an_original_that_fails_verifies_nothing() -> None:
    bad = replace(GOOD, passed=False, reason="not ready after 5 s")
    assert Verdict((bad,), (GOOD,)).failures() == (
        "workload 'serve': fails on the original image already: not ready after 5 s",
    )


def test_structure_config_and_changes_outside_the_plan_fail() -> None:
    outside = tuple(Difference(ImagePath(f"/{name}"), Change.ADDED) for name in "abcdefg")
    verdict = Verdict(
        (GOOD,),
        (GOOD,),
        structure=("layer 1: wrong digest",),
        outside=outside,
        config=('config.User: "a" -> "0"',),
    )
    assert verdict.failures() == (
        "structure: layer 1: wrong digest",
        'image config: config.User: "a" -> "0"',
        *(f"changed outside the plan: added /{name}" for name in "abcde"),
        "changed outside the plan: 2 more paths",
    )


def test_readiness_only_is_said() -> None:
    silent = replace(GOOD, checked="readiness only", tests=())
    assert Verdict((silent,), (silent,)).warnings() == (
        "workload 'serve': only readiness was checked, no test was run",
    )


def deviation(
    kind: str = "case", weight: Weight = Weight.FAILURE, where: str = "serve: test_a"
) -> Deviation:
    return Deviation(
        kind,
        weight,
        where,
        "passed",
        "failed",
        (ImagePath("/lib/a"), ImagePath("/lib/b"), ImagePath("/lib/c"), ImagePath("/lib/d")),
    )


def test_a_difference_in_behaviour_fails_with_its_cause() -> None:
    verdict = Verdict(
        (GOOD,), (GOOD,), deviations=(deviation(), deviation("memory", Weight.WARNING, "serve"))
    )
    assert verdict.failures() == (
        (
            "serve: test_a: case: passed on the original, failed on the hardened image; looked up"
            " removed paths: /lib/a, /lib/b, /lib/c"
        ),
    )
    assert [line.partition(":")[0] for line in verdict.warnings()] == ["serve"]


def test_warnings_of_one_kind_are_counted_after_the_third() -> None:
    flood = tuple(deviation("error-log", Weight.WARNING, f"serve {i}") for i in range(17))
    warnings = Verdict(
        (GOOD,), (GOOD,), deviations=(*flood, deviation("memory", Weight.WARNING, "serve"))
    ).warnings()
    assert [warning.partition(":")[0] for warning in warnings] == [
        "serve 0",
        "serve 1",
        "serve 2",
        "error-log",
        "serve",
    ]
    assert warnings[3] == "error-log: … 14 more in verify.json"


CASES = (CaseResult("test_a", Outcome.PASSED, 0.1), CaseResult("test_b", Outcome.PASSED, 0.1))


def failing(
    *names: str, reason: str = "--test 'pytest -q' failed (exit status 1)"
) -> WorkloadResult:
    results = tuple(
        replace(case, outcome=Outcome.FAILED) if case.name in names else case for case in CASES
    )
    return replace(
        GOOD,
        passed=False,
        reason=reason,
        tests=(
            replace(
                GOOD_TEST, passed=False, exit_status=1, cases=15, reason=reason, results=results
            ),
        ),
    )


BEFORE = replace(GOOD, tests=(replace(GOOD_TEST, results=CASES),))


@pytest.mark.parametrize("flaky", ["pytest -q", "test_a"])
def test_a_test_that_the_original_does_not_always_pass_fails_nothing(flaky: str) -> None:
    """It is flaky as a command or as one case; its exit status and its case are one finding."""
    verdict = Verdict(
        (BEFORE,),
        (failing("test_a"),),
        deviations=(deviation(),),
        flaky=(Flaky("serve", flaky, 2, 5),),
    )
    assert verdict.failures() == ()
    assert verdict.warnings() == (
        f"workload 'serve': {flaky} passes 2 of 5 times on the original: flaky, not counted",
    )
    assert len(replace(verdict, flaky=()).failures()) == 2
    assert (
        len(replace(verdict, flaky=(Flaky("train", flaky, 2, 5),)).failures()) == 2
    )  # another workload's


def test_a_steady_case_beside_a_flaky_one_still_fails() -> None:
    both = (deviation(), deviation(where="serve: test_b"))
    verdict = Verdict(
        (BEFORE,),
        (failing("test_a", "test_b"),),
        deviations=both,
        flaky=(Flaky("serve", "test_a", 2, 5),),
    )
    assert [line.partition(" (")[0] for line in verdict.failures()] == [
        "workload 'serve': --test 'pytest -q' failed",
        (
            "serve: test_b: case: passed on the original, failed on the hardened image; looked up"
            " removed paths: /lib/a, /lib/b, /lib/c"
        ),
    ]


def test_what_an_experiment_wanted_in_vain_is_said_though_it_answered_alike() -> None:
    start = frozenset({Phase.START})
    found = [
        FailedLookup(ImagePath(f"/lib/{name}"), errno.ENOENT, "/bin/x", start, use)
        for name, use in (("a", Use.OPENED), ("b", Use.LOOKED_UP))
    ]
    verdict = Verdict(
        (GOOD,), (GOOD,), vain={"explore:http": tuple(found), "explore:help": tuple(found[1:])}
    )
    assert (
        verdict.warnings()
        == verdict.thin()
        == ("explore:http: tried to open or execute removed paths: /lib/a",)
    )
    assert verdict.passed


def test_a_flaky_case_excuses_no_other_whose_name_begins_alike() -> None:
    other = Verdict(
        (BEFORE,),
        (BEFORE,),
        deviations=(deviation(where="serve: test_a (2)"),),
        flaky=(Flaky("serve", "test_a", 2, 5),),
    )
    assert len(other.failures()) == 1


def test_a_flaky_case_is_recognised_however_long_its_name_is() -> None:
    """Parametrised tests have long names, with white space in them."""
    name = "test_a[" + "some  words " * 30 + "]"
    before, after = (
        replace(
            BEFORE, tests=(replace(BEFORE.tests[0], results=(CaseResult(name, outcome, 0.1),)),)
        )
        for outcome in (Outcome.PASSED, Outcome.FAILED)
    )
    found = between_runs(before, after)
    assert len(found) == 1
    assert Verdict(
        (before,), (after,), deviations=found, flaky=(Flaky("serve", name, 2, 5),)
    ).passed


def test_a_container_that_ended_is_no_flaky_test() -> None:
    ended = replace(
        failing("test_a"),
        reason=(
            "--test 'pytest -q' failed (exit status 1); the container ended during the tests (exit"
            " status 139)"
        ),
    )
    assert (
        len(Verdict((BEFORE,), (ended,), flaky=(Flaky("serve", "pytest -q", 2, 5),)).failures())
        == 1
    )


def test_a_flaky_test_that_failed_on_the_original_verifies_the_rest() -> None:
    verdict = Verdict((failing("test_a"),), (BEFORE,), flaky=(Flaky("serve", "test_a", 2, 5),))
    assert verdict.passed


def test_what_was_not_compared_is_said() -> None:
    verdict = Verdict(
        (GOOD,), (GOOD,), compared=Compared(passed_over=("http: answers after the first 20000",))
    )
    assert verdict.passed
    assert verdict.warnings() == ("not compared: http: answers after the first 20000",)
