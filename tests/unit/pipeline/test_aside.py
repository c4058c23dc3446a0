"""What runs beside the workloads of another image, and what waits until they passed."""

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from careen.explore.experiment import Experiment
from careen.explore.imports import Sweep, import_experiment
from careen.model.image import ImageConfig
from careen.model.runs.compose import ComposeService
from careen.model.runs.engine import PreparedImage
from careen.model.runs.exploration import Effort, Explored
from careen.model.runs.workload import RunOptions, Workload
from careen.pipeline.profiling import explore, observe
from careen.pipeline.profiling.experiment_run import Ground
from careen.pipeline.profiling.explore import Exploration, First, explore_again
from careen.pipeline.profiling.observe import Observation, Subject
from careen.pipeline.proof import verify
from careen.pipeline.proof.verify import Baseline
from careen.pipeline.run.session import Session
from tests.support.behaviours import explored, trace, worked

IMAGE = PreparedImage("image", "image")
CONFIG = ImageConfig({"config": {}})
IDS = ("requests", "imports", "elsewhere")
ASIDE = ("imports", "elsewhere")


def exploration() -> Exploration:
    experiments = tuple(
        Experiment(name, name, Workload(), lambda _: iter(()), aside=name in ASIDE) for name in IDS
    )
    return Exploration(experiments, tuple(explored(experiment=name) for name in IDS))


class Run:
    """An exploration of another image, whose experiments note when they ran."""

    def __init__(self, patch: pytest.MonkeyPatch, lanes: int, *, can_yield: bool = True) -> None:
        self.events: list[str] = []
        self.yielding: list[str] = []
        self.aside, self.asked = threading.Event(), threading.Event()
        engine = SimpleNamespace(can_yield=can_yield)
        self.session = cast("Session", SimpleNamespace(engine=engine))
        self.peaks: list[int | None] = []
        patch.setattr(explore, "run_experiment", self.experiment)
        patch.setattr(explore, "concurrency_for", lambda peaks, *_: self.noted(peaks, lanes))

    def noted(self, peaks: list[int | None], lanes: int) -> int:
        self.peaks = peaks
        return lanes

    def experiment(self, experiment: Experiment, _ground: Ground, _session: Any) -> Explored:
        self.events.append(experiment.id)
        if experiment.id == "requests":
            self.asked.set()
        if experiment.workload.run.yields:
            self.yielding.append(experiment.id)
        if set(self.events) >= set(ASIDE):
            self.aside.set()
        return explored(experiment=experiment.id)

    def again(self, first: Callable[[Callable[[], None]], None]) -> list[str]:
        found = explore_again(exploration(), IMAGE, CONFIG, None, self.session, First(first, (7,)))
        return [each.experiment for each in found]


@pytest.mark.parametrize("lanes", [2, 3])
def test_what_nothing_outside_can_notice_runs_while_the_workloads_do(
    monkeypatch: pytest.MonkeyPatch, lanes: int
) -> None:
    run = Run(monkeypatch, lanes)

    def first(_: Callable[[], None]) -> None:
        assert run.aside.wait(30.0)
        run.events.append("workload")

    assert run.again(first) == list(IDS)
    assert sorted(run.events[:2]) == sorted(ASIDE)
    assert run.events[2:] == ["workload", "requests"]
    assert (sorted(run.yielding), run.peaks[0]) == (sorted(ASIDE), 7)


@pytest.mark.parametrize(("lanes", "can_yield"), [(1, True), (3, False)])
def test_nothing_runs_beside_the_workloads_where_it_would_disturb_them(
    monkeypatch: pytest.MonkeyPatch, lanes: int, *, can_yield: bool
) -> None:
    run = Run(monkeypatch, lanes, can_yield=can_yield)

    def first(_: Callable[[], None]) -> None:
        assert not run.aside.wait(0.3)
        run.events.append("workload")

    assert run.again(first) == list(IDS)
    assert (run.events[0], run.yielding) == ("workload", [])


def test_nothing_follows_a_workload_that_is_never_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(monkeypatch, 3)

    def first(_: Callable[[], None]) -> None:
        assert run.aside.wait(30.0)
        raise KeyError

    with pytest.raises(KeyError):
        run.again(first)
    assert sorted(run.events) == sorted(ASIDE)


def test_the_others_begin_when_the_workloads_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(monkeypatch, 3)

    def first(go_on: Callable[[], None]) -> None:
        assert run.aside.wait(30.0)
        assert not run.asked.wait(0.3)
        go_on()
        assert run.asked.wait(30.0)
        run.events.append("stopped")

    assert run.again(first) == list(IDS)
    assert run.events[2:] == ["requests", "stopped"]


@pytest.mark.parametrize(
    ("options", "alone"),
    [
        (RunOptions(env=("A=b",), ports=("8080:80",)), True),
        (RunOptions(network="none"), True),
        (RunOptions(volumes=("/srv:/srv",)), False),
        (RunOptions(network="host"), False),
        (RunOptions(network="container:db"), False),
        (RunOptions(gpus="all"), False),
        (RunOptions(compose=ComposeService("web")), False),
    ],
)
def test_what_a_stop_may_show_to_others_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, options: RunOptions, *, alone: bool
) -> None:
    """The tests of a workload end, and then it is stopped."""
    run = Run(monkeypatch, 3)

    def observed(*given: Any) -> tuple[Observation, ...]:
        assert run.aside.wait(30.0)
        given[-1]()
        assert run.asked.wait(30.0 if alone else 0.3) is alone
        run.events.append("stopped")
        return (seen,)

    monkeypatch.setattr(verify, "observe_all", observed)
    seen = Observation(Workload(run=options), worked(), trace(), "", ())
    baseline = Baseline((seen,), exploration())
    after, repeated = verify._run_all(Subject(IMAGE, CONFIG, None), baseline, run.session)
    assert (after, len(repeated or ())) == ((seen,), 3)


def test_imports_may_run_aside() -> None:
    sweep = Sweep("/usr/bin/python3", (), (), ("json",))
    assert import_experiment(sweep, Workload(), Effort.SAFE).aside


@pytest.mark.parametrize("passed", [True, False])
def test_the_end_of_the_last_tests_alone_is_told(
    monkeypatch: pytest.MonkeyPatch, *, passed: bool
) -> None:
    told: list[str] = []
    names = iter(("first", "last"))

    def observed(*given: Any) -> Any:
        tell, name = given[-1], next(names)
        told.append(name)
        tell()
        return SimpleNamespace(result=SimpleNamespace(passed=passed))

    monkeypatch.setattr(observe, "_observe", observed)
    workloads = (Workload("first", observe=1.0), Workload("last", observe=1.0))
    subject = Subject(IMAGE, CONFIG, None)
    run: Any = None
    observe.observe_all(subject, workloads, run, run, lambda: told.append("told"))
    assert told == (["first", "last", "told"] if passed else ["first"])
