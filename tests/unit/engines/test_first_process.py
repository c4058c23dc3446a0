"""The first process of a container: while it runs, the engine is asked once."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from careen.engines.client.client import DOCKER
from careen.engines.client.container import ClientContainer
from careen.engines.first_process import FirstProcess, first_process
from careen.engines.leftovers import container_leftover
from careen.tools.workspace import Workspace, workspace
from tests.support.told_docker import Said, ToldDocker, told_docker

ASKED = "container inspect web"


@pytest.fixture
def docker(tmp_path: Path) -> Iterator[ToldDocker]:
    with told_docker(tmp_path / "bin", {}) as told:
        yield told


@pytest.fixture
def space(tmp_path: Path) -> Iterator[Workspace]:
    kinds = (container_leftover(DOCKER, "").kind,)
    with workspace(tmp_path / "work", dict.fromkeys(kinds, lambda _: None)) as opened:
        yield opened


@pytest.fixture
def process() -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as started:
        yield started
        started.kill()


def group_of(pid: int) -> str:
    """Return what a process's control groups have in their names, as the id of a container."""
    return Path(f"/proc/{pid}/cgroup").read_text().splitlines()[0]


def end(process: "subprocess.Popen[bytes]") -> None:
    """Kill a process, and leave it unreaped."""
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)


def running(pid: int) -> Said:
    ports = {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "49001"}]}
    record = {"State": {"Running": True, "Pid": pid}, "NetworkSettings": {"Ports": ports}}
    return Said(out=json.dumps([record]))


def test_the_engine_is_asked_once_while_the_process_runs(
    docker: ToldDocker, space: Workspace, process: "subprocess.Popen[bytes]"
) -> None:
    container = ClientContainer(DOCKER, group_of(process.pid), "web", space)
    docker.tell({ASKED: running(process.pid)})
    assert all(container.state().running for _ in range(5))
    assert container.host_port(80) == 49001
    assert docker.calls == [ASKED]
    end(process)
    docker.tell({ASKED: Said(out='[{"State": {"Status": "exited", "ExitCode": 9}}]')})
    assert [container.state().exit_code for _ in range(2)] == [9, 9]
    assert docker.calls == [ASKED] * 3


def test_a_container_that_somebody_starts_again_is_seen(
    docker: ToldDocker, space: Workspace, process: "subprocess.Popen[bytes]"
) -> None:
    container = ClientContainer(DOCKER, group_of(os.getpid()), "web", space)
    docker.tell({ASKED: Said(out='[{"State": {"Status": "exited", "ExitCode": 9}}]')})
    assert not container.state().running
    docker.tell({ASKED: running(process.pid)})
    assert container.state().running


def test_a_process_of_another_machine_or_container_is_asked_for_each_time(
    docker: ToldDocker, space: Workspace, process: "subprocess.Popen[bytes]"
) -> None:
    container = ClientContainer(DOCKER, "ab" * 32, "web", space)
    docker.tell({ASKED: running(process.pid)})
    assert all(container.state().running for _ in range(3))
    assert docker.calls == [ASKED] * 3


def test_a_process_that_ended_is_not_taken_for_another_with_its_number(
    process: "subprocess.Popen[bytes]",
) -> None:
    group = group_of(process.pid)
    found = first_process(process.pid, group)
    assert found is not None
    assert found.runs()
    assert not FirstProcess(found.pid, found.begun - 1).runs()
    end(process)
    assert not found.runs()  # though it is still in the table
    assert first_process(process.pid, group) is None
    process.wait()
    assert not found.runs()
    assert first_process(process.pid, group) is None
