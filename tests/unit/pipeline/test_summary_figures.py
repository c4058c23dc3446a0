"""Figures of a summary, each from the values of the run."""

from dataclasses import replace

import pytest

from careen.model.paths import ImagePath
from careen.model.plan import Outcome, PackagePlan, Plan, Reason, Symbols
from careen.model.runs.workload import TestCommand, TestPlace, TestResult, WorkloadResult
from careen.pipeline.hardening.summary import broken_dependencies, totals
from careen.pipeline.run.plan_totals import reason_shares, symbol_totals
from tests.support.plans import Case, plan_for, scene_of

CASE = Case({"/a": "x" * 10, "/b": "y" * 30, "/c/d": "z" * 2}, {}, (), ())
USED, RULE = Reason("observed", "used by app"), Reason("rule:fonts", "fonts")


def plan(**changes: object) -> Plan:
    return replace(plan_for(CASE), **changes)  # type: ignore[arg-type]


def test_shares_are_counted_by_reason_largest_first() -> None:
    rootfs, *_ = scene_of(CASE)
    decided = {
        ImagePath("/a"): USED,
        ImagePath("/b"): RULE,
        ImagePath("/c"): USED,  # a directory is no file
        ImagePath("/c/d"): replace(USED, detail="another"),
    }
    shares = reason_shares(decided, rootfs)
    assert [(each.code, each.files, each.bytes, each.detail) for each in shares] == [
        ("rule:fonts", 1, 30, "fonts"),
        ("observed", 2, 12, "used by app"),
    ]
    assert reason_shares({}, rootfs) == ()


def test_removed_packages_that_others_need_are_a_note() -> None:
    gone = PackagePlan("pkg:deb/debian/libx@1", Outcome.REMOVED, 0, 0, 1, 1)
    assert broken_dependencies(plan(packages={gone.purl: gone})) == ()
    broken = replace(gone, broken=("pkg:deb/debian/tool@1",))
    (note,) = broken_dependencies(plan(packages={gone.purl: broken}))
    assert note.startswith("kept packages depend on 1 removed package: tool 1 deb on libx 1 deb;")
    assert note.endswith(", but the workloads needed none of their files")
    other = replace(broken, purl="pkg:deb/debian/liby@1")
    both = plan(
        packages={broken.purl: broken, other.purl: other},
        remove={ImagePath("/a"): Reason("user-remove", "--remove /a")},
    )
    (note,) = broken_dependencies(both)
    assert "2 removed packages: tool 1 deb on libx 1 deb, first; plan.json names all;" in note
    assert note.endswith("the package manager will report it")  # the user may have broken it


def test_symbols_of_one_file_count_once() -> None:
    rootfs, *_ = scene_of(CASE)
    assert symbol_totals(plan(symbols=None), rootfs) is None
    symbols = Symbols(
        {ImagePath("/a"): 4},
        {ImagePath("/b"): "it is signed", ImagePath("/c/d"): "it is signed"},
    )
    found = symbol_totals(plan(symbols=symbols), rootfs)
    assert found is not None
    assert (found.files, found.bytes) == (1, 4)
    assert found.left == (("it is signed", 2),)


def result(*cases: int | None, passed: bool = True) -> WorkloadResult:
    command = TestCommand(TestPlace.HOST, "true")
    tests = tuple(TestResult(command, passed, 0, 1.5, count, "") for count in cases)
    return WorkloadResult("w", passed, "", "tests", tests, None, 9.0, "", None)


@pytest.mark.parametrize(
    ("results", "cases", "passed"),
    [
        ([result(3, 4), result(5)], 12, True),
        ([result(3, None)], None, True),
        ([result(3), result(1, passed=False)], 4, False),
        ([], 0, True),
    ],
)
def test_cases_add_up_unless_one_test_does_not_count_them(
    results: list[WorkloadResult], cases: int | None, passed: bool
) -> None:
    found = totals(results)
    assert (found.cases, found.passed) == (cases, passed)
    assert found.seconds == 1.5 * sum(len(each.tests) for each in results)
