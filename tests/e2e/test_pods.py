"""Pods of a node: recorded by label in a real containerd, with the list that a kubelet would give."""

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from careen.model.rbom import RunKind, RuntimeBom
from careen.rbom.store import load_rbom
from tests.e2e.conftest import Service
from tests.support.careen_command import NO_DAEMON, Careen
from tests.support.debian_registry import Registry
from tests.support.node import Containerd, Node, containerd, node

pytestmark = [
    pytest.mark.root,
    pytest.mark.bpf,
    pytest.mark.containerd,
    pytest.mark.runc,
    pytest.mark.registry,
    pytest.mark.skopeo,
]


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
        container = self.runtime.run(self.image, self.node, uid, "web")
        self.node.add(
            name, uid, template, container, self.image, self.digest if digest is None else digest
        )
        return container


@pytest.fixture(scope="module")
def runtime(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Containerd]:
    with containerd(tmp_path_factory.mktemp("ctd") / "d") as running:
        running.ctr("images", "import", str(service.archive))
        yield running


@pytest.fixture
def cluster(runtime: Containerd, registry: Registry, tmp_path: Path) -> Iterator[Cluster]:
    (image,) = runtime.ctr("images", "ls", "--quiet").split()
    name = registry.image("team/web").removeprefix("docker://")
    digest = f"{name}@{registry.tagged('team/web', '1')}"
    with node(tmp_path / "node") as made:
        yield Cluster(runtime, made, image, digest)
        for container in runtime.containers():
            runtime.remove(container)


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
        assert run.command == ("/usr/bin/service", "serve", "8000")
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
