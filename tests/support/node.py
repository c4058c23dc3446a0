"""A Kubernetes node in parts: pods that a containerd of the test's own makes as a kubelet asks it
to, the kubelet's mounts and its list of pods. No kubelet runs.
"""

import contextlib
import json
import secrets
import subprocess
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from careen.engines.cgroups import hierarchies
from tests.support.cri import Runtime
from tests.support.images import docker_archive, file, layer

PAUSE = "careen-test-pause:1"
SPACE = "k8s.io"  # containerd's name space of the kubelet
BURSTABLE = "kubepods/burstable"


@dataclass
class Node:
    """The pods of a node, which has its files in `folder`."""

    folder: Path
    pods: list[dict[str, Any]] = field(default_factory=list)

    def listed(self) -> Path:
        """The list of pods, as a kubelet answers it."""
        file = self.folder / "pods.json"
        file.write_text(json.dumps({"kind": "PodList", "apiVersion": "v1", "items": self.pods}))
        return file

    def new_uid(self) -> str:
        return str(uuid.UUID(bytes=secrets.token_bytes(16)))

    def log_of(self, uid: str, container: str) -> Path:
        """What the kubelet mounts at /dev/termination-log."""
        file = self.folder / "kubelet" / "pods" / uid / "containers" / container / "1a2b3c4d"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        return file

    def add(
        self, name: str, uid: str, template: str, container_id: str, image: str, digest: str
    ) -> None:
        """List a pod with one container, `web`."""
        workload = name.rpartition(f"-{template}-")[0]
        self.pods.append(
            {
                "metadata": {
                    "name": name,
                    "namespace": "shop",
                    "uid": uid,
                    "labels": {"app": workload, "pod-template-hash": template},
                    "ownerReferences": [
                        {"kind": "ReplicaSet", "name": f"{workload}-{template}", "controller": True}
                    ],
                },
                "spec": {"nodeName": "n1", "containers": [{"name": "web", "image": image}]},
                "status": {
                    "phase": "Running",
                    "containerStatuses": [
                        {
                            "name": "web",
                            "containerID": f"containerd://{container_id}",
                            "imageID": digest,
                            "state": {"running": {}},
                        }
                    ],
                },
            }
        )


@contextlib.contextmanager
def node(folder: Path) -> Iterator[Node]:
    """Hold a node; what is left of its pods' control groups is removed at the end."""
    folder.mkdir(parents=True)
    made = Node(folder)
    try:
        yield made
    finally:
        uids = [path.name for path in (folder / "kubelet" / "pods").glob("*")]
        for base in hierarchies():
            for uid in uids:
                for group in sorted((base / BURSTABLE / f"pod{uid}").glob("**/"), reverse=True):
                    with contextlib.suppress(OSError):
                        group.rmdir()
            for above in (BURSTABLE, "kubepods"):
                with contextlib.suppress(OSError):  # of a worker beside this one
                    (base / above).rmdir()


@dataclass
class Containerd:
    """A containerd with sockets, a store and a network of its own."""

    address: Path
    runtime: Runtime
    pods: list[str] = field(default_factory=list)

    def ctr(self, *words: str) -> str:
        done = subprocess.run(  # noqa: TID251
            ["ctr", "--address", str(self.address), "--namespace", SPACE, *words],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start_pod(self, name: str, uid: str) -> tuple[str, bytes]:
        """Start a pod without containers, in the control group that a kubelet gives it."""
        pod = self.runtime.start_pod(name, "shop", uid, f"/{BURSTABLE}/pod{uid}")
        self.pods.append(pod[0])
        return pod

    def exec(self, container_id: str, *words: str) -> str:
        name = f"exec-{secrets.token_hex(4)}"
        return self.ctr("task", "exec", "--exec-id", name, container_id, *words)

    def clear(self) -> None:
        """Remove all pods."""
        while self.pods:
            self.runtime.remove_pod(self.pods.pop())


@contextlib.contextmanager
def containerd(folder: Path, program: bytes) -> Iterator[Containerd]:
    """Run containerd on sockets below `folder`; `program` with `sleep` is what holds its pods."""
    folder.mkdir(parents=True)
    pause = docker_archive(
        folder / "pause.tar",
        [layer(file("pause", program, mode=0o755))],
        [PAUSE],
        {"config": {"Entrypoint": ["/pause", "sleep", "3600"]}},
    )
    config = f"""
version = 2
root = "{folder}/root"
state = "{folder}/state"
disabled_plugins = ["io.containerd.internal.v1.opt"]
[grpc]
  address = "{folder}/containerd.sock"
[ttrpc]
  address = "{folder}/ttrpc.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/library/{PAUSE}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    conf_dir = "{folder}/none"
"""
    (folder / "config.toml").write_text(config)
    log = folder / "log"
    with (
        log.open("wb") as out,
        subprocess.Popen(
            ["unshare", "--net", "containerd", "--config", str(folder / "config.toml")],
            stdout=out,
            stderr=out,
        ) as running,
    ):
        runtime = Runtime(folder / "containerd.sock")
        made = Containerd(folder / "containerd.sock", runtime)
        try:
            deadline = time.monotonic() + 30
            while True:
                assert running.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                with contextlib.suppress(AssertionError):
                    made.ctr("version")
                    break
                time.sleep(0.1)
            made.ctr("images", "import", str(pause))
            yield made
        finally:
            try:
                made.clear()
            finally:
                runtime.close()
                running.terminate()
