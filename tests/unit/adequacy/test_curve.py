"""The discovery curve: which test was the first to use a file, and what the last tests say of the
next.
"""

from dataclasses import replace

import pytest

from careen.adequacy.curve import Curve, Watched, discovery
from careen.adequacy.saturation import saturation
from careen.adequacy.sights import find_first_uses
from careen.model.adequacy import Step
from careen.model.paths import ImagePath
from careen.model.runs.trace import Phase, Touch, Trace, Use
from careen.model.runs.workload import Exchange, Outcome, TestResult
from tests.support.adequacies import BEGUN, SENSOR, cases, command, observation, trace, watched
from tests.support.trees import Link, tree

FILES = {f"/f{number}": "x" for number in range(40)}
ROOTFS = tree({**FILES, "/d": None, "/link": Link("f1")})


def ran(
    uses: dict[str, float | None], *tests: TestResult, name: str = "default", batch: bool = False
) -> Watched:
    return watched(ROOTFS, observation(trace(uses), *tests, name=name, batch=batch))


def new(curve: Curve) -> list[int]:
    return [step.new_files for step in curve.steps]


def test_a_file_belongs_to_the_case_in_which_it_was_first_used() -> None:
    uses: dict[str, float | None] = {
        "/f1": 500.0,
        "/f2": BEGUN + 3,
        "/f3": BEGUN + 12,
        "/f4": BEGUN + 19.9,
        "/f5": BEGUN + 31,
    }
    curve = discovery([ran(uses, command(cases(4)))])
    assert curve.before == 1
    assert curve.steps == (Step("test0", 1), Step("test1", 2), Step("test2", 0), Step("test3", 1))


def test_between_two_cases_it_is_the_one_that_ended_last() -> None:
    late = [replace(case, seconds=2.0) for case in cases(3)]
    assert new(discovery([ran({"/f1": BEGUN + 15, "/f2": BEGUN + 29}, command(late))])) == [0, 1, 1]


def test_what_prepares_the_cases_belongs_to_the_first() -> None:
    curve = discovery([ran({"/f1": BEGUN + 1}, command(cases(3, begun=BEGUN + 5)))])
    assert (curve.before, new(curve)) == (0, [1, 0, 0])


def test_what_the_shutdown_uses_is_no_tests() -> None:
    curve = discovery([ran({"/f1": BEGUN + 100.5}, command(cases(10), seconds=100.0))])
    assert (curve.before, sum(new(curve))) == (0, 0)


def test_skipped_cases_are_no_steps() -> None:
    one, two, three = cases(3)
    curve = discovery(
        [ran({"/f1": BEGUN + 12}, command([one, replace(two, outcome=Outcome.SKIPPED), three]))]
    )
    assert curve.steps == (Step("test0", 1), Step("test2", 0))


def test_a_command_whose_cases_have_no_times_is_one_step() -> None:
    half_known = [
        replace(case, begun=None if number == 1 else case.begun)
        for number, case in enumerate(cases(3))
    ]
    curve = discovery([ran({"/f1": BEGUN + 12}, command(half_known), command(begun=BEGUN + 200))])
    assert curve.steps == (Step("pytest -q", 1), Step("pytest -q", 0))
    assert curve.commands == 2


def test_without_cases_each_kind_of_request_is_a_step() -> None:
    asked = [
        Exchange(8000, method, path, 200, BEGUN + at, 0.1)
        for at, method, path in (
            (9, "GET", "/b"),
            (2, "POST", "/a"),
            (5, "GET", "/b"),
            (140, "GET", "/c"),
        )
    ]
    run = ran(
        {"/f1": BEGUN + 1, "/f2": BEGUN + 6, "/f3": BEGUN + 9.5, "/f4": BEGUN + 141},
        command(),
        command(begun=BEGUN + 130),
    )
    curve = discovery([replace(run, result=replace(run.result, exchanges=tuple(asked)))])
    assert curve.steps == (Step("POST /a", 1), Step("GET /b", 2), Step("GET /c", 1))
    assert curve.unit == "request"
    assert saturation(curve).part.why == "only 3 requests, of at least 5; so few show 36 % at most"


def test_cases_go_before_requests_and_both_may_be_steps() -> None:
    run = ran({}, command(cases(2)), command(begun=BEGUN + 200))
    asked = tuple(Exchange(8000, "GET", "/x", 200, at, 0.1) for at in (BEGUN + 1, BEGUN + 201))
    curve = discovery([replace(run, result=replace(run.result, exchanges=asked))])
    assert ([step.name for step in curve.steps], curve.unit) == (
        ["test0", "test1", "GET /x"],
        "step",
    )


def test_a_case_that_claims_a_time_outside_of_its_command_is_moved_to_its_edge() -> None:
    first, second = cases(2)
    lying = [replace(first, begun=BEGUN - 900), replace(second, begun=BEGUN + 9000)]
    curve = discovery([ran({"/f1": BEGUN - 100, "/f2": BEGUN + 50}, command(lying))])
    assert (curve.before, curve.steps) == (1, (Step("test0", 1), Step("test1", 0)))


def test_a_second_workload_finds_only_what_the_first_did_not() -> None:
    one = ran({"/f1": 500.0, "/f2": BEGUN + 1}, command(cases(2)), name="serve")
    two = ran(
        {"/f1": 2500.0, "/f2": 3001.0, "/f3": 3011.0},
        command(cases(2, begun=3000.0), begun=3000.0),
        name="train",
    )
    curve = discovery([one, two])
    assert curve.steps == (
        Step("serve: test0", 1),
        Step("serve: test1", 0),
        Step("train: test0", 0),
        Step("train: test1", 1),
    )
    assert curve.before == 1


def test_a_batch_job_is_one_step() -> None:
    curve = discovery([ran({"/f1": BEGUN, "/f2": BEGUN + 1}, name="job", batch=True)])
    assert curve.steps == (Step("job", 2),)
    assert saturation(curve).part.why == "only one test, of at least 5; so few show 5 % at most"


def test_without_times_there_is_no_curve_and_no_zero() -> None:
    curve = discovery([ran({"/f1": None, "/f2": BEGUN}, command(cases(9)))])
    assert curve == Curve(why="the sensor does not tell when 1 of 2 files were first used")
    found = saturation(curve)
    assert (found.part.share, found.unseen, found.part.why) == (None, None, curve.why)


def test_tests_that_do_not_say_when_they_began_give_no_curve() -> None:
    assert (
        discovery([ran({"/f1": BEGUN}, replace(command(cases(9)), begun=0.0))]).why
        == "the start time of the tests is unknown"
    )


def test_a_file_is_first_seen_at_its_earliest_use_under_any_name() -> None:
    def touch(
        given: str,
        first: float | None,
        errno: int = 0,
        on_image: bool | None = True,
        resolved: str | None = None,
    ) -> Touch:
        return Touch(
            Use.OPENED, given, "/", resolved, on_image, errno, frozenset({Phase.START}), "", first
        )

    seen = replace(
        trace({}),
        touches=(
            touch("/f1", 9.0),
            touch("link", 5.0),  # leads to /f1
            touch("/f1", 7.0),
            touch("/f2", 3.0, on_image=False),  # on a volume
            touch("/f3", 4.0, errno=13),  # refused, but it is there
            touch("/gone", 1.0, errno=2),
            touch("/d", 1.0),
            touch("/moved", 2.0, resolved="/f4"),
            touch("/f5", None),
            touch("/f6", None),
            touch("/f6", 8.0),
        ),
        sensor=SENSOR,
    )
    assert find_first_uses(seen, ROOTFS) == {
        ImagePath(path): first
        for path, first in {"/f1": 5.0, "/f3": 4.0, "/f4": 2.0, "/f5": None, "/f6": 8.0}.items()
    }


def curve_of(*found: int) -> Curve:
    return Curve(
        tuple(Step(f"test{number}", new_files) for number, new_files in enumerate(found)), 10
    )


def test_the_bound_rests_on_the_later_half_and_at_least_five() -> None:
    few = saturation(curve_of(9, 0, 0, 0, 0))
    assert (few.part.covered, few.part.total) == (4, 5)
    many = saturation(curve_of(*[3] * 10, *[0] * 10))
    assert (many.part.covered, many.part.total, many.part.missing) == (10, 10, ())
    assert many.unseen == pytest.approx(0.258865551)
    assert many.part.share == pytest.approx(1 - 0.258865551)


def test_what_still_found_something_is_named_the_largest_first() -> None:
    assert saturation(curve_of(0, 0, 0, 0, 0, 1, 0, 1_200, 0, 0)).part.missing == (
        "test7 (1,200 new)",
        "test5 (1 new)",
    )


@pytest.mark.parametrize(
    ("curve", "why"),
    [
        (curve_of(), "no test was run"),
        (curve_of(1, 0, 0), "only 3 tests, of at least 5; so few show 36 % at most"),
        (
            Curve((Step("GET /", 3), Step("GET /a", 0)), 1, commands=1, unit="request"),
            "only 2 requests, of at least 5; so few show 22 % at most",
        ),
        (
            Curve((Step("GET /", 3), Step("sh x", 0)), 1, commands=2, unit="step"),
            "only 2 steps, of at least 5",
        ),
        (Curve((Step("pytest -q", 3),), 1, commands=1), "one test command without known cases"),
        (Curve((Step("a", 3), Step("b", 0)), 1, commands=2), "2 test commands without known cases"),
    ],
)
def test_too_few_steps_say_nothing(curve: Curve, why: str) -> None:
    found = saturation(curve)
    assert (found.unseen, found.part.share, found.part.covered, found.part.why) == (
        None,
        None,
        None,
        why,
    )


@pytest.mark.parametrize(
    "given", ["/proc/self/root/app/main.py", "/proc/self/fd/3/main.py", "/dev/fd/3/main.py"]
)
def test_a_file_that_was_opened_through_a_process_link_is_seen(given: str) -> None:
    rootfs = tree({"/app/main.py": "x"})
    opened = Touch(
        Use.OPENED, given, "/", "/app/main.py", True, 0, frozenset({Phase.START}), "", 2.0
    )
    asked = Touch(Use.LOOKED_UP, given, "/", None, None, 0, frozenset({Phase.START}), "", 1.0)
    assert find_first_uses(Trace(SENSOR, (opened,), {}, ()), rootfs) == {"/app/main.py": 2.0}
    assert find_first_uses(
        Trace(SENSOR, (opened, asked), {}, (), directories=frozenset({"/app"})), rootfs
    ) == {"/app/main.py": 1.0}
