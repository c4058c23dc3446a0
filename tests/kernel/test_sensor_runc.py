"""The eBPF sensor without docker: a plain directory as root, whose files share their device with
the host's.
"""

import subprocess
from pathlib import Path

import pytest

from careen.model.runs.trace import Use
from careen.sensor.ebpf import EbpfSensor
from tests.support.runc_bundle import prepare
from tests.support.watched import rootfs_tar, seen

pytestmark = [pytest.mark.root, pytest.mark.bpf, pytest.mark.runc]


def test_a_plain_directory_as_root_leaves_no_trace_of_where_it_lies(tmp_path: Path) -> None:
    (tmp_path / "rootfs").mkdir()
    # the test's own set-up
    subprocess.run(["tar", "-x", "-C", str(tmp_path / "rootfs")], input=rootfs_tar(), check=True)  # noqa: TID251
    container = prepare(
        tmp_path,
        "open:/etc/link",
        "chdir:/etc/deep",
        "open:er/file",
        "run:/bin/script",
        "open:/proc/self/status",
        "stat:/etc/none",
    )
    watch = EbpfSensor().watch(container)
    try:
        container.start()
        watch.started()
        trace = watch.finish()
    finally:
        watch.close()
    assert trace.sensor.complete, trace.sensor.losses
    assert trace.roots == (str(tmp_path / "rootfs"),)
    assert {"/etc/file", "/etc/deep/er/file"} <= seen(trace, Use.OPENED)
    assert {touch.base for touch in trace.touches if touch.given == "er/file"} == {"/etc/deep"}
    assert {
        touch.on_image for touch in trace.touches if touch.given in {"/etc/link", "er/file"}
    } == {True}
    assert {touch.on_image for touch in trace.touches if touch.given == "/proc/self/status"} == {
        False
    }
    assert {touch.executable for touch in trace.touches} == {"", "/bin/act"}
    assert not [
        touch
        for touch in trace.touches
        if str(tmp_path) in f"{touch.given} {touch.base} {touch.resolved}"
    ]


@pytest.mark.parametrize("group", ["libpod-{}", "libpod-{}.scope", "libpod-{}.scope/container"])
def test_podmans_names_of_control_groups_lead_to_the_container(tmp_path: Path, group: str) -> None:
    (tmp_path / "rootfs").mkdir()
    # the test's own set-up
    subprocess.run(["tar", "-x", "-C", str(tmp_path / "rootfs")], input=rootfs_tar(), check=True)  # noqa: TID251
    container = prepare(tmp_path, "open:/etc/file", group=group)
    watch = EbpfSensor().watch(container)
    try:
        container.start()
        watch.started()
        trace = watch.finish()
    finally:
        watch.close()
        for left in Path("/sys/fs/cgroup").glob(f"**/careen-test/*{container.id}*"):
            left.rmdir()  # runc removes the lowest group only
    assert trace.sensor.complete, trace.sensor.losses
    assert trace.starts == 1
    assert "/etc/file" in seen(trace, Use.OPENED)
