"""How long a service is waited for, and what is said of one that never becomes ready."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from careen.explore.design import START_LEAST
from careen.explore.experiment import Experiment, ReadyContainer
from careen.model.image import ImageConfig
from careen.model.runs.engine import PreparedImage
from careen.model.runs.exploration import Answer, Effort, Explored
from careen.model.runs.workload import Limits, ReadyUrl, RunOptions, Workload
from careen.pipeline.profiling import experiment_run, explore
from careen.pipeline.profiling.experiment_run import MOST_BUSY, Ground, run_experiment
from careen.pipeline.profiling.explore import explore_original
from careen.pipeline.profiling.observe import Observation
from tests.support.behaviours import explored, trace, worked
from tests.support.debian_registry import free_port
from tests.support.local_container import LocalContainer, service_argv
from tests.support.silent_watch import SilentWatch

IMAGE = PreparedImage("image", "image")
CONFIG = ImageConfig({"config": {"Cmd": ["serve"], "ExposedPorts": {"8000/tcp": {}}}})


def asked(_: ReadyContainer) -> Iterator[Answer]:
    pytest.fail("the service is not ready")


@pytest.mark.parametrize(
    ("measured", "patience", "calm", "limit"),
    [
        (START_LEAST, 1.0, 1.0, START_LEAST),
        (START_LEAST, 7.0, 1.0, START_LEAST * MOST_BUSY),  # a busy machine
        (300.0, 8.0, 1.0, 300.0),  # measured on the same machine: not multiplied again
        (300.0, 16.0, 3.0, 900.0),  # another image than the original
        (5.0, 1.0, 1.0, 5.0),  # the user's own limit
    ],
)
def test_only_the_least_limit_grows_with_the_load(
    measured: float, patience: float, calm: float, limit: float
) -> None:
    ground = Ground(IMAGE, CONFIG, None, patience, calm=calm)
    assert ground.start_limit(Workload(limits=Limits(ready=measured))) == limit


def test_a_service_that_answers_500_is_given_up_by_the_time_of_its_own_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(experiment_run, "START_LEAST", 0.2)
    monkeypatch.setattr(experiment_run, "slowness", lambda: 8.0)
    port = free_port()
    limits = Limits(ready=0.6, stop=1.0)
    workload = Workload("serve", ReadyUrl("/health"), limits=limits)
    with LocalContainer(service_argv(port, status=500), {8000: port}) as container:
        engine = SimpleNamespace(create=lambda *_, **__: container)
        sensor = SimpleNamespace(watch=lambda _: SilentWatch(), needs_mount=False)
        session: Any = SimpleNamespace(engine=engine, sensor=sensor, say=lambda _: None)
        experiment = Experiment("read-only-tmp", "a root that cannot be written", workload, asked)
        result = run_experiment(experiment, Ground(IMAGE, CONFIG, None), session)
    assert (result.ready_seconds, result.skipped, result.answers) == (None, "", ())
    assert result.waited is not None
    assert 0.8 <= result.waited < 0.6 * 8


def test_a_service_that_ends_was_not_waited_for() -> None:
    workload = Workload("serve", ReadyUrl("/health"), limits=Limits(ready=60.0, stop=1.0))
    with LocalContainer([sys.executable, "-c", "exit(3)"], {8000: free_port()}) as container:
        engine = SimpleNamespace(create=lambda *_, **__: container)
        sensor = SimpleNamespace(watch=lambda _: SilentWatch(), needs_mount=False)
        session: Any = SimpleNamespace(engine=engine, sensor=sensor, say=lambda _: None)
        experiment = Experiment("elsewhere", "other conditions", workload, asked)
        result = run_experiment(experiment, Ground(IMAGE, CONFIG, None), session)
    assert (result.waited, result.exit_code) == (None, 3)


@pytest.mark.parametrize("yields", [False, True])
def test_a_start_has_what_it_waited_for_a_processor(*, yields: bool) -> None:
    port = free_port()
    limits = Limits(ready=60.0, stop=1.0)
    run = RunOptions(yields=yields)
    workload = Workload("serve", ReadyUrl("/health"), run=run, limits=limits)
    with LocalContainer(service_argv(port), {8000: port}) as container:
        engine = SimpleNamespace(create=lambda *_, **__: container)
        sensor = SimpleNamespace(watch=lambda _: SilentWatch(), needs_mount=False)
        session: Any = SimpleNamespace(engine=engine, sensor=sensor, say=lambda _: None)
        experiment = Experiment("requests", "requests", workload, lambda _: iter(()))
        result = run_experiment(experiment, Ground(IMAGE, CONFIG, None), session)
    assert result.ready_seconds is not None
    assert result.held_up is not None
    assert result.yielded is yields


class Notes(list[str]):
    """What a run says."""

    def note(self, text: str) -> None:
        self.append(text)


def original(
    monkeypatch: pytest.MonkeyPatch,
    results: dict[str, dict[str, Any]],
    ran: list[str] | None = None,
) -> tuple[explore.Exploration, Notes]:
    """Explore a service whose experiments end as `results` says; `ran` gets them in turn."""

    def run(experiment: Experiment, *_: object) -> Explored:
        if ran is not None:
            ran.append(experiment.id)
        made = explored(experiment=experiment.id)
        return replace(made, title=experiment.title, **results.get(experiment.id, {}))

    monkeypatch.setattr(explore, "run_experiment", run)
    monkeypatch.setattr(explore, "concurrency_for", lambda *_: 1)
    notes = Notes()
    examined: Any = SimpleNamespace(image=SimpleNamespace(config=CONFIG))
    session: Any = SimpleNamespace(progress=notes, say=lambda _: None)
    seen = Observation(
        Workload("serve", ReadyUrl("/health"), run=RunOptions()), worked(), trace(), "", ()
    )
    found = explore_original(examined, IMAGE, (seen,), Effort.SAFE, None, session)
    return found, notes


def ids(results: tuple[Explored, ...]) -> list[str]:
    return [each.experiment for each in results]


def test_a_command_that_serves_all_the_same_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found, _ = original(monkeypatch, {"help": {"ready_seconds": None, "served": True}})
    assert [each.id for each in found.experiments] == ids(found.original)
    assert (ids(found.original), ids(found.once)) == (["requests", "elsewhere"], ["help"])
    assert ids(found.results) == ["requests", "elsewhere", "help"]


def test_a_command_that_ends_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    found, notes = original(monkeypatch, {})
    assert (ids(found.original), found.once, notes) == (
        ["requests", "elsewhere", "help", "version"],
        (),
        [],
    )


def test_what_was_not_asked_of_a_service_that_is_not_ready_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    silent = {"ready_seconds": None, "waited": 30.4}
    found, notes = original(monkeypatch, {"elsewhere": silent})
    assert "read-only-tmp" in ids(found.original)  # each condition alone follows
    assert len(notes) == 1
    assert notes[0].startswith(
        "exploration: elsewhere: the service runs and is not ready after 30 s, so nothing was asked"
        " of it: a user that the image does not know; "
    )


def test_what_uses_two_processors_comes_last(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []

    def swept(*_: object) -> Iterator[tuple[Experiment, Explored]]:
        ran.append("imports")
        workload = Workload("serve", ReadyUrl("/health"))
        yield Experiment("imports", "", workload, asked), explored(experiment="imports")

    monkeypatch.setattr(explore, "_swept", swept)
    monkeypatch.setattr(explore, "_sweep", lambda *_: "modules")
    found, _ = original(monkeypatch, {}, ran)
    assert ran == ["requests", "elsewhere", "help", "version", "imports"]
    assert ids(found.original) == ran
