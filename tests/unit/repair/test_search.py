"""Repair's search on made-up tests: each is asked by itself, with few trials; what is not so simple
is noticed.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from careen.model.paths import ImagePath
from careen.model.plan import Level, Plan, Reason, Symbols
from careen.model.rbom import ImageRef
from careen.model.repair import Flaky
from careen.model.runs.behaviour import Deviation, Weight
from careen.model.runs.workload import TestCommand, TestPlace, TestResult, WorkloadResult
from careen.model.verdict import Verdict
from careen.pipeline.proof.repair_case import Case, failing_tests
from careen.pipeline.proof.repair_search import look_for
from careen.repair.would_keep import Alternative
from tests.support.plans import Case as SceneCase
from tests.support.plans import scene_of
from tests.support.trees import tree

FILES = {f"/srv/{folder:02}/{name}": "x" for folder in range(40) for name in ("a", "b", "c", "d")}
Needs = Mapping[str, Callable[[Collection[str]], bool]]
NAME = "serve"


@dataclass
class Attempts:
    """As much of the real ones as the search uses: no image is made."""

    most: int = 60
    used: int = 0
    focus: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def left(self) -> int:
        return max(0, self.most - self.used)


def plan() -> Plan:
    image = ImageRef("img", None, "sha256:" + "0" * 64, (), "linux/amd64")
    return Plan(
        image,
        Level.OBSERVED,
        {},
        {ImagePath(path): Reason("unused", "not used") for path in FILES},
        {},
        "a" * 64,
    )


SYMBOLS = "symbol tables"


def searched(
    needs: Needs,
    monkeypatch: pytest.MonkeyPatch,
    *wider: str,
    most: int = 60,
    planned: Plan | None = None,
) -> tuple[set[str], str, Attempts, list[int]]:
    """Search; return what is found, the note, the attempts, and how many tests each trial ran."""
    attempts, ran = Attempts(most, focus={NAME: frozenset(needs)}), []

    def enough(case: Case, tried: Plan, names: Collection[str]) -> bool:
        assert list(names) == [NAME]
        chosen = case.attempts.focus.get(NAME, needs.keys())
        attempts.used += 1
        ran.append(len(chosen))
        there = {
            *tried.keep,
            *(f"ran:{each}" for each in chosen),
            *([SYMBOLS] if tried.symbols is None else []),
        }
        return all(needs[command](there) for command in chosen)

    monkeypatch.setattr("careen.pipeline.proof.repair_search.enough", enough)
    _, inventory, bom, _ = scene_of(SceneCase(dict(FILES), {}, ()))
    keeps = Alternative(Level.CLOSURE, dict.fromkeys(map(ImagePath, wider), Reason("x", "y")))
    original = SimpleNamespace(rootfs=tree(FILES), inventory=inventory)
    case = Case(
        cast("Any", original), bom, cast("Any", None), cast("Any", attempts), lambda: (keeps,)
    )
    found, note = look_for(case, planned or plan(), (), (NAME,))
    return {suspect.path for suspect in found}, note, attempts, ran


def has(*paths: str) -> Callable[[Collection[str]], bool]:
    return lambda kept: all(path in kept for path in paths)


def test_each_test_is_asked_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    needs = {
        "one": has("/srv/03/b"),
        "two": has("/srv/29/a", "/srv/29/d"),
        "three": has("/srv/03/b", "/srv/31/c"),
    }
    found, note, attempts, ran = searched(needs, monkeypatch)
    assert found == {"/srv/03/b", "/srv/29/a", "/srv/29/d", "/srv/31/c"}
    assert note == ""
    assert attempts.used <= 50
    assert sum(number == 1 for number in ran) > len(ran) / 3


def test_what_a_wider_level_keeps_is_all_that_is_looked_at_if_it_helps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found, _, attempts, _ = searched(
        {"one": has("/srv/29/a")}, monkeypatch, "/srv/29/a", "/srv/30/a"
    )
    assert found == {"/srv/29/a"}
    assert attempts.used <= 5


def test_a_test_that_needs_another_to_run_before_it_is_searched_together_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    needs = {"one": has("/srv/03/b"), "two": has("/srv/29/a", "ran:one")}
    assert searched(needs, monkeypatch)[0] == {"/srv/03/b", "/srv/29/a"}


def test_what_only_both_together_need_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the first works, the second needs one file more."""
    needs = {
        "one": has("/srv/03/b"),
        "two": lambda kept: "/srv/29/a" in kept and ("ran:one" not in kept or "/srv/35/a" in kept),
    }
    assert searched(needs, monkeypatch)[0] == {"/srv/03/b", "/srv/29/a", "/srv/35/a"}


def test_another_cause_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    found, note, _, _ = searched({"one": lambda _: False}, monkeypatch)
    assert (found, note) == (
        set(),
        "even with all removed paths restored: the failure is not caused by the plan",
    )


@pytest.mark.parametrize(
    ("needed", "most", "said"),
    [
        (
            True,
            60,
            "it passes with the symbol tables that were dropped: run again with --keep-symbols",
        ),
        (False, 60, "the failure is not caused by the plan"),
        (
            True,
            3,
            (
                "the failure is not caused by the plan, or needs the symbol tables that were"
                " dropped (--keep-symbols; no trial was left to tell)"
            ),
        ),
    ],
)
def test_dropped_symbol_tables_are_tried(
    needed: bool, most: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned = replace(plan(), symbols=Symbols({ImagePath("/lib/libx.so"): 10}, {}))
    needs = {"one": lambda kept: needed and SYMBOLS in kept}
    found, note, attempts, _ = searched(needs, monkeypatch, most=most, planned=planned)
    assert (found, note) == (set(), f"even with all removed paths restored: {said}")
    assert attempts.used <= most


@pytest.mark.parametrize("most", range(1, 40, 3))
def test_no_more_trials_than_there_are_and_what_comes_back_is_enough(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs = {"one": has("/srv/03/b"), "two": has("/srv/29/a", "/srv/12/d")}
    found, _, attempts, _ = searched(needs, monkeypatch, most=most)
    assert attempts.used <= most
    assert all(need(found) for need in needs.values())


def result(*passed: bool, reason: str = "") -> WorkloadResult:
    tests = tuple(
        TestResult(
            TestCommand(TestPlace.HOST, f"test-{number}"),
            good,
            int(not good),
            1.0,
            None,
            "",
            "" if good else f"test-{number} failed",
        )
        for number, good in enumerate(passed)
    )
    why = reason or next((test.reason for test in tests if not test.passed), "")
    return WorkloadResult(NAME, not why, why, "tests", tests, 1.0, 1.0, "", 0)


def test_which_tests_are_in_focus() -> None:
    original = result(True, True, True)
    verdict = Verdict((original,), (result(False, True, False),))
    assert failing_tests(verdict) == {NAME: frozenset({"test-0", "test-2"})}
    assert failing_tests(replace(verdict, flaky=(Flaky(NAME, "test-0", 1, 2),))) == {
        NAME: frozenset({"test-2"})
    }
    assert failing_tests(Verdict((original,), (result(False, False, False),))) == {}
    assert (
        failing_tests(
            Verdict(
                (original,),
                (result(False, True, True, reason="test-0 failed; the container ended"),),
            )
        )
        == {}
    )
    errors = Deviation("error-line", Weight.FAILURE, NAME, "", "fatal")
    assert failing_tests(replace(verdict, deviations=(errors,))) == {
        NAME: frozenset({"test-0", "test-2"})
    }
    assert failing_tests(Verdict((original,), (original,), deviations=(errors,))) == {}
    assert (
        failing_tests(
            replace(verdict, deviations=(replace(errors, kind="case", where=f"{NAME}: test-0"),))
        )
        != {}
    )
    assert (
        failing_tests(replace(verdict, deviations=(replace(errors, where=f"{NAME}+held-out"),)))
        != {}
    )
