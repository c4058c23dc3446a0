"""What is run again on both images: noise differs between two runs of the original, too, or does
not come again; a real difference is in every run.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

import pytest

from careen.model.runs.exploration import Answer, Explored
from careen.model.runs.trace import Use
from careen.model.runs.workload import HealthResult
from careen.verify.behaviour import Behaviour, compare_behaviour
from careen.verify.bodies.normal import Noise
from careen.verify.chance import is_chance
from careen.verify.sides import Round, Side
from tests.support.behaviours import case, explored, http, images, side, told, touch, trace, worked

pytestmark = pytest.mark.slow

WORDS = "/usr/share/words.txt"
CASE = case("test_embed")


def over(before: Sequence[Side], after: Sequence[Side], *gone: str) -> Behaviour:
    """Compare the first run of both, with the others as further rounds."""
    rounds = [Round(one, two) for one, two in zip(before[1:], after[1:], strict=True)]
    return compare_behaviour(before[0], after[0], images(*gone), Noise(()), rounds)


def runs(*answers: Sequence[Answer] | Answer) -> list[Side]:
    """One side for each run of one experiment."""
    return [
        side(experiments=[explored(*(each if isinstance(each, Sequence) else (each,)))])
        for each in answers
    ]


def bodies(*texts: str) -> list[Side]:
    return runs(*(http("GET /x", body=text) for text in texts))


def lives(*found: Explored) -> list[Side]:
    return [side(experiments=[each]) for each in found]


def test_what_does_not_come_again_is_noise_and_is_said() -> None:
    found = over(runs(http("GET /x"), http("GET /x")), runs(http("GET /x", 503), http("GET /x")))
    assert found.deviations == ()
    assert found.compared.noise == (
        "explore:http: GET /x: 200 on the original, 503 on the hardened image, but not always",
    )
    assert found.doubtful == set()


def test_what_comes_again_every_time_is_a_failure() -> None:
    found = over(runs(*[http("GET /x")] * 3), runs(*[http("GET /x", 500)] * 3))
    assert told(*found.deviations) == [
        ("http-status", "failure", "explore:http: GET /x", "200", "500")
    ]


def test_what_names_a_removed_path_is_said_even_if_it_does_not_come_again() -> None:
    lost = http("GET /x", 500, f"no such file: {WORDS}")
    found = over(runs(http("GET /x"), http("GET /x")), runs(lost, http("GET /x")), WORDS)
    assert [(item.kind, item.weight.value, item.cause) for item in found.deviations] == [
        ("http-status", "warning", (WORDS,))
    ]


def flapping(*statuses: int) -> list[Answer]:
    return [
        http("GET /x" + (f" ({number})" if number else ""), status)
        for number, status in enumerate(statuses)
    ]


def test_a_service_that_always_fails_is_found_where_the_original_fails_at_times() -> None:
    original = runs(
        flapping(200, 503, 200, 503), flapping(503, 200, 200, 503), flapping(200, 503, 503, 200)
    )
    always = runs(*[flapping(503, 503, 503, 503)] * 3)
    found = over(original, always).deviations
    assert {(item.kind, item.weight.value, item.before, item.after) for item in found} == {
        ("http-status", "failure", "200", "503")
    }
    other = over(
        original,
        runs(
            flapping(503, 503, 200, 503), flapping(503, 503, 503, 200), flapping(503, 200, 503, 503)
        ),
    )
    assert other.deviations == ()
    assert other.compared.noise != ()
    few = over(original[:1], always[:1])  # one run alone does not tell, and is run again
    assert [item.weight.value for item in few.deviations] == ["warning"] * 2
    assert few.doubtful == {"explore:http"}


def test_a_service_that_fails_at_times_is_found_where_the_original_never_does() -> None:
    """One of its workers lacks something."""
    original = runs(*[flapping(200, 200, 200, 200, 200, 200)] * 3)
    half = runs(*[flapping(500, 200, 500, 200, 500, 200)] * 3)
    assert {(item.kind, item.weight.value) for item in over(original, half).deviations} == {
        ("http-status", "failure")
    }
    once = runs(
        flapping(500, 200, 200, 200, 200, 200), *[flapping(200, 200, 200, 200, 200, 200)] * 2
    )
    assert over(original, once).deviations == ()


@pytest.mark.parametrize(
    ("seen", "tries", "others", "chance"),
    [(8, 16, 16, False), (3, 4, 4, True), (1, 9, 9, True), (0, 9, 9, True), (9, 9, 9, False)],
)
def test_chance_is_told_by_counts(seen: int, tries: int, others: int, *, chance: bool) -> None:
    assert is_chance(seen, tries, others) is chance


def service(random: Random, *, lost: bool = False) -> str:
    """An answer in which much differs from one time to the next, and one member that does not."""
    document = {
        "cached": random.random() < 0.5,
        "worker": random.randint(1, 4),
        "threads": random.randint(8, 12),
        "queue": [random.randint(0, 9) for _ in range(random.randint(0, 3))],
        "top": [{"name": random.choice("abcdef"), "calls": random.randint(1, 9)} for _ in range(3)],
        "plugins": {"core": 1} if lost else {"core": 1, "extra": 2},
        "model": "tiny",
    }
    return json.dumps(document)


def many(make: Callable[[Random], str], seed: int, number: int = 4) -> list[Side]:
    """Four runs, in each of which a request is made six times."""
    random = Random(seed)  # noqa: S311 — examples
    return runs(
        *(
            [
                http("GET /x" + (f" ({each})" if each else ""), body=make(random))
                for each in range(6)
            ]
            for _ in range(number)
        )
    )


@pytest.mark.parametrize("seed", range(6))
def test_a_loss_is_found_amid_noise_and_nothing_else_is(seed: int) -> None:
    original = many(service, seed)
    assert over(original, many(service, 1000 + seed)).deviations == ()
    found = over(original, many(lambda random: service(random, lost=True), 2000 + seed))
    assert {(item.kind, item.before, item.after) for item in found.deviations} == {
        ("http-body", ".plugins.extra = 2", "nothing")
    }
    another = over(
        original, many(lambda random: service(random).replace("tiny", "none"), 3000 + seed)
    )
    assert {(item.before, item.after) for item in another.deviations} == {
        ('.model = "tiny"', '"none"')
    }


def profiler(random: Random, *, lost: bool = False) -> str:
    """A profiler's list: the functions, their order and their figures are of that run."""
    names = random.sample(
        ["load", "read", "encode", "softmax", "matmul", "poll", "gc"], random.randint(3, 6)
    )
    lines = [f"{random.randint(1, 900):>6} calls {random.random():.3f} s {name}" for name in names]
    bar = (
        "\r".join(
            f"load {number}%|{'#' * (number // 10)}"
            for number in range(0, 101, random.randint(7, 20))
        )
        + "\rload done"
    )
    return "\n".join(
        (
            bar,
            *lines,
            "language: English" if lost else "language: German",
            f"threads: {random.randint(4, 9)}",
        )
    )


@pytest.mark.parametrize("seed", range(6))
def test_a_lost_line_is_found_amid_a_profilers_list(seed: int) -> None:
    original = many(profiler, seed)
    assert over(original, many(profiler, 1000 + seed)).deviations == ()
    found = over(original, many(lambda random: profiler(random, lost=True), 2000 + seed))
    assert {(item.kind, item.before) for item in found.deviations} == {
        ("http-body", "'language: German'")
    }


def metrics(random: Random, *, lost: bool = False) -> str:
    """What one of several workers counted; a series is there once it has counted anything."""
    paths = [path for path in ("/a", "/b", "/c", "/d") if random.random() < 0.7]
    lines = ["# HELP asked_total requests", "# TYPE asked_total counter"]
    lines += [
        f'asked_total{{path="{path}",pid="{random.randint(7, 99)}"}} {random.randint(1, 99)}'
        for path in paths
    ]
    lines += [f'took_bucket{{le="0.{number}"}} {random.randint(1, 99)}' for number in range(9)]
    lines += [] if lost else ["model_ready 1"]
    return "\n".join((*lines, f"rss {random.random() * 1e8:.3e}"))


@pytest.mark.parametrize("seed", range(6))
def test_a_lost_metric_is_found_though_each_worker_has_its_own(seed: int) -> None:
    original = many(metrics, seed)
    assert over(original, many(metrics, 1000 + seed)).deviations == ()
    found = over(original, many(lambda random: metrics(random, lost=True), 2000 + seed))
    assert {(item.kind, item.before) for item in found.deviations} == {
        ("http-body", "'model_ready'")
    }


def test_lines_in_another_order_are_noise_where_the_original_changes_it() -> None:
    original = bodies("7 worker\n9 worker\n1 main", "9 worker\n7 worker\n1 main")
    assert (
        over(
            original, bodies("1 main\n7 worker\n9 worker", "9 worker\n1 main\n7 worker")
        ).deviations
        == ()
    )
    (found,) = over(
        original, bodies("1 main\n7 worker\n9 clerk", "1 main\n7 worker\n9 clerk")
    ).deviations
    assert (found.before, found.after) == ("'9 worker'", "'9 clerk'")
    assert len(over(bodies("a\nb", "a\nb"), bodies("b\na", "b\na")).deviations) == 1


def test_numbers_of_a_line_are_noise_and_its_words_are_not() -> None:
    original = bodies("threads 7 of pool main", "threads 9 of pool main")
    assert (
        over(original, bodies("threads 12 of pool main", "threads 3 of pool main")).deviations == ()
    )
    (found,) = over(original, bodies("threads 7 of pool none", "threads 9 of pool none")).deviations
    assert found.after == "'threads 7 of pool none'"


def test_the_length_of_an_array_is_noise_and_its_items_are_not() -> None:
    original = bodies('{"a": [{"t": "x"}]}', '{"a": [{"t": "x"}, {"t": "x"}]}')
    assert (
        over(original, bodies(*['{"a": [{"t": "x"}, {"t": "x"}, {"t": "x"}]}'] * 2)).deviations
        == ()
    )
    (found,) = over(original, bodies(*['{"a": [{"t": "y"}]}'] * 2)).deviations
    assert (found.before, found.after) == ('.a[].t = "x"', '"y"')


def test_a_time_limit_that_came_first_once_is_made_good_by_another_run() -> None:
    late = http("GET /x", None, note="no answer in time", seconds=10.0, late=True)
    fine = http("GET /x", seconds=6.0)
    found = over(runs(fine, fine), runs(late, fine))
    assert (found.deviations, found.compared.passed_over, found.compared.answers) == ((), (), 1)
    found = over(runs(late, fine), runs(fine, replace(fine, status=500)))
    assert [(item.before, item.after) for item in found.deviations] == [("200", "500")]


def test_what_hangs_every_time_though_the_original_is_quick_is_a_failure() -> None:
    late = http("GET /x", None, note="no answer in time", seconds=30.0, late=True)
    found = over(runs(*[http("GET /x", seconds=0.1)] * 2), runs(*[late] * 2))
    assert told(*found.deviations) == [
        ("connection", "failure", "explore:http: GET /x", "200", "no answer (no answer in time)")
    ]
    assert found.doubtful == set()  # it would be waited for once more


@pytest.mark.parametrize(
    ("original", "hardened", "kinds"),
    [
        ([explored()] * 2, [explored(ready_seconds=None), explored()], []),
        ([explored()] * 2, [explored(ready_seconds=None)] * 2, [("readiness", "failure")]),
        ([explored()] * 2, [explored(exit_code=None), explored()], []),
        ([explored()] * 2, [explored(exit_code=None)] * 2, [("exit-status", "failure")]),
        ([explored(), explored(exit_code=None)], [explored(exit_code=None)] * 2, []),
        ([explored()] * 2, [explored(trace=trace(starts=2)), explored()], []),
        ([explored()] * 2, [explored(trace=trace(starts=2))] * 2, [("restart", "failure")]),
        (
            [explored(ready_seconds=4.0)] * 2,
            [explored(ready_seconds=12.6), explored(ready_seconds=4.2)],
            [],
        ),
        (
            [explored(ready_seconds=4.0), explored(ready_seconds=11.0)],
            [explored(ready_seconds=12.6)] * 2,
            [],
        ),
        (
            [explored(ready_seconds=4.0)] * 2,
            [explored(ready_seconds=12.6)] * 2,
            [("start-time", "warning")],
        ),
        (
            [explored(memory_peak=100 << 20)] * 2,
            [explored(memory_peak=300 << 20), explored(memory_peak=101 << 20)],
            [],
        ),
        (
            [explored(memory_peak=100 << 20)] * 2,
            [explored(memory_peak=300 << 20)] * 2,
            [("memory", "warning")],
        ),
    ],
)
def test_the_life_of_a_container(
    original: list[Explored], hardened: list[Explored], kinds: list[tuple[str, str]]
) -> None:
    found = over(lives(*original), lives(*hardened))
    assert [(item.kind, item.weight.value) for item in found.deviations] == kinds
    assert bool(found.compared.noise) is not bool(kinds) or kinds == []


def test_a_start_that_was_made_for_its_own_sake_counts_for_the_start_alone() -> None:
    slow = [
        side(worked(ready_seconds=seconds, logs="ERROR the model is gone\n" if seconds > 5 else ""))
        for seconds in (1.0, 9.0, 1.0, 1.2)
    ]
    found = compare_behaviour(
        slow[0], slow[1], images(), Noise(()), [Round(slow[2], slow[3], frozenset({"serve"}))]
    )
    assert [item.kind for item in found.deviations] == ["error-log"]


def test_error_lines() -> None:
    quiet = explored(logs="fine\n")
    timeout = explored(logs="[CRITICAL] WORKER TIMEOUT (pid:17)\n")
    lost = explored(
        logs=(
            "Traceback (most recent call last):\n  File x\nModuleNotFoundError: No module named"
            " 'extra'\n"
        )
    )
    assert over(lives(quiet, quiet), lives(timeout, quiet)).deviations == ()
    assert over(lives(quiet, timeout), lives(timeout, timeout)).deviations == ()
    assert [
        item.weight.value for item in over(lives(quiet, quiet), lives(timeout, timeout)).deviations
    ] == ["warning"]
    assert [
        item.weight.value for item in over(lives(quiet, quiet), lives(lost, lost)).deviations
    ] == ["failure"]
    assert [
        item.weight.value
        for item in over(
            lives(quiet, quiet), lives(lost, quiet), "/app/plugins/extra.py"
        ).deviations
    ] == ["failure"]


def test_libraries_that_one_run_does_not_load_are_noise() -> None:
    library = "/usr/lib/libz.so.1.2"
    plain, loads = explored(), explored(trace=trace(touch(library, Use.MAPPED)))
    assert over(lives(loads), lives(plain)).doubtful == {"explore:http"}
    assert over(lives(loads, plain), lives(plain, plain)).deviations == ()
    assert over(lives(loads, loads), lives(plain, loads)).deviations == ()
    assert [item.kind for item in over(lives(loads, loads), lives(plain, plain)).deviations] == [
        "library"
    ]


def test_a_removed_library_needs_no_further_run() -> None:
    library = "/usr/lib/libz.so.1.2"
    plain, loads = explored(), explored(trace=trace(touch(library, Use.MAPPED)))
    found = over(lives(loads), lives(plain), library)
    assert found.doubtful == frozenset()
    assert [item.cause for item in found.deviations] == [(library,)]


def test_a_health_check_that_fails_once_is_no_failure_of_the_hardened_image() -> None:
    passes, fails = HealthResult(0, ""), HealthResult(1, "not yet\n", 3)
    original = [side(worked(CASE, health=passes)) for _ in range(2)]
    late = [side(worked(CASE, health=health)) for health in (fails, passes)]
    broken = [side(worked(CASE, health=fails)) for _ in range(2)]
    assert over(original, late).deviations == ()
    assert told(*over(original, broken).deviations) == [
        ("health", "failure", "serve", "status 0", "status 1 (not yet)")
    ]
