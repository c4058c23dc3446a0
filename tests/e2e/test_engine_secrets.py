"""No value of a variable stands on a command line of docker, of podman or of what podman
starts, where every user could read it.
"""

import shutil
from pathlib import Path

import pytest

from careen.engines.client.client import DOCKER, PODMAN, Client
from careen.engines.client.engine import ClientEngine
from careen.engines.leftovers import cleaners
from careen.model.runs.workload import RunOptions
from careen.tools.workspace import workspace
from tests.support.engine_bench import Bench

RECORDER = """#!/bin/sh
printf '%s\\n' "$@" >>'{calls}'
exec '{client}' "$@"
"""
ITEMS = ("PLAIN=TOP-SECRET-1", "LINES=TOP-SECRET-2\nmore", "EMPTY=", "FROM_HERE")


@pytest.fixture(
    params=[
        pytest.param(DOCKER, marks=pytest.mark.docker, id="docker"),
        pytest.param(PODMAN, marks=[pytest.mark.podman, pytest.mark.root], id="podman"),
    ]
)
def client(request: pytest.FixtureRequest) -> Client:
    assert isinstance(request.param, Client)
    return request.param


@pytest.fixture
def calls(client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a client on PATH that writes down its command line, and then is the client."""
    real, recorded = shutil.which(client.name), tmp_path / "calls"
    (tmp_path / "bin").mkdir()
    recorder = tmp_path / "bin" / client.name
    recorder.write_text(RECORDER.format(calls=recorded, client=real))
    recorder.chmod(0o755)
    monkeypatch.setenv("PATH", str(recorder.parent), prepend=":")
    return recorded


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it has ended
        return b""


def test_values_are_given_and_not_shown(
    client: Client, tmp_path: Path, probe: bytes, calls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FROM_HERE", "TOP-SECRET-3")
    with workspace(tmp_path / "work", cleaners()) as space:
        bench = Bench(ClientEngine(space, client), probe)
        with bench.container(RunOptions(args=("wait",), env=ITEMS)) as made:
            made.start()
            lines = [_read(path) for path in Path("/proc").glob("[0-9]*/cmdline")]
            seen = made.exec(("/bin/probe", "env"), 20, env={"LATER": "TOP-SECRET-4"}).output
    given = {"PLAIN=TOP-SECRET-1", "LINES=TOP-SECRET-2", "more", "EMPTY=", "FROM_HERE=TOP-SECRET-3"}
    assert {*given, "LATER=TOP-SECRET-4"} <= set(seen.splitlines())
    assert not [line for line in lines if b"TOP-SECRET-1" in line or b"TOP-SECRET-2" in line]
    said = calls.read_text()
    assert "create" in said.split("\n")
    assert "TOP-SECRET" not in said
