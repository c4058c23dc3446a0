"""A podman of the tests' own: its images, containers, networks and events are below one folder, so
that nothing of the user's podman is touched.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support.layer_engines import mounts_below

_STORAGE = """[storage]
driver = "overlay"
graphroot = "{folder}/root"
runroot = "{folder}/run"
"""
_ENGINE = """[engine]
runtime = "{runtime}"
cgroup_manager = "cgroupfs"
events_logger = "file"
static_dir = "{folder}/libpod"
tmp_dir = "{folder}/tmp"
volume_path = "{folder}/volumes"
[network]
network_backend = "netavark"
network_config_dir = "{folder}/networks"
firewall_driver = "{firewall}"
"""


@contextmanager
def podman_store(folder: Path) -> Iterator[Mapping[str, str]]:
    """Yield the environment for podman to use `folder`, and remove everything afterwards. The
    folder's name must be short.
    """
    (folder / "networks").mkdir()
    (folder / "networks" / "podman.json").write_text(json.dumps(_network()))
    (folder / "storage.conf").write_text(_STORAGE.format(folder=folder))
    firewall = "nftables" if shutil.which("nft") else "iptables"
    runtime = "runc" if shutil.which("runc", path=f"{os.environ['PATH']}:/usr/sbin") else "crun"
    text = _ENGINE.format(folder=folder, firewall=firewall, runtime=runtime)
    (folder / "containers.conf").write_text(text)
    environment = {
        "CONTAINERS_CONF": str(folder / "containers.conf"),
        "CONTAINERS_STORAGE_CONF": str(folder / "storage.conf"),
        "PODMAN_IGNORE_CGROUPSV1_WARNING": "1",
    }
    try:
        yield environment
    finally:
        if (folder / "root").exists():
            argv = ["podman", "rm", "--all", "--force", "--volumes", "--time", "0"]
            ours = {**os.environ, **environment}
            # cleaning up must not hide a failure
            subprocess.run(argv, env=ours, capture_output=True, timeout=120, check=False)  # noqa: TID251
        for point in mounts_below(folder):
            subprocess.run(["umount", "--lazy", point], check=False)  # noqa: TID251
        shutil.rmtree(folder)


def podman(*words: str) -> str:
    """Run podman in the store of the tests and return its output."""
    return subprocess.check_output(["podman", *words], text=True, timeout=300).strip()


def _network() -> Mapping[str, object]:
    """Return podman's default network under another name and address of its bridge: workers and
    runs beside each other must not share one, and numbers of processes are further apart than
    chance.
    """
    number = os.getpid() % 200
    return {
        "name": "podman",
        "id": "2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9",
        "driver": "bridge",
        "network_interface": f"careenpod{number}",
        "subnets": [{"subnet": f"10.213.{number}.0/24", "gateway": f"10.213.{number}.1"}],
        "ipv6_enabled": False,
        "internal": False,
        "dns_enabled": False,
        "ipam_options": {"driver": "host-local"},
    }
