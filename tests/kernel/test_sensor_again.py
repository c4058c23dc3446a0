"""A helper that watches one container after another sees of each what a new one would."""

import errno
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from careen.model.runs.attached import RunningContainer
from careen.model.runs.trace import Use
from careen.sensor.ebpf import EbpfSensor, EbpfWatch
from tests.support.watched import IMAGE, create, docker, rootfs_tar, seen, watch_run

pytestmark = [pytest.mark.docker, pytest.mark.bpf, pytest.mark.root]

NAME = f"{IMAGE}:again"
WORDS = (
    "open:/etc/file",
    "stat:/etc/link",
    "chdir:/data",
    "open:one",
    "run:/bin/second",
    "stat:/etc/not-there",
)


@pytest.fixture(scope="module", autouse=True)
def image() -> Iterator[None]:
    docker("import", "--change", 'ENTRYPOINT ["/bin/act"]', "-", NAME, stdin=rootfs_tar())
    yield
    docker("rmi", "-f", NAME)


@pytest.fixture
def sensor() -> Iterator[EbpfSensor]:
    """A sensor that keeps one helper."""
    made = EbpfSensor(keep=1)
    yield made
    made.close()


def helper_of(sensor: EbpfSensor) -> int:
    """The process that the next observation is going to have."""
    (helper,) = sensor._helpers._idle
    return helper.pid


def test_the_second_trace_is_that_of_a_new_helper(sensor: EbpfSensor) -> None:
    watch_run(sensor, "stat:/etc/of-the-first", "again:/etc/other:3", image=NAME)
    helper = helper_of(sensor)
    second = watch_run(sensor, *WORDS, image=NAME)
    assert helper_of(sensor) == helper
    fresh = watch_run(EbpfSensor(), *WORDS, image=NAME)
    assert second.sensor.complete
    assert "/etc/of-the-first" not in seen(second, Use.LOOKED_UP, errno.ENOENT)
    assert {(t.use, t.given, t.errno, t.phases) for t in second.touches} == {
        (t.use, t.given, t.errno, t.phases) for t in fresh.touches
    }
    assert (second.syscalls, second.starts, second.directories) == (
        fresh.syscalls,
        fresh.starts,
        fresh.directories,
    )
    assert replace(second.sensor, events=0) == replace(fresh.sensor, events=0)
    assert abs((second.sensor.events or 0) - (fresh.sensor.events or 0)) < 50


def test_losses_of_the_first_are_none_of_the_second() -> None:
    sensor = EbpfSensor({"names": 1000}, keep=1)
    try:
        first = watch_run(sensor, "many:/etc:5000", image=NAME)
        second = watch_run(sensor, *WORDS, image=NAME)
    finally:
        sensor.close()
    assert first.sensor.losses["names_full"] > 0
    assert second.sensor.complete, second.sensor.losses


def test_what_the_first_container_goes_on_to_do_is_not_seen(
    sensor: EbpfSensor, tmp_path: Path
) -> None:
    old = create(
        "wait:/go/now", "stat:/etc/late", "sleep:200", image=NAME, options=("-v", f"{tmp_path}:/go")
    )
    try:
        watch = sensor.watch(old)
        old.start()
        watch.started()
        watch.finish()
        second = watch_run(
            sensor, "sleep:700", image=NAME, meanwhile=lambda _: (tmp_path / "now").touch()
        )
        assert old.wait(30) == 0
    finally:
        old.remove()
    assert second.starts == 1
    assert not [touch for touch in second.touches if touch.given == "/etc/late"]


def test_attaching_comes_after_arming_and_before_it(sensor: EbpfSensor, tmp_path: Path) -> None:
    watch_run(sensor, "stat:/etc/of-the-first", image=NAME)
    container = create(
        "keep:/etc/file",
        "write:/go/ready",
        "wait:/go/now",
        "stat:/etc/late",
        image=NAME,
        options=("-v", f"{tmp_path}:/go"),
    )
    try:
        container.start()
        while not (tmp_path / "ready").exists():
            time.sleep(0.05)
        watch = sensor.attach(
            RunningContainer(
                "it",
                int(docker("inspect", "-f", "{{.State.Pid}}", container.id)),
                container.id,
                "docker",
            )
        )
        (tmp_path / "now").touch()
        container.wait(30)
        attached = watch.finish()
    finally:
        container.remove()
    assert {"/etc/file"} <= seen(attached, Use.OPENED)
    assert "/etc/late" in seen(attached, Use.LOOKED_UP, errno.ENOENT)
    third = watch_run(sensor, *WORDS, image=NAME)
    fresh = watch_run(EbpfSensor(), *WORDS, image=NAME)
    assert sorted(third.sensor.programs) == sorted(fresh.sensor.programs)
    assert "/etc/late" not in seen(third, Use.LOOKED_UP, errno.ENOENT)


def test_one_that_died_meanwhile_is_replaced(sensor: EbpfSensor) -> None:
    watch_run(sensor, "stat:/etc/file", image=NAME)
    dead = helper_of(sensor)
    os.kill(dead, signal.SIGKILL)
    assert watch_run(sensor, *WORDS, image=NAME).sensor.complete
    assert helper_of(sensor) != dead


def test_one_that_is_given_up_is_not_kept(sensor: EbpfSensor) -> None:
    container = create("sleep:5000", image=NAME)
    try:
        watch = sensor.watch(container)
        assert isinstance(watch, EbpfWatch)
        container.start()
        watch.close()
        assert not Path(f"/proc/{watch.helper_pid}").exists()
    finally:
        container.remove()
    assert watch_run(sensor, *WORDS, image=NAME).starts == 1


def test_at_the_end_none_is_left() -> None:
    sensor = EbpfSensor(keep=2)
    sensor.load()
    helper = helper_of(sensor)
    sensor.close()
    sensor.close()
    assert not Path(f"/proc/{helper}").exists()
    watch_run(sensor, "stat:/etc/file", image=NAME)  # keeps nothing any more
    assert sensor._helpers._idle == []
