"""A command that is asked for help is over when it ends, and when it serves all the same: no clock
says where it is cut off.
"""

import sys
from types import SimpleNamespace
from typing import Any, cast

import pytest

from careen.explore.drives import ended
from careen.explore.experiment import Experiment
from careen.model.image import ImageConfig
from careen.model.runs.engine import PreparedImage
from careen.model.runs.exploration import Explored
from careen.model.runs.workload import Limits, ReadyExit, ReadyLog, Workload
from careen.pipeline.profiling.experiment_run import Ground, run_experiment
from careen.pipeline.run.session import Session
from tests.support.local_container import LocalContainer
from tests.support.silent_watch import SilentWatch

pytestmark = pytest.mark.slow

SERVES = "import time; print('listening', flush=True); time.sleep(60)"
HELPS = "import time; time.sleep(0.4); print('usage: serve'); raise SystemExit(2)"
JOB = Workload("serve", ReadyExit(), limits=Limits(stop=1.0))


def ran(program: str, *, limit: float, until: ReadyLog | None) -> Explored:
    with LocalContainer([sys.executable, "-c", program]) as container:
        return ran_in(container, limit=limit, until=until)


def ran_in(container: LocalContainer, *, limit: float, until: ReadyLog | None) -> Explored:
    engine = SimpleNamespace(create=lambda *_, **__: container)
    sensor = SimpleNamespace(watch=lambda _: SilentWatch(), needs_mount=False)
    session: Any = SimpleNamespace(engine=engine, sensor=sensor, say=lambda _: None)
    experiment = Experiment("help", "serve --help", JOB, ended("serve --help"), limit, until)
    ground = Ground(PreparedImage("image", "image"), ImageConfig({"config": {}}), None)
    return run_experiment(experiment, ground, cast("Session", session))


def test_what_serves_all_the_same_is_ended_as_soon_as_it_is_ready() -> None:
    result = ran(SERVES, limit=600.0, until=ReadyLog("listening"))  # it would go on for a minute
    assert (result.ready_seconds, result.answers[0].status, result.exit_code) == (None, None, 143)
    assert result.served


def test_what_heeds_the_flag_is_waited_for() -> None:
    result = ran(HELPS, limit=50.0, until=ReadyLog("listening"))
    assert result.ready_seconds is not None
    assert (result.answers[0].status, result.answers[0].body, result.exit_code) == (
        2,
        "usage: serve\n",
        2,
    )
    assert not result.served


def test_what_neither_ends_nor_serves_is_ended_in_the_end() -> None:
    result = ran(SERVES, limit=0.3, until=ReadyLog("never said"))
    assert (result.ready_seconds, result.answers[0].note) == (
        None,
        "ended by us: its time was over",
    )


def test_a_batch_job_has_its_limit_alone() -> None:
    result = ran(HELPS, limit=50.0, until=None)
    assert (result.answers[0].status, result.exit_code) == (2, 2)


def test_what_has_ended_is_not_stopped() -> None:
    with LocalContainer([sys.executable, "-c", HELPS]) as container:
        result = ran_in(container, limit=50.0, until=None)
        assert (result.exit_code, container.stopped_with) == (2, None)
    with LocalContainer([sys.executable, "-c", SERVES]) as container:
        result = ran_in(container, limit=0.3, until=None)
        assert (result.exit_code, container.stopped_with) == (143, 1.0)
