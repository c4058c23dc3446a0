"""Following a container that runs: what is told while it runs, how soon, and for how long."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from careen.errors import ToolError
from careen.model.runs.attached import RunningContainer
from careen.model.runs.news import News
from careen.model.runs.trace import Use
from careen.sensor.ebpf import EbpfSensor
from careen.sensor.follow import FollowWatch
from tests.support.watched import IMAGE, DockerContainer, create, docker, rootfs_tar

pytestmark = [pytest.mark.docker, pytest.mark.bpf, pytest.mark.root]
NAME = f"{IMAGE}:follow"
TABLE = 8192


@pytest.fixture(scope="module", autouse=True)
def image() -> Iterator[None]:
    docker("import", "--change", 'ENTRYPOINT ["/bin/act"]', "-", NAME, stdin=rootfs_tar())
    yield
    docker("rmi", "-f", NAME)


@contextmanager
def followed(sizes: dict[str, int] | None = None) -> Iterator[tuple[DockerContainer, FollowWatch]]:
    """A container that sleeps, and what follows it."""
    container = create("sleep:600000", image=NAME)
    try:
        container.start()
        pid = int(docker("inspect", "-f", "{{.State.Pid}}", container.id))
        watch = EbpfSensor(sizes).follow(RunningContainer("it", pid, container.id, "docker"))
        try:
            yield container, watch
        finally:
            watch.close()
    finally:
        container.remove()


def lost(parts: list[News]) -> dict[str, int]:
    return {name: count for name, count in parts[-1].losses.items() if count}


def test_what_was_loaded_before_is_told_first_and_then_what_is_executed() -> None:
    with followed() as (container, watch):
        before = list(watch.news())
        assert {
            each.touch.resolved
            for part in before
            for each in part.sighted
            if each.touch.use is Use.EXECUTED
        } == {"/bin/act"}
        began = time.monotonic()
        assert container.exec(("/bin/second", "open:/etc/none"), 30).status == 0
        told: dict[str, float] = {}
        while "/bin/second" not in told:
            assert time.monotonic() < began + 5
            for part in watch.news():
                for each in part.sighted:
                    assert each.touch.first is not None
                    told[each.touch.given] = time.monotonic() - each.touch.first
        parts = list(watch.finish())
    assert told["/bin/second"] < 5
    assert lost(parts) == {}
    assert "openat" in parts[-1].syscalls or "open" in parts[-1].syscalls


def test_a_watch_outlives_its_tables_and_nothing_is_lost_or_counted_twice() -> None:
    names = TABLE // 3
    with followed({"names": TABLE}) as (container, watch):
        parts: list[News] = []
        for turn in range(8):
            assert container.exec(("/bin/second", f"many:/d{turn}:{names}"), 60).status == 0
            parts += watch.news()
            size = os.fstat(watch._stream.fileno()).st_size
            assert size < TABLE * 1000  # the trace was emptied, too
        parts += watch.finish()
    assert lost(parts) == {}
    missed = [each for part in parts for each in part.sighted if each.touch.given.startswith("/d")]
    assert len({each.touch.given for each in missed}) == 8 * names
    counts: dict[bytes, int] = {}
    for part in parts:
        for key, count in part.tallies.items():
            counts[key] = counts.get(key, 0) + count
    assert {counts[each.key] for each in missed} == {1}


def test_what_does_not_fit_is_counted() -> None:
    with followed({"names": 1000}) as (container, watch):
        assert container.exec(("/bin/second", "many:/d:20000"), 60).status == 0
        parts = [*watch.news(), *watch.finish()]
    assert lost(parts)["names_full"] > 10_000


def test_a_sensor_that_dies_is_told() -> None:
    with followed() as (_, watch):
        os.kill(watch._helper.pid, signal.SIGKILL)
        with pytest.raises(ToolError, match="sensor: the helper ended"):
            list(watch.news())


def test_the_engines_runtime_is_not_taken_for_the_container_when_it_attaches() -> None:
    """The engine executes something in the container all the time, as a health check does."""
    container = create("sleep:600000", image=NAME)
    loop = f"while :; do docker exec {container.id} /bin/second open:/etc/none; done"
    try:
        container.start()
        pid = int(docker("inspect", "-f", "{{.State.Pid}}", container.id))
        busy = subprocess.Popen(["sh", "-c", loop], start_new_session=True)
        sensor = EbpfSensor(keep=1)
        try:
            for _ in range(30):
                watch = sensor.attach(RunningContainer("it", pid, container.id, "docker"))
                time.sleep(0.05)
                trace = watch.finish()
                assert {touch.executable for touch in trace.touches} <= {
                    "",
                    "/bin/act",
                    "/bin/second",
                }
        finally:
            os.killpg(busy.pid, signal.SIGKILL)
            busy.wait()
            sensor.close()
    finally:
        container.remove()
