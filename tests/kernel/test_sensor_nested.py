"""The sensor in a PID namespace of its own, as on a node that is a container itself (kind): the
kernel's numbers of processes are not those of its /proc.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.runc_bundle import prepare
from tests.support.watched import rootfs_tar

pytestmark = [pytest.mark.root, pytest.mark.bpf, pytest.mark.runc]

CHECKOUT = Path(__file__).resolve().parents[2]
WATCH = """
import json, sys
from pathlib import Path
from careen.sensor.ebpf import EbpfSensor
from tests.support.runc_bundle import RuncContainer
container = RuncContainer(sys.argv[1], bundle=Path(sys.argv[2]))
watch = EbpfSensor().watch(container)
container.start()
watch.started()
trace = watch.finish()
watch.close()
print(json.dumps([trace.mounts, trace.sensor.complete, sorted(touch.given for touch in trace.touches)]))
"""


@pytest.mark.parametrize("nested", [False, True], ids=["machine", "nested"])
def test_the_mounts_are_those_of_the_container(tmp_path: Path, nested: bool) -> None:
    (tmp_path / "rootfs").mkdir()
    # the test's own set-up
    subprocess.run(["tar", "-x", "-C", str(tmp_path / "rootfs")], input=rootfs_tar(), check=True)  # noqa: TID251
    container = prepare(tmp_path, "open:/data/file", "sleep:1500")
    (tmp_path / "volume").mkdir()
    (tmp_path / "volume" / "file").touch()
    config = tmp_path / "config.json"
    spec = json.loads(config.read_text())
    bind = {"type": "bind", "options": ["rbind", "ro"], "source": str(tmp_path / "volume")}
    spec["mounts"].append({"destination": "/data", **bind})
    config.write_text(json.dumps(spec))
    apart = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"] if nested else []
    done = subprocess.run(  # noqa: TID251
        [*apart, sys.executable, "-c", WATCH, container.id, str(tmp_path)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    mounts, complete, names = json.loads(done.stdout.splitlines()[-1])
    assert {"/data", "/proc", "/dev/pts"} <= set(mounts)
    assert complete
    assert "/data/file" in names
