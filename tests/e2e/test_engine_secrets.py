"""No value of a variable stands on a command line of docker, where every user could read it."""

import shutil
from pathlib import Path

import pytest

from careen.engines.client.client import DOCKER
from careen.engines.client.engine import ClientEngine
from careen.engines.leftovers import cleaners
from careen.model.runs.workload import RunOptions
from careen.tools.workspace import workspace
from tests.support.engine_bench import Bench

pytestmark = pytest.mark.docker

RECORDER = """#!/bin/sh
printf '%s\\n' "$@" >>'{calls}'
exec '{docker}' "$@"
"""
ITEMS = ("PLAIN=TOP-SECRET-1", "LINES=TOP-SECRET-2\nmore", "EMPTY=", "FROM_HERE")


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a `docker` on PATH that writes down its command line, and then is docker."""
    real, recorded = shutil.which("docker"), tmp_path / "calls"
    (tmp_path / "bin").mkdir()
    recorder = tmp_path / "bin" / "docker"
    recorder.write_text(RECORDER.format(calls=recorded, docker=real))
    recorder.chmod(0o755)
    monkeypatch.setenv("PATH", str(recorder.parent), prepend=":")
    return recorded


def test_values_are_given_and_not_shown(
    tmp_path: Path, probe: bytes, calls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FROM_HERE", "TOP-SECRET-3")
    with workspace(tmp_path / "work", cleaners()) as space:
        bench = Bench(ClientEngine(space, DOCKER), probe)
        with bench.container(RunOptions(args=("wait",), env=ITEMS)) as made:
            made.start()
            seen = made.exec(("/bin/probe", "env"), 20, env={"LATER": "TOP-SECRET-4"}).output
    given = {"PLAIN=TOP-SECRET-1", "LINES=TOP-SECRET-2", "more", "EMPTY=", "FROM_HERE=TOP-SECRET-3"}
    assert {*given, "LATER=TOP-SECRET-4"} <= set(seen.splitlines())
    said = calls.read_text()
    assert "create" in said.split("\n")
    assert "TOP-SECRET" not in said
