"""What is run again because only its start took another time: a start and an end, without the
tests.
"""

import sys

from careen.model.image import ImageConfig
from careen.model.runs.workload import Limits, ReadyLog, TestCommand, TestPlace, Workload
from careen.pipeline.proof.rounds import only_started
from careen.workload.context import RunContext
from careen.workload.run import run_workload
from tests.support.local_container import LocalContainer

TEST = TestCommand(TestPlace.HOST, "exit 1")


def test_a_workload_that_is_only_started_passes_without_its_tests() -> None:
    limits = Limits(ready=30, test=30, stop=10)
    workload = Workload(ready=ReadyLog("up"), tests=(TEST,), held_out=(TEST,), limits=limits)
    serve = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
    with LocalContainer(serve) as container:
        result = run_workload(
            container, only_started(workload), RunContext("wl/x", ImageConfig({}))
        )
    assert (result.passed, result.reason, result.tests) == (True, "", ())
    assert result.ready_seconds is not None
