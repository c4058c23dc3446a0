"""The fanotify fallback: what it sees on a mounted root, what it leaves out, and that a late mark
is no complete trace.
"""

import os
import resource
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from careen.model.runs.trace import Phase, Use
from careen.sensor.fanotify import FanotifySensor
from careen.sensor.select import choose, probe_fanotify
from tests.support.runc_bundle import prepare
from tests.support.watched import IMAGE, docker, rootfs_tar, seen, watch_run

pytestmark = [pytest.mark.root]


@pytest.fixture
def bundle(tmp_path: Path) -> Iterator[Path]:
    for name in ("lower", "upper", "work", "rootfs"):
        (tmp_path / name).mkdir()
    # the test's own set-up
    subprocess.run(["tar", "-x", "-C", str(tmp_path / "lower")], input=rootfs_tar(), check=True)  # noqa: TID251
    options = f"lowerdir={tmp_path}/lower,upperdir={tmp_path}/upper,workdir={tmp_path}/work"
    subprocess.check_call(
        ["mount", "-t", "overlay", "careen-test", "-o", options, str(tmp_path / "rootfs")]
    )
    yield tmp_path
    subprocess.check_call(["umount", str(tmp_path / "rootfs")])


@pytest.mark.runc
def test_opens_and_execs_of_the_container_and_of_nobody_else(bundle: Path) -> None:
    assert probe_fanotify().usable
    container = prepare(
        bundle,
        "open:/etc/link",
        "list:/data",
        "run:/bin/second",
        "run:/bin/script",
        "stat:/etc/other",
        "open:/etc/gone",
    )
    watch = FanotifySensor().watch(container)
    try:
        (
            bundle / "rootfs" / "etc" / "doomed"
        ).read_bytes()  # the host reads it, through the same mount
        container.start()
        watch.started()
        trace = watch.finish()
    finally:
        watch.close()
    assert trace.sensor.complete, trace.sensor.losses
    assert trace.sensor.evidence == {Use.EXECUTED, Use.OPENED, Use.LISTED}
    assert {"/bin/act", "/bin/second", "/bin/script"} <= seen(trace, Use.EXECUTED)
    assert "/etc/file" in seen(trace, Use.OPENED)
    assert "/data" in seen(trace, Use.LISTED)
    everything = {touch.given for touch in trace.touches}
    assert (
        not {"/etc/doomed", "/etc/other", "/etc/gone"} & everything
    )  # the host's; a stat; one that is not there
    assert {touch.executable for touch in trace.touches if touch.given == "/etc/file"} <= {
        "/bin/act",
        "",
    }
    assert {touch.phases for touch in trace.touches} == {frozenset({Phase.START})}


@pytest.mark.runc
@pytest.mark.parametrize("name", ["runc", "crun", "containerd-shim-runc-v2"])
def test_a_program_of_the_image_is_not_taken_for_the_runtime_by_its_name(
    bundle: Path, name: str
) -> None:
    (bundle / "rootfs" / "bin" / name).write_bytes((bundle / "rootfs" / "bin" / "act").read_bytes())
    (bundle / "rootfs" / "bin" / name).chmod(0o755)
    container = prepare(bundle, f"exec2:/bin/{name}:open:/etc/file")
    watch = FanotifySensor().watch(container)
    try:
        container.start()
        trace = watch.finish()
    finally:
        watch.close()
    assert "/etc/file" in seen(trace, Use.OPENED)
    assert {touch.executable for touch in trace.touches if touch.given == "/etc/file"} <= {
        f"/bin/{name}",
        "",
    }


@pytest.mark.runc
def test_the_phase_splits(bundle: Path) -> None:
    container = prepare(bundle, "open:/etc/file", "open:/etc/other")
    began = time.monotonic()
    watch = FanotifySensor().watch(container)
    try:
        watch.set_phase(Phase.SERVING)
        container.start()
        trace = watch.finish()
    finally:
        watch.close()
    assert all(
        touch.first is not None and began <= touch.first <= time.monotonic()
        for touch in trace.touches
    )
    assert {touch.phases for touch in trace.touches if touch.given == "/etc/file"} == {
        frozenset({Phase.SERVING})
    }


@pytest.mark.runc
@pytest.mark.parametrize("checks", [0, 1, 2])
def test_it_says_that_a_health_check_is_not_separated(bundle: Path, checks: int) -> None:
    container = prepare(bundle, "open:/etc/file")
    watch = FanotifySensor().watch(container)
    try:
        container.start()
        for _ in range(checks):
            with watch.health_check():
                pass
        trace = watch.finish()
    finally:
        watch.close()
    assert [("HEALTHCHECK" in note) for note in trace.sensor.notes].count(True) == min(checks, 1)
    assert {touch.phases for touch in trace.touches} == {frozenset({Phase.START})}


BURST = 2500


@pytest.mark.runc
def test_a_burst_of_opens_runs_the_sensor_out_of_no_descriptors(bundle: Path) -> None:
    """Each waiting event becomes a descriptor when it is read, and 1024 are the usual limit: what
    found none was lost, and not counted.
    """
    names = [f"/data/{i}" for i in range(BURST)]
    for name in names:
        (bundle / "rootfs" / name[1:]).touch()
    container = prepare(bundle, *(f"open:{name}" for name in names))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, hard))
    try:
        watch = FanotifySensor().watch(container)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    try:
        os.kill(watch.helper_pid, signal.SIGSTOP)
        container.start()
        os.kill(watch.helper_pid, signal.SIGCONT)
        trace = watch.finish()
    finally:
        watch.close()
    assert trace.sensor.complete, trace.sensor.losses
    assert set(names) <= seen(trace, Use.OPENED)


@pytest.mark.runc
def test_an_event_that_cannot_be_read_is_a_loss(bundle: Path) -> None:
    container = prepare(bundle, "open:/etc/file")
    watch = FanotifySensor().watch(container)
    try:
        taken = {int(path.name) for path in Path(f"/proc/{watch.helper_pid}/fd").iterdir()}
        free = next(number for number in range(1024) if number not in taken)
        _, hard = resource.prlimit(watch.helper_pid, resource.RLIMIT_NOFILE)
        resource.prlimit(watch.helper_pid, resource.RLIMIT_NOFILE, (free, hard))
        container.start()
        trace = watch.finish()
    finally:
        watch.close()
    assert trace.sensor.losses["queue_overflow"] > 0
    assert not trace.sensor.complete


@pytest.mark.runc
def test_a_file_of_the_image_that_is_deleted_right_after_it_was_opened(bundle: Path) -> None:
    container = prepare(bundle, "open:/etc/file", "unlink:/etc/file")
    watch = FanotifySensor().watch(container)
    try:
        os.kill(watch.helper_pid, signal.SIGSTOP)
        container.start()
        os.kill(watch.helper_pid, signal.SIGCONT)
        trace = watch.finish()
    finally:
        watch.close()
    assert "/etc/file" in seen(trace, Use.OPENED)


@pytest.mark.docker
def test_a_root_that_is_mounted_only_at_start_makes_the_trace_incomplete() -> None:
    docker(
        "import",
        "--change",
        'ENTRYPOINT ["/bin/act"]',
        "-",
        f"{IMAGE}:fanotify",
        stdin=rootfs_tar(),
    )
    try:
        trace = watch_run(
            FanotifySensor(), "sleep:1500", "open:/etc/file", image=f"{IMAGE}:fanotify"
        )
    finally:
        docker("rmi", "-f", f"{IMAGE}:fanotify")
    assert "/etc/file" in seen(trace, Use.OPENED)
    assert trace.sensor.losses["opens_before_mark"] == 1
    assert not trace.sensor.complete
    assert any("after the container had started" in note for note in trace.sensor.notes)


@pytest.mark.bpf
def test_the_best_sensor_comes_first() -> None:
    with closing(choose(None)) as sensor:
        assert sensor.kind.value == "ebpf"
