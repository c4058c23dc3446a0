"""What is run again on both images, and what is not."""

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from careen.explore.experiment import Experiment, ReadyContainer
from careen.explore.survey import _repeated
from careen.explore.trials import Try
from careen.model.image import ImageConfig
from careen.model.runs.behaviour import Compared, Deviation, Weight
from careen.model.runs.engine import PreparedImage
from careen.model.runs.exploration import Answer, Explored
from careen.model.runs.workload import Workload
from careen.pipeline.profiling.experiment_run import Ground
from careen.pipeline.profiling.explore import Exploration
from careen.pipeline.profiling.observe import Observation
from careen.pipeline.proof import rounds
from careen.pipeline.proof.rounds import WORKLOAD_SECONDS, Chosen, Ready, choose, run_round
from careen.tools.exchange import Request
from careen.verify.behaviour import Behaviour
from tests.support.behaviours import compared, explored, http, side, trace, worked


def found(*deviations: tuple[str, str], weight: Weight = Weight.WARNING) -> Behaviour:
    items = tuple(Deviation(kind, weight, where, "a", "b") for kind, where in deviations)
    names = frozenset(":".join(where.split(": ")[0].split(":")[:2]) for _, where in deviations)
    kinds = {name: {kind for kind, where in deviations if where.startswith(name)} for name in names}
    starts = frozenset(name for name in names if kinds[name] == {"start-time"})
    return Behaviour(items, {}, Compared(), names, starts)


def exploration(number: int) -> Exploration:
    original = tuple(explored(experiment=f"e{index}") for index in range(number))
    return Exploration(cast("Any", tuple(each.experiment for each in original)), original)


def observed(seconds: float = 5.0) -> Observation:
    return Observation(Workload("serve"), worked(seconds=seconds), trace(), "", ())


def test_experiments_that_differ_are_run_again_with_the_requests_that_do() -> None:
    chosen = choose(
        found(("http-body", "explore:e1: GET /x (again)"), ("http-body", "explore:e1: GET /y")),
        (),
        exploration(3),
        1,
    )
    assert chosen.experiments == {1: frozenset({"GET /x", "GET /y"})}
    assert not choose(
        replace(found(("http-body", "explore:e1: GET /x")), doubtful=frozenset()),
        (),
        exploration(3),
        1,
    )


@pytest.mark.parametrize("length", [150, 196, 400])
def test_a_request_with_a_long_id_is_run_again_under_its_whole_id(length: int) -> None:
    """What is reported has the id cut short; what is asked is known by the whole of it."""
    name = f"GET /search?q={'x' * length}"
    again = f"{name} (again)"
    before, after = (explored(http("GET /"), http(again, status)) for status in (200, 500))
    told = compared(side(experiments=[before]), side(experiments=[after]))
    chosen = choose(told, (), replace(exploration(1), original=(before,)), 1).experiments[0]
    assert name in chosen
    request = Request("GET", "/search")
    asked = [each.id for each in _repeated((Try(name, request), Try("GET /", request)), chosen)]
    assert asked == [name, *(f"{name} ({number})" for number in (11, 12, 13, 14)), "GET /"]


@pytest.mark.parametrize(("failing", "again"), [(4, 4), (5, 0)])
def test_where_most_experiments_fail_nothing_is_run_again(failing: int, again: int) -> None:
    broken = found(
        *(("readiness", f"explore:e{index}") for index in range(failing)), weight=Weight.FAILURE
    )
    assert len(choose(broken, (), exploration(9), 1).experiments) == again
    slow = found(*(("start-time", f"explore:e{index}") for index in range(failing)))
    assert len(choose(slow, (), exploration(9), 1).started) == failing


def test_an_experiment_whose_start_alone_was_slow_is_only_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = found(
        ("start-time", "explore:e0"), ("start-time", "explore:e1"), ("http-body", "explore:e1: GET")
    )
    chosen = choose(told, (), exploration(3), 1)
    assert (sorted(chosen.experiments), chosen.started) == ([0, 1], frozenset({0}))

    def ran(experiment: Experiment, _ground: Ground, _session: Any) -> Explored:
        answers = tuple(experiment.drive(cast("Any", None))) if experiment.drive is asks else ()
        return explored(*answers, experiment=experiment.id)

    def asks(_: ReadyContainer) -> Iterator[Answer]:
        yield http("GET")

    monkeypatch.setattr(rounds, "run_experiment", ran)
    monkeypatch.setattr(rounds, "concurrency_for", lambda *_: 1)
    experiments = tuple(Experiment(f"e{index}", "", Workload(), asks) for index in range(3))
    image, config = PreparedImage("image", "image"), ImageConfig({"config": {}})
    made = run_round(
        chosen,
        (),
        replace(exploration(3), experiments=experiments),
        Ready(image, image, config, config),
        1,
        cast("Any", SimpleNamespace(say=lambda _: None)),
    )
    for one in (made.before, made.after):
        assert one.explored is not None
        assert [(each.experiment, len(each.answers)) for each in one.explored] == [
            ("e0", 0),
            ("e1", 1),
        ]
    assert made.starts == {"explore:e0"}


@pytest.mark.parametrize(
    ("kinds", "seconds", "number", "chosen"),
    [
        (["start-time"], 5.0, 1, Chosen({}, (), (0,))),
        (["start-time"], WORKLOAD_SECONDS + 1, 1, Chosen({}, (), (0,))),
        (["start-time", "error-log"], 5.0, 1, Chosen({}, (0,), ())),
        (["error-log"], WORKLOAD_SECONDS + 1, 1, Chosen({})),
        (["error-log"], WORKLOAD_SECONDS / 2 + 1, 2, Chosen({})),
        (["case", "error-log"], 5.0, 1, Chosen({})),
        (["readiness"], 5.0, 1, Chosen({})),
    ],
)
def test_a_workload_is_run_again_whole_or_started_or_not_at_all(
    kinds: list[str], seconds: float, number: int, chosen: Chosen
) -> None:
    assert (
        choose(found(*((kind, "serve") for kind in kinds)), (observed(seconds),), None, number)
        == chosen
    )
