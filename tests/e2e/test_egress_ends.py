"""The egress proxy ends with its container, and with careen when that is killed; the next run
removes what is left.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from careen.engines.embedded.engine import EmbeddedEngine
from careen.engines.leftovers import cleaners
from careen.engines.network.egress import ADDRESS, ByteBudget
from careen.engines.network.egress_route import EgressPolicy
from careen.engines.network.namespace import JoinedNetwork, Namespace
from careen.model.runs.workload import RunOptions
from careen.tools.workspace import workspace
from tests.support.careen_command import Careen, until
from tests.support.engine_bench import Bench
from tests.support.own_network import ask, inside
from tests.support.vulnerable_python import vulnerable_python

pytestmark = [pytest.mark.root, pytest.mark.runc]


def held(pid: int) -> JoinedNetwork:
    return JoinedNetwork(os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC))


def answer(network: Namespace) -> bytes:
    return inside(
        network, lambda: ask(ADDRESS, b"CONNECT 127.0.0.1:443 HTTP/1.1\r\nHost: x\r\n\r\n")
    )


def refused(network: Namespace) -> bool:
    """Say whether nobody listens any more; a socket that is just being closed resets."""
    try:
        answer(network)
    except ConnectionRefusedError:
        return True
    except ConnectionResetError:
        return False
    return False


def test_nobody_listens_in_the_namespace_of_a_container_that_was_removed(
    tmp_path: Path, probe: bytes
) -> None:
    with workspace(tmp_path / "work", cleaners()) as space:
        bench = Bench(EmbeddedEngine(space), probe)
        with bench.container(RunOptions(args=("wait",))) as made:
            made.open_egress(EgressPolicy(), ByteBudget())
            made.start()
            network = held(int(next((tmp_path / "work").glob("run-*/c*/pid")).read_text()))
            assert answer(network).startswith(b"HTTP/1.1 403 ")
        with pytest.raises(ConnectionRefusedError):
            answer(network)
        network.close()


@pytest.fixture
def waiting(tmp_path: Path) -> bytes:
    """A program that only waits."""
    (tmp_path / "wait.c").write_text("#include <unistd.h>\nint main(void) { for (;;) pause(); }\n")
    subprocess.check_call(
        ["gcc", "-static", "-o", str(tmp_path / "wait"), str(tmp_path / "wait.c")]
    )
    return (tmp_path / "wait").read_bytes()


def first_process(careen: Careen) -> int:
    """The number of the bench's first process; 0 while there is none."""
    found = [path.read_text() for path in careen.work.glob("run-*/c*/pid")]
    return int(found[0]) if found and found[0] else 0


def test_a_killed_careen_leaves_a_container_without_a_way_out_and_the_next_run_removes_it(
    tmp_path: Path, waiting: bytes
) -> None:
    careen = vulnerable_python(tmp_path, waiting)
    words = (
        "patch",
        "docker-archive:image.tar",
        "--plan",
        "--engine",
        "embedded",
        "--report-dir",
        "out",
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "careen", *words],
        cwd=tmp_path,
        env=careen.environment(),
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: first_process(careen))
        pid = first_process(careen)
        network = held(pid)
        assert answer(network).startswith(b"HTTP/1.1 403 ")
    finally:
        process.kill()
        process.wait()
    until(lambda: refused(network))
    network.close()
    assert Path(f"/proc/{pid}").exists()
    careen("scan", "docker-archive:image.tar")
    assert careen.runs() == []
    until(lambda: not Path(f"/proc/{pid}").exists())  # init reaps it
