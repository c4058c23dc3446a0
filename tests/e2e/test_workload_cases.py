"""What a workload tells of a real container: the single cases of its tests, the requests that they
sent, its memory.
"""

import shlex
import sys
from pathlib import Path

import pytest

from careen.model.runs.workload import Limits, Outcome, TestCommand, TestPlace, Workload
from careen.pipeline.profiling.observe import Subject
from careen.pipeline.profiling.profile import run_original, runnable
from careen.pipeline.run.session import session
from careen.pipeline.run.settings import Settings
from careen.pipeline.run.source import examine, open_source
from careen.report.terminal_output.progress import SilentProgress
from tests.e2e.conftest import Service

pytestmark = [pytest.mark.root, pytest.mark.bpf]

SUITE = """
import os
import urllib.error
import urllib.request

import pytest


@pytest.mark.parametrize("path", ["/health", "/file/app/current/settings.txt"])
def test_answers(path):
    assert urllib.request.urlopen(os.environ["BASE_URL"] + path, timeout=10).status == 200


def test_knows_what_is_not_there():
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(os.environ["BASE_URL"] + "/file/no/such", timeout=10)


def test_is_wrong():
    assert os.environ["CAREEN_PORT_8000"] == "8000", "the port is another one"
"""


@pytest.mark.parametrize(
    "engine",
    [
        pytest.param("docker", marks=pytest.mark.docker),
        pytest.param("embedded", marks=pytest.mark.runc),
    ],
)
def test_each_case_and_each_request_is_told(
    service: Service, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "test_service.py").write_text(SUITE)
    monkeypatch.chdir(project)
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    command = TestCommand(
        TestPlace.HOST,
        f"{shlex.quote(sys.executable)} -m pytest -q -p no:cacheprovider test_service.py",
    )
    inside = TestCommand(TestPlace.CONTAINER, "/usr/bin/service cat /app/current/settings.txt")
    workload = Workload(tests=(command, inside), limits=Limits(ready=30, test=60, stop=5))
    with session(Settings(tmp_path / "work", engine=engine), SilentProgress()) as run:
        image = open_source(f"docker-archive:{service.archive}", run)
        try:
            original = examine(image, run)
            with runnable(original, run) as prepared:
                (seen,) = run_original(Subject(prepared, image.config, None), (workload,), run)
        finally:
            image.close()
    result, (suite, exec_result) = seen.result, seen.result.tests
    assert "the port is another one" in suite.output
    assert [(case.name, case.outcome) for case in suite.results] == [
        ("test_service::test_answers[/health]", Outcome.PASSED),
        ("test_service::test_answers[/file/app/current/settings.txt]", Outcome.PASSED),
        ("test_service::test_knows_what_is_not_there", Outcome.PASSED),
        ("test_service::test_is_wrong", Outcome.FAILED),
    ]
    assert suite.results[3].message.startswith("AssertionError: the port is another one")
    assert suite.cases == 4
    assert (exec_result.passed, exec_result.results, exec_result.cases) == (True, (), None)
    requests = [(each.port, each.method, each.path, each.status) for each in result.exchanges]
    assert requests == [
        (8000, "GET", "/health", 200),
        (8000, "GET", "/file/app/current/settings.txt", 200),
        (8000, "GET", "/file/no/such", 404),
    ]
    assert result.connections == {8000: 3}
    begun = [case.begun for case in suite.results]
    assert None not in begun
    assert all(
        suite.begun <= moment <= suite.begun + suite.seconds
        for moment in (*begun, *(each.begun for each in result.exchanges))
        if moment is not None
    )
    assert result.memory_peak is not None
    assert 100_000 < result.memory_peak < 1 << 30
    assert list((tmp_path / "work").iterdir()) == []
