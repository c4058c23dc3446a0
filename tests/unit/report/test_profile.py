"""What is said at the end of a profile: what was seen, how the tests went, what to do next."""

from dataclasses import replace
from pathlib import Path

from careen.model.runs.workload import TestCommand, TestPlace, TestResult, WorkloadResult
from careen.report.views.profile import profile_lines
from tests.support.boms import BOM

COMPLETE = replace(BOM, image=replace(BOM.image, reference="my/service:1"))
TEST = TestResult(
    TestCommand(TestPlace.HOST, "pytest -q"),
    passed=True,
    exit_status=0,
    seconds=12.1,
    cases=14,
    output="",
)
RESULT = WorkloadResult(
    "web",
    passed=True,
    reason="",
    checked="tests",
    tests=(TEST,),
    ready_seconds=1.0,
    seconds=20.0,
    logs="",
    exit_code=None,
)


def test_the_tests_and_the_next_steps_are_named() -> None:
    lines = list(profile_lines(COMPLETE, [RESULT], Path("out/my rbom.json")))
    assert lines[1:] == [
        "workload web: 1 test passed (14 cases) in 12.1 s",
        "written: out/my rbom.json",
        "next: careen scan my/service:1 --rbom 'out/my rbom.json' shows which findings can run",
        (
            "      careen plan my/service:1 --rbom 'out/my rbom.json' shows what is not needed;"
            " careen harden my/service:1 --test CMD runs all steps"
        ),
    ]
    assert "no event lost" in lines[0]


def test_a_run_without_tests_says_what_was_checked() -> None:
    lines = list(
        profile_lines(
            COMPLETE, [replace(RESULT, tests=(), checked="readiness only")], Path("r.json")
        )
    )
    assert lines[1] == "workload web: readiness only: no test was run, in 20.0 s"


def test_an_incomplete_rbom_leads_to_no_plan() -> None:
    lossy = replace(
        COMPLETE,
        runs=(
            replace(
                COMPLETE.runs[0], sensor=replace(COMPLETE.runs[0].sensor, losses={"ring_full": 1})
            ),
        ),
    )
    said = "\n".join(profile_lines(lossy, [], Path("r.json")))
    assert "INCOMPLETE: 1 event was lost (1 ring_full): this RBOM cannot be used to strip" in said
    assert "careen scan my/service:1 --rbom r.json" in said
    assert "careen plan" not in said
