"""Workloads on the docker engine: readiness by HEALTHCHECK, the workload's own tests, failures as
results.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from careen.engines.client.client import DOCKER
from careen.engines.client.engine import ClientEngine
from careen.engines.leftovers import cleaners
from careen.model.image import ImageConfig
from careen.model.runs.trace import Phase
from careen.model.runs.workload import (
    Limits,
    ReadyExit,
    RunOptions,
    TestCommand,
    TestPlace,
    Workload,
    WorkloadResult,
)
from careen.tools.workspace import workspace
from careen.workload.context import RunContext
from careen.workload.ports import wanted_ports
from careen.workload.run import run_workload

EMBED = "wl/embed:cpu"
SUITE = Path(__file__).resolve().parents[3] / "shared" / "workloads" / "embed"

pytestmark = [pytest.mark.docker, pytest.mark.shared]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[ClientEngine]:
    root = tmp_path / "work"
    with workspace(root, cleaners()) as space:
        yield ClientEngine(space, DOCKER)


def image_config() -> ImageConfig:
    found = DOCKER.inspect_image(EMBED)
    assert found is not None
    return ImageConfig(
        {"os": found["Os"], "architecture": found["Architecture"], "config": found["Config"]}
    )


def run(
    engine: ClientEngine, workload: Workload, phases: list[Phase] | None = None
) -> WorkloadResult:
    config = image_config()
    container = engine.create(
        engine.prepare_existing(EMBED), workload.run, wanted_ports(config, workload)
    )
    try:
        return run_workload(
            container,
            workload,
            RunContext(EMBED, config, on_phase=(phases if phases is not None else []).append),
        )
    finally:
        container.remove()


def on_host(command: str) -> TestCommand:
    return TestCommand(TestPlace.HOST, command)


def test_the_embed_service_passes_its_own_suite(engine: ClientEngine) -> None:
    """Ready by its HEALTHCHECK well before the daemon's first check (10 s), tested through the
    published port, stopped by its signal.
    """
    suite = on_host(
        f"{sys.executable} -m pytest -q -p no:cacheprovider {SUITE / 'test_profile.py'}"
    )
    inside = TestCommand(TestPlace.CONTAINER, "python -c 'import torch, os; print(os.getuid())'")
    phases: list[Phase] = []
    result = run(engine, Workload(tests=(suite, inside)), phases)
    assert result.passed, result.reason
    assert phases == [Phase.START, Phase.SERVING]
    assert result.tests[0].cases == 15
    assert result.tests[1].output.strip() == "1000"
    assert result.exit_code is not None
    assert result.logs
    assert (
        result.environment["CAREEN_PORT_8080"] == result.environment["BASE_URL"].rpartition(":")[2]
    )


def test_a_service_that_dies_says_why(engine: ClientEngine) -> None:
    result = run(
        engine,
        Workload(tests=(on_host("true"),), run=RunOptions(args=("python", "-c", "import nosuch"))),
    )
    assert (
        result.reason
        == "the container ended before it was ready (exit status 1, last output: Traceback (most"
        ' recent call last): | File "<string>", line 1, in <module> | ModuleNotFoundError: No'
        " module named 'nosuch')"
    )
    assert result.exit_code == 1


def test_an_entrypoint_that_is_not_there_is_a_result(engine: ClientEngine) -> None:
    result = run(engine, Workload(tests=(on_host("true"),), run=RunOptions(entrypoint="/no/such")))
    assert not result.passed
    assert result.reason.startswith("the container cannot be started: ")
    assert "/no/such" in result.reason


def test_a_batch_job_leaves_its_volume_for_the_test(engine: ClientEngine, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    script = "import pathlib; pathlib.Path('/out/answer').write_text('42')"
    options = RunOptions(volumes=(f"{out}:/out",), user="0", args=("python", "-c", script))
    result = run(
        engine,
        Workload(ready=ReadyExit(), tests=(on_host(f"grep -qx 42 {out}/answer"),), run=options),
    )
    assert result.passed, result.reason
    assert (result.exit_code, result.ready_seconds) == (0, None)


def test_a_batch_job_that_does_not_end_is_stopped(engine: ClientEngine) -> None:
    workload = Workload(
        ready=ReadyExit(), limits=Limits(test=2, stop=1), run=RunOptions(args=("sleep", "300"))
    )
    result = run(engine, workload)
    assert result.reason == "the batch job did not end in 2 s"
    assert result.seconds < 30
