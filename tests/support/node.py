"""A Kubernetes node in parts: pods' control groups, the kubelet's mounts and list of pods, and a
containerd of the test's own. No kubelet runs.
"""

import contextlib
import json
import os
import secrets
import subprocess
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from careen.engines.cgroups import hierarchies

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


@dataclass(frozen=True, slots=True)
class Containerd:
    """A containerd with an address and a store of its own."""

    address: Path

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

    def run(self, image: str, made: Node, uid: str, container: str) -> str:
        """Start a container in a pod's control group, as the kubelet has it made; return its id."""
        identity = secrets.token_hex(32)
        log = (
            f"type=bind,src={made.log_of(uid, container)},dst=/dev/termination-log,options=rbind:rw"
        )
        group = f"/{BURSTABLE}/pod{uid}/{identity}"
        self.ctr("run", "--detach", "--cgroup", group, "--mount", log, image, identity)
        return identity

    def exec(self, container_id: str, *words: str) -> str:
        name = f"exec-{secrets.token_hex(4)}"
        return self.ctr("task", "exec", "--exec-id", name, container_id, *words)

    def remove(self, container_id: str) -> None:
        with contextlib.suppress(AssertionError):
            self.ctr("task", "kill", "--signal", "SIGKILL", container_id)
        deadline = time.monotonic() + 20
        while True:
            try:
                self.ctr("container", "rm", container_id)
            except AssertionError:  # the task has not ended yet
                assert time.monotonic() < deadline
                with contextlib.suppress(AssertionError):
                    self.ctr("task", "delete", container_id)
                time.sleep(0.1)
            else:
                return

    def containers(self) -> list[str]:
        return self.ctr("container", "ls", "--quiet").split()


@contextlib.contextmanager
def containerd(folder: Path) -> Iterator[Containerd]:
    """Run containerd on sockets below `folder`."""
    folder.mkdir(parents=True)
    config = f"""
version = 2
root = "{folder}/root"
state = "{folder}/state"
disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.grpc.v1.cri"]
[grpc]
  address = "{folder}/containerd.sock"
[ttrpc]
  address = "{folder}/ttrpc.sock"
"""
    (folder / "config.toml").write_text(config)
    log = folder / "log"
    with (
        log.open("wb") as out,
        subprocess.Popen(
            ["containerd", "--config", str(folder / "config.toml")],
            stdout=out,
            stderr=out,
            env=os.environ,
        ) as running,
    ):
        made = Containerd(folder / "containerd.sock")
        try:
            deadline = time.monotonic() + 30
            while True:
                assert running.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                with contextlib.suppress(AssertionError):
                    made.ctr("version")
                    break
                time.sleep(0.1)
            yield made
            for container in made.containers():
                made.remove(container)
        finally:
            running.terminate()
