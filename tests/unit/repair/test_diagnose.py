"""Attribution's trials on made-up tests: what passes is not run again, what helped stays, and the
search is about what fails still.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from careen.model.paths import ImagePath
from careen.model.plan import Level, Plan, Reason
from careen.model.rbom import ImageRef
from careen.model.repair import Repair
from careen.model.runs.behaviour import Deviation, Weight
from careen.model.runs.trace import Phase, SensorInfo, SensorKind, Touch, Trace, Use
from careen.model.runs.vain import FailedLookup
from careen.model.runs.workload import TestCommand, TestPlace, TestResult, WorkloadResult
from careen.model.verdict import Verdict
from careen.pipeline.proof import diagnose as module
from careen.pipeline.proof.diagnose import Diagnosis, diagnose, find_flaky
from careen.pipeline.proof.repair_case import Case
from careen.pipeline.proof.verify import Proof
from careen.repair.attribution import attribute
from careen.repair.suspect import Suspect
from tests.support.plans import Case as SceneCase
from tests.support.plans import scene_of
from tests.support.trees import tree

FILES = {**{f"/srv/{name}": "x" for name in ("a", "b", "c", "d", "e")}, "/opt/x": "x"}
NAME = "serve"
INFO = SensorInfo(SensorKind.EBPF, "6.1", "x86_64", (), frozenset(Use), {})


@dataclass
class Attempts:
    """Tests that need files, and look for the first that is not there; what was asked of them."""

    needs: Mapping[str, tuple[str, ...]]
    told: bool = True
    left: int = 60
    used: int = 0
    focus: Mapping[str, frozenset[str]] = field(default_factory=dict)
    ran: list[tuple[str, ...]] = field(default_factory=list)

    session = SimpleNamespace(say=lambda _: None)

    @property
    def baseline(self) -> Any:
        """Each test used its files on the original, in the second that it has for itself."""
        touches = [
            Touch(
                Use.OPENED,
                path,
                "/",
                path,
                True,
                0,
                frozenset({Phase.SERVING}),
                "/bin/app",
                10.0 * number + 0.5,
            )
            for number, paths in enumerate(self.needs.values(), 1)
            for path in paths
        ]
        seen = SimpleNamespace(
            workload=SimpleNamespace(name=NAME),
            result=self.result(FILES, self.needs),
            traces=(Trace(INFO, tuple(touches), {}, ()),),
        )
        return SimpleNamespace(observations=(seen,))

    def names(self) -> tuple[str, ...]:
        return (NAME,)

    def result(self, kept: Collection[str], tests: Collection[str]) -> WorkloadResult:
        out = []
        for number, test in enumerate(self.needs, 1):
            if test in tests:
                good = all(path in kept for path in self.needs[test])
                out.append(
                    TestResult(
                        TestCommand(TestPlace.HOST, test),
                        good,
                        int(not good),
                        1.0,
                        None,
                        "",
                        "" if good else f"{test} failed",
                        10.0 * number,
                    )
                )
        reason = next((one.reason for one in out if not one.passed), "")
        return WorkloadResult(NAME, not reason, reason, "tests", tuple(out), 1.0, 1.0, "", 0)

    def proof(self, plan: Plan, tests: Collection[str]) -> Proof:
        kept = {path for path in FILES if path not in plan.remove}
        missed = [
            next(path for path in self.needs[test] if path not in kept)
            for test in tests
            if not kept.issuperset(self.needs[test])
        ]
        vain = tuple(
            FailedLookup(ImagePath(path), 2, "/bin/app", frozenset({Phase.SERVING}), Use.OPENED)
            for path in missed
            if self.told
        )
        observation = SimpleNamespace(
            workload=SimpleNamespace(name=NAME), result=self.result(kept, tests), traces=()
        )
        verdict = Verdict(
            (self.result(FILES, tests),), (self.result(kept, tests),), vain={NAME: vain}
        )
        return Proof(verdict, cast("Any", object()), cast("Any", (observation,)))

    def behaviour(self, plan: Plan, names: Collection[str]) -> Proof:
        assert list(names) == [NAME]
        self.left -= 1
        self.ran.append(
            tuple(
                test for test in self.needs if test in self.focus.get(NAME, frozenset(self.needs))
            )
        )
        return self.proof(plan, self.ran[-1])

    def again(
        self,
        candidate: Any,
        _prepared: Any,
        _names: Collection[str],
        focus: Mapping[str, frozenset[str]],
    ) -> Proof:
        return self.proof(
            candidate.plan,
            [test for test in self.needs if test in focus.get(NAME, frozenset(self.needs))],
        )


def plan_with(back: Collection[str]) -> Plan:
    image = ImageRef("img", None, "sha256:" + "0" * 64, (), "linux/amd64")
    return Plan(
        image,
        Level.OBSERVED,
        {},
        {ImagePath(path): Reason("unused", "") for path in FILES if path not in back},
        {},
        "a" * 64,
    )


def diagnosed(
    attempts: Attempts, monkeypatch: pytest.MonkeyPatch
) -> tuple[Diagnosis, list[tuple[Plan, tuple[Suspect, ...], tuple[str, ...]]]]:
    """Diagnose an image that lacks all files; also return what was searched for: on which plan,
    after what was tried, for whom.
    """
    searches: list[tuple[Plan, tuple[Suspect, ...], tuple[str, ...]]] = []

    def look_for(
        _case: Case, plan: Plan, tried: tuple[Suspect, ...], names: tuple[str, ...]
    ) -> tuple[tuple[Suspect, ...], str]:
        searches.append((plan, tried, names))
        return (), "searched"

    def make_plan(_original: Any, _bom: Any, choices: Any) -> Plan:
        return plan_with([repair.path for repair in choices.repairs])

    monkeypatch.setattr(module, "look_for", look_for)
    monkeypatch.setattr(module, "make_plan", make_plan)
    plan = plan_with(())
    return (
        diagnose(
            case_of(attempts),
            cast("Any", SimpleNamespace(plan=plan)),
            attempts.proof(plan, tuple(attempts.needs)),
        ),
        searches,
    )


def case_of(attempts: Attempts) -> Case:
    _, inventory, bom, _ = scene_of(SceneCase(dict(FILES), {}, ()))
    original = SimpleNamespace(rootfs=tree(FILES), inventory=inventory)
    return Case(cast("Any", original), bom, cast("Any", Choices()), cast("Any", attempts))


@dataclass(frozen=True)
class Choices:
    repairs: tuple[Repair, ...] = ()


def paths(diagnosis: Diagnosis) -> set[str]:
    return {repair.path for repair in diagnosis.repairs}


def test_where_some_tests_pass_the_suspects_are_tried_before_they_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    attempts = Attempts({"good": (), "one": ("/srv/a",)})
    found, searches = diagnosed(attempts, monkeypatch)
    assert (paths(found), searches, attempts.ran) == ({"/srv/a"}, [], [("one",)])


def test_after_one_attempt_all_that_the_failing_test_used_on_the_original_comes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It looks for one file after the other, and would take four trials."""
    attempts = Attempts({"good": (), "one": ("/srv/a", "/srv/b", "/srv/c", "/srv/d")})
    found, searches = diagnosed(attempts, monkeypatch)
    assert (paths(found), searches, len(attempts.ran)) == (
        {"/srv/a", "/srv/b", "/srv/c", "/srv/d"},
        [],
        2,
    )


def test_what_nothing_was_looked_for_in_vain_is_told_by_the_original(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found, searches = diagnosed(
        Attempts({"good": (), "one": ("/srv/b",), "two": ("/srv/c",)}, told=False), monkeypatch
    )
    assert (paths(found), searches) == ({"/srv/b", "/srv/c"}, [])


def test_a_test_that_passes_is_not_run_again_and_the_search_is_about_the_other_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Lost(Attempts):
        """The second test needs what nobody sees: no file helps it."""

        def result(self, kept: Collection[str], tests: Collection[str]) -> WorkloadResult:
            made = super().result(kept, tests)
            if kept is FILES:
                return made
            failed = tuple(
                (
                    replace(one, passed=False, reason="two failed")
                    if one.test.command == "two"
                    else one
                )
                for one in made.tests
            )
            reason = next((one.reason for one in failed if not one.passed), "")
            return replace(made, tests=failed, passed=not reason, reason=reason)

    attempts = Lost({"good": (), "one": ("/srv/a",), "two": ("/srv/b", "/srv/c")})
    found, searches = diagnosed(attempts, monkeypatch)
    assert attempts.ran[0] == ("one", "two")
    assert all(ran == ("two",) for ran in attempts.ran[1:])
    ((plan, tried, names),) = searches
    assert (tried, names) == ((), (NAME,))
    assert "/srv/a" not in plan.remove
    assert "/srv/a" in paths(found)


def test_where_nothing_helped_nothing_of_it_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    class Lost(Attempts):
        def result(self, kept: Collection[str], tests: Collection[str]) -> WorkloadResult:
            return super().result(kept if kept is FILES else (), tests)

    found, searches = diagnosed(Lost({"good": (), "one": ("/srv/a",)}), monkeypatch)
    ((plan, tried, _),) = searches
    assert paths(found) == set()
    assert set(plan.remove) == set(FILES)
    assert [suspect.path for suspect in tried] == ["/srv/a"]


def test_what_fails_once_and_then_passes_alone_is_in_no_trial(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Once(Attempts):
        """The second test failed in the verification alone."""

        def again(
            self,
            candidate: Any,
            _prepared: Any,
            _names: Collection[str],
            focus: Mapping[str, frozenset[str]],
        ) -> Proof:
            self.needs = {**self.needs, "two": ()}
            return super().again(candidate, _prepared, _names, focus)

    attempts = Once({"good": (), "one": ("/srv/a",), "two": ("/srv/b",)})
    found, searches = diagnosed(attempts, monkeypatch)
    assert (paths(found), searches, attempts.ran) == ({"/srv/a"}, [], [("one",)])


class Logging(Attempts):
    """A service that also logs an error when the first test of those that ran failed."""

    alone = True  # whether it does so when the failing tests are run alone

    def proof(self, plan: Plan, tests: Collection[str]) -> Proof:
        made = super().proof(plan, tests)
        if made.verdict.hardened[0].passed or not (self.alone or len(tests) == len(self.needs)):
            return made
        line = Deviation("error-log", Weight.FAILURE, NAME, "not printed", "no such thing")
        return replace(made, verdict=replace(made.verdict, deviations=(line,)))


def test_an_error_in_the_log_that_the_failing_tests_show_alone_does_not_keep_trials_from_being_about_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    attempts = Logging({"good": (), "one": ("/srv/a", "/srv/b")})
    found, searches = diagnosed(attempts, monkeypatch)
    assert (paths(found), searches, attempts.ran) == (
        {"/srv/a", "/srv/b"},
        [],
        [("one",), ("one",)],
    )


def test_an_error_in_the_log_that_they_do_not_show_alone_is_about_all_tests(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    attempts = Logging({"good": (), "one": ("/srv/a", "/srv/b")})
    attempts.alone = False
    found, searches = diagnosed(attempts, monkeypatch)
    assert (paths(found), searches, attempts.ran) == ({"/srv/a"}, [], [])  # at once, unproven


class Listing(Attempts):
    """The first test only lists the directories of the files that it needs, and another one."""

    @property
    def baseline(self) -> Any:
        (seen,) = super().baseline.observations
        touches = tuple(
            Touch(
                Use.LISTED, path, "/", path, True, 0, frozenset({Phase.SERVING}), "/bin/ls", 20.5
            )  # the second test's time
            for path in ("/srv", "/opt")
        )
        return SimpleNamespace(
            observations=(
                SimpleNamespace(
                    workload=seen.workload,
                    result=seen.result,
                    traces=(Trace(INFO, touches, {}, ()),),
                ),
            )
        )


def test_of_the_large_directories_that_a_failing_test_listed_those_come_back_whole_whose_files_it_must_see(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "FEW", 1)
    found, searches = diagnosed(
        Listing({"good": (), "one": ("/srv/b", "/srv/d")}, told=False), monkeypatch
    )
    assert (paths(found), searches) == ({path for path in FILES if path.startswith("/srv/")}, [])


def test_of_the_small_directories_that_a_failing_test_listed_the_files_come_back_that_it_must_see(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found, searches = diagnosed(
        Listing({"good": (), "one": ("/srv/b", "/srv/d")}, told=False), monkeypatch
    )
    assert (paths(found), searches) == ({"/srv/b", "/srv/d"}, [])


def test_what_was_repeated_already_is_not_explained_anew_to_find_flaky_tests(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    attempts = Attempts({"good": (), "one": ("/srv/a",)})
    case = case_of(attempts)
    candidate = cast("Any", SimpleNamespace(plan=plan_with(())))
    proof = attempts.proof(candidate.plan, tuple(attempts.needs))
    attributed: list[object] = []

    def counting(*given: Any) -> tuple[Suspect, ...]:
        attributed.append(given)
        return attribute(*given)

    monkeypatch.setattr(module, "attribute", counting)
    assert not find_flaky(case, candidate, proof)
    assert attributed
    attributed.clear()
    assert not find_flaky(case, candidate, proof)
    assert attributed == []
