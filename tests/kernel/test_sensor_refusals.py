"""Where the kernel refuses, careen says what is missing; where two capabilities are given, they are
enough.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from careen.sensor import helper, select
from careen.sensor.helper import helper_path
from tests.support.watched import IMAGE, docker, rootfs_tar

PROBE = """
import json
from careen.sensor.select import available, choose
from careen.errors import ToolError
try:
    choose(None)
    refused = ""
except ToolError as error:
    refused = str(error)
print(json.dumps({"probes": {probe.kind.value: [probe.usable, *probe.missing] for probe in available()}, "refused": refused}))
"""


@pytest.fixture(scope="module")
def image() -> Iterator[str]:
    name = f"{IMAGE}:refusals"
    docker("import", "-", name, stdin=rootfs_tar())
    yield name
    docker("rmi", "-f", name)


def helper_in_docker(image: str, *options: str) -> str:
    """What the helper says first in a container that has nothing else."""
    mount = (
        "-v",
        f"{helper_path()}:/careen-sensor:ro",
        "--network",
        "none",
        "--read-only",
        "--cap-drop",
        "ALL",
    )
    argv = ["docker", "run", "--rm", *mount, *options, image, "/careen-sensor", "--output", "2"]
    # the test's own docker
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)  # noqa: TID251
    return done.stdout.strip()


@pytest.mark.docker
@pytest.mark.bpf
def test_in_a_container_two_capabilities_are_enough(image: str) -> None:
    assert helper_in_docker(image, "--cap-add", "BPF", "--cap-add", "PERFMON") == "ready full"


@pytest.mark.docker
@pytest.mark.bpf
@pytest.mark.parametrize("options", [(), ("--cap-add", "BPF"), ("--cap-add", "PERFMON")])
def test_in_a_container_without_both_it_is_refused_in_one_line(
    image: str, options: tuple[str, ...]
) -> None:
    said = helper_in_docker(image, *options)
    assert said.startswith("error load: ")
    assert len(said.splitlines()) == 1


@pytest.mark.root
def test_without_capabilities_each_sensor_names_what_it_lacks() -> None:
    argv = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", sys.executable, "-c", PROBE]
    done = subprocess.run(  # noqa: TID251
        argv, capture_output=True, text=True, timeout=60, check=True, env=os.environ
    )
    said = json.loads(done.stdout)
    assert said["probes"]["ebpf"] == [False, "capability: CAP_BPF and CAP_PERFMON"]
    assert said["probes"]["fanotify"] == [False, "capability: CAP_SYS_ADMIN"]
    assert "run as root" in said["refused"]
    assert said["refused"].startswith(
        "no sensor can be used here: ebpf: capability: CAP_BPF and CAP_PERFMON ("
    )


@pytest.mark.root
@pytest.mark.bpf
def test_the_kernels_refusal_behind_the_capabilities_is_a_container_limit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Root in the eyes of the probe, refused by the kernel: what a seccomp profile or lockdown
    does.
    """
    refused = tmp_path / "careen-sensor"
    refused.write_text(
        f'#!/bin/sh\nexec setpriv --bounding-set=-all --inh-caps=-all {helper_path()} "$@"\n'
    )
    refused.chmod(0o755)
    monkeypatch.setattr(helper, "helper_path", lambda: refused)
    probe = select.probe_ebpf()
    assert not probe.usable
    assert probe.missing[0].startswith("container limit: ")
    assert "seccomp" in probe.remedy[0]
