"""The embedded engine's seccomp profile, call by call against the one that the docker daemon
uses.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from careen.engines.client.client import DOCKER
from careen.engines.client.engine import ClientEngine
from careen.engines.embedded.seccomp import DROPPED, seccomp
from careen.engines.leftovers import cleaners
from careen.model.runs.workload import RunOptions
from careen.tools.workspace import workspace
from tests.support.engine_bench import Bench

pytestmark = [pytest.mark.docker, pytest.mark.root]

BUNDLES = "/run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby"
# What moby's profile allows since docker 26.1; a newer daemon allows it too.
SINCE_26 = {
    *("getxattrat", "listxattrat", "removexattrat", "setxattrat"),  # Linux 6.13
    *("mseal", "uretprobe", "riscv_hwprobe"),  # Linux 6.10, 6.11, 6.4
}
OURS = {"socket", "socketcall", *DROPPED}


def by_name(profile: dict[str, Any]) -> dict[str, set[str]]:
    """Return for each call what happens to it and on which conditions."""
    found: dict[str, set[str]] = {}
    for rule in profile["syscalls"]:
        error = rule.get("errnoRet") if rule["action"] == "SCMP_ACT_ERRNO" else None
        what = json.dumps([rule["action"], error, sorted(map(normal, rule.get("args") or ()))])
        for name in rule["names"]:
            found.setdefault(name, set()).add(what)
    return found


def normal(condition: dict[str, Any]) -> str:
    return json.dumps({"valueTwo": 0, **condition}, sort_keys=True)


def daemons(probe: bytes, work: Path) -> dict[str, Any]:
    """Return the bundle's config.json of a running docker container."""
    with workspace(work, cleaners()) as space:
        bench = Bench(ClientEngine(space, DOCKER), probe)
        with bench.container(RunOptions(args=("wait",))) as container:
            container.start()
            bundle = Path(BUNDLES, container.id, "config.json")
            return dict(json.loads(bundle.read_text()))


def test_calls_differ_from_dockers_where_it_is_stated(probe: bytes, tmp_path: Path) -> None:
    config = daemons(probe, tmp_path)
    theirs = config["linux"]["seccomp"]
    ours = seccomp(config["process"]["capabilities"]["bounding"], "amd64")
    for key in ("defaultAction", "defaultErrnoRet", "architectures"):
        assert ours[key] == theirs[key], key
    here, there = by_name(ours), by_name(theirs)
    assert len(there) > 300
    different = {name for name in here.keys() | there.keys() if here.get(name) != there.get(name)}
    assert "socket" in different
    assert different - OURS <= SINCE_26
    # Of what only docker allows nothing but the stated refusals, and no refusal of docker's is
    # lost.
    assert {name for name in there if name not in here} <= OURS
