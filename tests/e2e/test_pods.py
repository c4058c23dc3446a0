"""Pods of a node: made by a real containerd as a kubelet has it make them, and recorded by label
with the list that a kubelet would give, or beside.
"""

import itertools
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from careen.model.rbom import RunKind, RuntimeBom
from careen.model.runs.trace import Use
from careen.rbom.store import load_rbom
from tests.e2e.conftest import Service
from tests.support.careen_command import NO_DAEMON, Careen
from tests.support.debian_registry import Registry
from tests.support.engine_bench import until
from tests.support.node import Containerd, Node, containerd, node

pytestmark = [
    pytest.mark.root,
    pytest.mark.bpf,
    pytest.mark.containerd,
    pytest.mark.runc,
    pytest.mark.registry,
    pytest.mark.skopeo,
]


PORTS = itertools.count(8001)


@dataclass(frozen=True)
class Cluster:
    """A node whose containerd has the small image."""

    runtime: Containerd
    node: Node
    image: str
    digest: str

    def pod(self, name: str, template: str, digest: str | None = None) -> str:
        """Start a pod, list it, and return its container's id."""
        uid = self.node.new_uid()
        pod = self.runtime.start_pod(name, uid)
        container = self.start(pod, uid)
        self.node.add(
            name, uid, template, container, self.image, self.digest if digest is None else digest
        )
        return container

    def start(self, pod: tuple[str, bytes], uid: str, name: str = "web") -> str:
        """Start a container of a pod; all share a network, so each has a port of its own."""
        args = ("serve", str(next(PORTS)))
        log = self.node.log_of(uid, name)
        return self.runtime.runtime.start(pod, name, self.image, args, log)


@pytest.fixture(scope="module")
def runtime(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Containerd]:
    with containerd(tmp_path_factory.mktemp("ctd") / "d", service.image.program) as running:
        running.ctr("images", "import", str(service.archive))
        yield running


@pytest.fixture
def cluster(
    runtime: Containerd, service: Service, registry: Registry, tmp_path: Path
) -> Iterator[Cluster]:
    name = registry.image("team/web").removeprefix("docker://")
    digest = f"{name}@{registry.tagged('team/web', '1')}"
    with node(tmp_path / "node") as made:
        try:
            yield Cluster(runtime, made, f"docker.io/library/{service.name('original')}", digest)
        finally:
            runtime.clear()


@pytest.fixture
def careen(tmp_path: Path, registry: Registry) -> Careen:
    folder = tmp_path / "careen"
    folder.mkdir()
    return Careen(folder, {**NO_DAEMON, **registry.env})


def words(cluster: Cluster, selector: str, length: str = "2s") -> tuple[str | Path, ...]:
    place = ("--pods-from", cluster.node.listed(), "--node", "n1")
    return ("profile", "--pods", selector, *place, "--for", length, "--rbom-dir", "rboms")


def rboms(careen: Careen) -> dict[str, RuntimeBom]:
    return {file.name: load_rbom(file) for file in (careen.folder / "rboms").iterdir()}


def test_pods_are_recorded_by_template_and_merged_by_image(
    cluster: Cluster, careen: Careen
) -> None:
    for name, template in (
        ("web-6f-a", "6f"),
        ("web-6f-b", "6f"),
        ("web-7c-a", "7c"),
        ("db-1-a", "1"),
    ):
        cluster.pod(name, template)
    ended = careen(*words(cluster, "app=web"))
    found = rboms(careen)
    config = next(iter(found.values())).image.config_digest.removeprefix("sha256:")[:12]
    names = [f"shop_web-6f_web_{config}.rbom.json", f"shop_web-7c_web_{config}.rbom.json"]
    image = f"image_{config}.rbom.json"
    assert sorted(found) == [image, *names]
    assert "shop/web/web (pod web-6f-a): " in ended.out
    assert f"canary profile: rboms/{image}" in ended.out
    for name in names:
        (run,) = found[name].runs
        assert (run.kind, run.workload, run.engine) == (
            RunKind.ATTACHED,
            "attached:shop/web/web",
            "containerd",
        )
        assert run.command[:2] == ("/usr/bin/service", "serve")
        assert run.sensor.complete
        assert found[name].image.reference.endswith(cluster.digest)
    assert len(found[image].runs) == 2
    assert {note for run in found[image].runs for note in run.sensor.notes if "pod " in note} == {
        "pod shop/web-6f-a",
        "pod shop/web-7c-a",
    }
    careen(*words(cluster, "app=web,pod-template-hash in (7c)"))
    again = rboms(careen)
    assert [len(again[name].runs) for name in (*names, image)] == [1, 2, 3]
    assert careen.runs() == []


def test_a_signal_ends_a_pass_and_keeps_what_there_is(cluster: Cluster, careen: Careen) -> None:
    first = cluster.pod("web-6f-a", "6f")
    ended = careen.interrupted(
        *words(cluster, "app=web", "1h"), "--every", "2h", when="recording 1", by=signal.SIGTERM
    )
    assert ended.status == 0, ended.err
    (bom,) = {id(each): each for name, each in rboms(careen).items() if "web" in name}.values()
    assert [note for note in bom.runs[0].sensor.notes if note.endswith("it was told to stop")]
    assert cluster.runtime.exec(first, "/usr/bin/service", "cat", "/usr/share/half/used.txt")
    assert careen.runs() == []


def test_one_that_cannot_be_recorded_is_told_and_the_others_are(
    cluster: Cluster, careen: Careen
) -> None:
    cluster.pod("web-6f-a", "6f")
    cluster.pod("web-7c-a", "7c", f"{cluster.digest.rpartition('@')[0]}@sha256:{'0' * 64}")
    cluster.node.add(
        "web-8d-a", cluster.node.new_uid(), "8d", "9" * 64, "r.example/x", cluster.digest
    )
    ended = careen(*words(cluster, "app=web"))
    left = [line for line in ended.out.splitlines() if line.startswith("not recorded: ")]
    assert len(left) == 2
    assert any("(pod web-7c-a): " in line for line in left)
    assert any(
        "no control group below /sys/fs/cgroup is of container 999999999999" in line
        for line in left
    )
    assert len(rboms(careen)) == 2


def test_what_is_wrong_is_one_line(cluster: Cluster, careen: Careen) -> None:
    cluster.pod("web-6f-a", "6f")
    place = words(cluster, "app=none")
    assert "no pod is chosen by 'app=none', of 1 that run on this node" in careen.refused(*place)
    assert "not a label selector" in careen.refused(*words(cluster, "app in x"))
    said = careen.refused("profile", "--pods", "app=web", "--rbom-dir", "rboms")
    assert said.startswith("not in a pod of a cluster")
    assert careen.refused("profile", "--node", "n1") == "--node: only applies to --pods"
    assert "IMAGE: not with --pods" in careen.refused("profile", "x", "--pods", "a")
    assert "give one of them" in careen.refused("profile", "--pods", "a", "--merge", "x")
    assert not (careen.folder / "rboms").exists()


def test_a_container_is_recorded_from_its_first_exec_beside_it(
    cluster: Cluster, service: Service, careen: Careen
) -> None:
    uid = cluster.node.new_uid()
    pod = cluster.runtime.start_pod("web-6f-a", uid)
    image = f"docker-archive:{service.archive}"
    target = ("--watching", "watching", "--output", "rbom.json")
    with careen.begun("profile", image, "--beside", "web", "--pod", uid, *target) as running:
        until((careen.folder / "watching").exists, 60)
        other = cluster.start(pod, uid, "proxy")
        container = cluster.start(pod, uid)
        path = "/usr/share/half/used.txt"
        assert cluster.runtime.exec(container, "/usr/bin/service", "cat", path)
        time.sleep(0.5)  # the kernel's events come to careen in tens of milliseconds
        cluster.runtime.runtime.stop(other)
        cluster.runtime.runtime.stop(container)
        until((careen.folder / "rbom.json").exists, 60)
        assert not running.has_ended()
        os.kill(running.pid, signal.SIGTERM)
        until(running.has_ended, 30)
    bom = load_rbom(careen.folder / "rbom.json")
    (run,) = bom.runs
    assert (run.kind, run.workload) == (RunKind.WORKLOAD, "pod:web")
    assert run.sensor.complete
    uses = {(file.path, use.use) for file in bom.files for use in file.uses}
    assert ("/usr/share/service/model.bin", Use.OPENED) in uses  # read once, at the start
    assert (path, Use.OPENED) in uses
    assert careen.runs() == []


def test_a_file_with_content_is_not_taken_for_a_mark(careen: Careen) -> None:
    (careen.folder / "watching").write_text("mine")
    words = ("profile", "x", "--beside", "web", "--pod", "0" * 32, "--watching", "watching")
    assert "this file is not empty" in careen.refused(*words)
    assert (careen.folder / "watching").read_text() == "mine"
    (careen.folder / "watching").unlink()
    assert "no control group below /sys/fs/cgroup is of pod" in careen.refused(*words)
    assert careen.refused(*words[:4]).startswith("--beside: which pod? name its UID with --pod")
