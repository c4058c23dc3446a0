"""One test command and the container that it talks to."""

import time
from pathlib import Path

import pytest

from careen.model.runs.workload import TestCommand, TestPlace
from careen.workload.testing import TestRun, run_test
from tests.support.local_container import LocalContainer

pytestmark = pytest.mark.slow


def test_a_test_that_waits_for_a_dead_container_is_given_up() -> None:
    """A client without a time-out must not wait out the half hour that a test may take."""
    with LocalContainer(["/bin/sh", "-c", "exit 137"]) as container:
        container.start()
        result = run_test(
            TestCommand(TestPlace.HOST, "sleep 300"), container, TestRun({}, 1800, patience=1.5)
        )
    assert not result.passed
    assert result.reason == "--test 'sleep 300' was ended: its container had been gone for 1.5 s"
    assert result.seconds < 8


def test_a_test_may_outlive_its_container_for_a_while() -> None:
    with LocalContainer(["/bin/true"]) as container:
        container.start()
        result = run_test(
            TestCommand(TestPlace.HOST, "sleep 2.5; echo fine"),
            container,
            TestRun({}, 30, patience=20),
        )
    assert result.passed, result.reason
    assert result.output == "fine\n"


def test_a_living_container_gives_its_test_all_the_time() -> None:
    with LocalContainer(["/bin/sleep", "60"]) as container:
        container.start()
        assert run_test(
            TestCommand(TestPlace.HOST, "sleep 2.5"), container, TestRun({}, 30, patience=0)
        ).passed


@pytest.mark.parametrize("patience", [None, 60.0])
def test_the_limit_holds_either_way(patience: float | None, tmp_path: Path) -> None:
    begun = time.monotonic()
    with LocalContainer(["/bin/sleep", "60"]) as container:
        container.start()
        result = run_test(
            TestCommand(TestPlace.HOST, "sleep 300"), container, TestRun({}, 1.3, patience)
        )
    assert result.reason == "--test 'sleep 300' did not finish in 1.3 s and was ended"
    assert 1.2 < time.monotonic() - begun < 8


def test_a_signal_is_said_as_one() -> None:
    with LocalContainer(["/bin/sleep", "60"]) as container:
        container.start()
        result = run_test(TestCommand(TestPlace.HOST, "kill -SEGV $$"), container, TestRun({}, 30))
    assert result.reason == "--test 'kill -SEGV $$' was killed by signal 11"
    assert result.exit_status == -11


def test_an_endless_output_is_held_to_its_end() -> None:
    """A test that prints without end costs bounded memory; what it said last is kept."""
    with LocalContainer(["/bin/sleep", "60"]) as container:
        container.start()
        result = run_test(
            TestCommand(
                TestPlace.HOST,
                "head -c 40000000 /dev/zero | tr '\\0' x; echo; echo 3 passed in 1.0s",
            ),
            container,
            TestRun({}, 60),
        )
    assert result.passed
    assert result.cases == 3
    assert len(result.output) < 17 * 1024 * 1024
