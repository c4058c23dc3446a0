"""The lines on behaviour: what was compared, and what deviates."""

from dataclasses import replace

from careen.model.paths import ImagePath
from careen.model.repair import Flaky
from careen.model.runs.behaviour import Compared, Deviation, Weight
from careen.model.verdict import Verdict
from careen.report.terminal_output.screen import ASCII
from careen.report.views.behaviour import behaviour_lines
from tests.support.behaviours import worked

ALIKE = Verdict(
    (worked(),),
    (worked(),),
    compared=Compared(cases=15, answers=51, experiments=3, requests=1, lines=1200, libraries=87),
)
LOST = Deviation(
    "http-status",
    Weight.FAILURE,
    "explore:requests: GET /words",
    "200",
    "500",
    tuple(ImagePath(f"/usr/share/{name}") for name in ("a", "b", "c", "d", "e")),
)


def test_what_was_compared_is_said_with_its_counts() -> None:
    assert behaviour_lines(ALIKE) == [
        (
            "compared: 1 workload, 15 test cases, 1 request, 3 experiments, 51 answers, 1,200 lines"
            " of output, 87 libraries"
        ),
        "✓ both images behave alike",
    ]


def test_nothing_is_said_of_what_was_not_run() -> None:
    assert behaviour_lines(Verdict((worked(),), ())) == []


def test_failures_come_first_each_with_the_paths_that_are_gone() -> None:
    slow = Deviation("start-time", Weight.WARNING, "serve", "ready after 1.0 s", "after 9.0 s")
    assert behaviour_lines(replace(ALIKE, deviations=(slow, LOST)))[1:] == [
        "✗ HTTP statuses: explore:requests: GET /words: 200 → 500",
        "    missing: /usr/share/a, /usr/share/b, /usr/share/c and 2 more",
        "· time to become ready: serve: ready after 1.0 s → after 9.0 s",
    ]


def test_a_flood_is_counted_by_kind() -> None:
    flood = tuple(
        Deviation("error-log", Weight.WARNING, f"serve {i}", "not printed", "'x'")
        for i in range(17)
    )
    assert (
        behaviour_lines(replace(ALIKE, deviations=flood))[-1]
        == "· error lines: … 14 more in verify.json"
    )
    assert len(behaviour_lines(replace(ALIKE, deviations=flood))) == 5


def test_flaky_tests_and_what_was_passed_over_are_said() -> None:
    verdict = replace(
        ALIKE,
        deviations=(Deviation("case", Weight.FAILURE, "serve: test_a", "passed", "failed"),),
        flaky=(Flaky("serve", "test_a", 3, 5),),
        compared=replace(ALIKE.compared, passed_over=("http: answers after the first 20000",)),
    )
    assert behaviour_lines(verdict)[1:] == [
        "✓ both images behave alike",
        "· test_a passes 3 of 5 times on the original: flaky, not counted",
        "· not compared: http: answers after the first 20000",
    ]


def test_noise_is_counted_and_leaves_the_tick() -> None:
    verdict = replace(
        ALIKE, compared=replace(ALIKE.compared, noise=("one", "two"), passed_over=tuple("abcde"))
    )
    assert behaviour_lines(verdict)[1:] == [
        "✓ both images behave alike",
        *(f"· not compared: {what}" for what in "abc"),
        "· not compared: … 2 more in verify.json",
        (
            "· noise: 2 differences did not recur, or also differ between runs of the original"
            " (verify.json)"
        ),
    ]


def test_what_a_container_said_cannot_steer_the_terminal() -> None:
    hostile = replace(LOST, after="\x1b[2Jgone\u202e", cause=(ImagePath("/usr/\x07"),))
    lines = behaviour_lines(replace(ALIKE, deviations=(hostile,)))
    assert lines[1:3] == [
        "✗ HTTP statuses: explore:requests: GET /words: 200 → \\x1b[2Jgone\\u202e",
        "    missing: /usr/\\x07",
    ]
    assert (
        behaviour_lines(replace(ALIKE, deviations=(LOST,)), ASCII)[1]
        == "x HTTP statuses: explore:requests: GET /words: 200 -> 500"
    )
