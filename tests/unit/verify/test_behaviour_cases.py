"""Test cases, endings, readiness and cost of a workload on both images."""

from dataclasses import replace

import pytest

from careen.model.runs.trace import Use
from careen.model.runs.workload import Exchange, Outcome
from tests.support.behaviours import (
    between_runs,
    case,
    compared,
    explored,
    http,
    images,
    missed,
    side,
    told,
    trace,
    worked,
)

WORDS = "/usr/share/words.txt"


def test_a_workload_beside_itself_shows_nothing() -> None:
    result = worked(case("test_a"), case("test_b", Outcome.SKIPPED))
    assert between_runs(result, result) == ()


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Outcome.FAILED, "failed: assert 1 == 2"),
        (Outcome.ERROR, "ended in an error: assert 1 == 2"),
        (Outcome.SKIPPED, "was skipped: assert 1 == 2"),
    ],
)
def test_a_case_that_passed_and_does_not_any_more_is_named(outcome: Outcome, said: str) -> None:
    found = between_runs(
        worked(case("test_a"), case("test_b")),
        worked(case("test_a"), case("test_b", outcome, "assert 1 == 2")),
    )
    assert told(*found) == [("case", "failure", "serve: test_b", "passed", said)]


def test_a_case_that_is_missing_is_named_and_one_that_is_new_is_not() -> None:
    found = between_runs(
        worked(case("test_a"), case("test_b")), worked(case("test_a"), case("test_c"))
    )
    assert told(*found) == [("case", "failure", "serve: test_b", "passed", "was not run")]


def test_cases_of_one_name_are_told_apart_by_their_number() -> None:
    found = between_runs(
        worked(case("t"), case("t"), case("t")),
        worked(case("t"), case("t", Outcome.FAILED), case("t")),
    )
    assert told(*found) == [("case", "failure", "serve: t (2)", "passed", "failed")]


def test_a_report_without_a_case_is_one_failure() -> None:
    silent = worked(
        tests=(
            replace(
                worked().tests[0], results=(), passed=False, reason="pytest failed (exit status 4)"
            ),
        )
    )
    found = between_runs(worked(*(case(f"t{i}") for i in range(300))), silent)
    assert told(*found) == [
        (
            "case",
            "failure",
            "serve: pytest -q",
            "300 cases passed",
            "not one case was reported (pytest failed (exit status 4))",
        )
    ]


def test_thousands_of_lost_cases_are_counted() -> None:
    found = between_runs(worked(*(case(f"t{i}") for i in range(5000))), worked(case("t0")))
    assert len(found) == 201
    assert found[-1].after == "4799 more cases did not pass"


def test_a_case_that_fails_on_both_is_said_once_and_fails_nothing() -> None:
    both = worked(case("a"), case("b", Outcome.FAILED), case("c", Outcome.ERROR))
    assert told(*between_runs(both, both)) == [
        ("case", "warning", "serve: pytest -q", "b, c failed", "they failed as well")
    ]


def test_the_cause_of_a_case_is_what_was_looked_for_while_it_ran() -> None:
    seen = trace(
        missed(WORDS, first=102.0),
        missed("/app/plugins/extra.py", first=50.0),
        missed("/usr/lib/libz.so.1.2", first=400.0),
    )
    gone = images(WORDS, "/app/plugins/extra.py", "/usr/lib/libz.so.1.2")
    found = between_runs(
        worked(case("a")), worked(case("a", Outcome.FAILED, begun=101.8)), seen, gone
    )
    assert found[0].cause == (WORDS,)
    unknown = between_runs(worked(case("a")), worked(case("a", Outcome.FAILED)), seen, gone)
    assert unknown[0].cause == (WORDS,)  # the whole command's time
    named = between_runs(
        worked(case("a")),
        worked(case("a", Outcome.FAILED, "No module named 'plugins.extra'", begun=300.0)),
        seen,
        gone,
    )
    assert named[0].cause == ("/app/plugins/extra.py",)


def test_without_any_hint_all_that_the_container_wanted_may_be_the_cause() -> None:
    seen = trace(
        missed("/usr/lib/libz.so.1.2", Use.LOOKED_UP),
        missed(WORDS),
        missed("/app/plugins/extra.py", Use.EXECUTED),
    )
    found = between_runs(
        worked(case("a")),
        worked(case("a", Outcome.FAILED, begun=9000.0)),
        seen,
        images(WORDS, "/app/plugins/extra.py", "/usr/lib/libz.so.1.2"),
    )
    assert found[0].cause == ("/app/plugins/extra.py", WORDS)


@pytest.mark.parametrize(
    ("before", "after", "weight"),
    [
        (0, 1, "failure"),
        (143, 137, "failure"),
        (0, 139, "failure"),
        (0, 143, "warning"),
        (1, 127, "warning"),
        (143, None, "failure"),
        (1, 0, "warning"),
    ],
)
def test_another_ending(before: int, after: int | None, weight: str) -> None:
    found = between_runs(worked(exit_code=before), worked(exit_code=after))
    assert [(item.kind, item.weight.value) for item in found] == [("exit-status", weight)]


def test_an_ending_by_a_signal_is_one_ending() -> None:
    assert between_runs(worked(exit_code=143), worked(exit_code=-15)) == ()
    assert (
        between_runs(worked(exit_code=0), worked(exit_code=137))[0].after
        == "it ended by signal 9 (status 137)"
    )


def test_a_container_that_starts_more_often_fails() -> None:
    more = compared(side(worked(), trace()), side(worked(), trace(starts=3))).deviations
    assert told(*more) == [("restart", "failure", "serve", "one start", "3 starts")]
    assert (
        compared(side(worked(), trace(starts=3)), side(worked(), trace(starts=1)))
        .deviations[0]
        .weight.value
        == "warning"
    )


def test_readiness_lost_is_a_failure_and_readiness_won_depends_on_why() -> None:
    ready, never = (
        explored(),
        explored(ready_seconds=None, exit_code=1, skipped="it ended before it was ready"),
    )
    lost = compared(side(experiments=[ready]), side(experiments=[never])).deviations
    assert told(*lost) == [
        (
            "readiness",
            "failure",
            "explore:http",
            "ready",
            "never ready (it ended before it was ready)",
        )
    ]
    won = compared(side(experiments=[never]), side(experiments=[ready])).deviations
    assert [(item.kind, item.weight.value) for item in won] == [
        ("readiness", "failure")
    ]  # what made it refuse to start is gone
    slow = compared(
        side(experiments=[replace(never, exit_code=None)]), side(experiments=[ready])
    ).deviations
    assert [(item.kind, item.weight.value) for item in slow] == [("readiness", "warning")]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (1.0, 2.9, None),
        (10.0, 14.0, None),
        (3.0, 5.2, ("ready after 3.0 s", "after 5.2 s")),
        (0.5, 2.4, None),
    ],
)
def test_a_slower_start_is_an_observation(
    before: float, after: float, said: tuple[str, str] | None
) -> None:
    found = between_runs(worked(ready_seconds=before), worked(ready_seconds=after))
    assert [(item.before, item.after) for item in found] == ([said] if said else [])
    assert all((item.kind, item.weight.value) == ("start-time", "warning") for item in found)


@pytest.mark.parametrize(
    ("held_up", "said"),
    [
        (None, ("ready after 3.0 s", "after 20.0 s")),
        (2.0, ("ready after 2.5 s", "after 18.0 s")),
        (16.0, None),
        (25.0, None),
    ],
)
def test_a_wait_for_a_processor_is_not_the_images(
    held_up: float | None, said: tuple[str, str] | None
) -> None:
    known = held_up is not None
    found = between_runs(
        worked(ready_seconds=3.0, held_up=0.5 if known else None),
        worked(ready_seconds=20.0, held_up=held_up),
    )
    assert [(item.before, item.after) for item in found] == ([said] if said else [])


def test_what_only_starts_slower_is_told_apart_from_what_else_may_differ() -> None:
    late = http("GET /", None, note="no answer in 10 s", late=True)
    runs = {
        "slow": ((), {"ready_seconds": 20.0}),
        "slow and late": ((late,), {"ready_seconds": 20.0}),
        "slow and large": ((), {"ready_seconds": 20.0, "memory_peak": 1 << 30}),
        "late": ((late,), {}),
        "alike": ((), {}),
    }
    found = compared(
        side(
            experiments=[
                explored(*(http("GET /") for _ in answers), experiment=name, memory_peak=100 << 20)
                for name, (answers, _) in runs.items()
            ]
        ),
        side(
            experiments=[
                explored(*answers, experiment=name, **more)
                for name, (answers, more) in runs.items()
            ]
        ),
    )
    assert found.starts == {"explore:slow"}
    assert found.doubtful == {f"explore:{name}" for name in runs if name != "alike"}


@pytest.mark.parametrize(("held_up", "warned"), [(None, False), (9.0, True), (16.5, False)])
def test_what_leaves_the_processors_to_others_is_compared_without_its_waits(
    held_up: float | None, *, warned: bool
) -> None:
    found = compared(
        side(experiments=[explored(ready_seconds=3.0)]),
        side(experiments=[explored(ready_seconds=20.0, held_up=held_up, yielded=True)]),
    )
    assert [item.kind for item in found.deviations] == (["start-time"] if warned else [])


@pytest.mark.parametrize(
    ("before", "after", "warned"),
    [(100 << 20, 150 << 20, False), (1 << 30, 1300 << 20, False), (1 << 30, 1400 << 20, True)],
)
def test_more_memory_is_an_observation(before: int, after: int, *, warned: bool) -> None:
    found = between_runs(worked(memory_peak=before), worked(memory_peak=after))
    assert told(*found) == (
        [("memory", "warning", "serve", "at most 1 024 MiB of memory", "1 400 MiB")]
        if warned
        else []
    )


def exchanges(*statuses: int | None, path: str = "/items/7") -> tuple[Exchange, ...]:
    return tuple(Exchange(8000, "GET", path, status, 1.0, 0.1) for status in statuses)


def test_other_statuses_on_the_way_are_counted() -> None:
    found = between_runs(
        worked(exchanges=exchanges(200, 200, 404)),
        worked(exchanges=exchanges(200, 500, None, path="/items/9")),
    )
    assert told(*found) == [
        (
            "http-status",
            "warning",
            "serve: GET /items/# on port 8000",
            "2 × 200, 1 × 404",  # noqa: RUF001
            "1 × 200, 1 × 500, 1 × no answer",  # noqa: RUF001
        )
    ]


def test_other_numbers_of_the_same_statuses_and_other_requests_are_none() -> None:
    assert (
        between_runs(
            worked(exchanges=exchanges(200, 404)), worked(exchanges=exchanges(200, 200, 404))
        )
        == ()
    )
    assert (
        between_runs(
            worked(exchanges=exchanges(200)), worked(exchanges=exchanges(500, path="/other"))
        )
        == ()
    )
