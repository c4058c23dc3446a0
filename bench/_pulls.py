"""A registry and a node with containerd on this machine, to pull images by the clock.

Needs root, docker-registry, containerd with ctr, and skopeo. The node unpacks on overlayfs.
"""

import contextlib
import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from careen.tools.process import run

LIMIT = 600.0
_START = 30.0


@dataclass(slots=True)
class Node:
    """A node that has the last version of each kind of image, each in a namespace of its own."""

    registry: str
    socket: Path
    before: dict[str, str] = field(default_factory=dict)

    def pull(self, kind: str, number: int, layout: Path, tag: str) -> float:
        """Push an image of a layout, pull and unpack it on the node, and return those seconds.

        The version before is removed then.
        """
        space = re.sub(r"[^a-z0-9]+", "-", kind.lower()).strip("-")
        name = f"{self.registry}/{space}:{number}"
        words = ("--quiet", "--dest-tls-verify=false", f"oci:{layout}:{tag}", f"docker://{name}")
        _done("skopeo", "--insecure-policy", "copy", *words)
        os.sync()
        begun = time.monotonic()
        self._ctr(space, "images", "pull", "--plain-http", "--snapshotter", "overlayfs", name)
        seconds = time.monotonic() - begun
        if kind in self.before:
            self._ctr(space, "images", "rm", "--sync", self.before[kind])
        self.before[kind] = name
        return seconds

    def _ctr(self, space: str, *words: str) -> None:
        _done("ctr", "--address", str(self.socket), "--namespace", space, *words)


@contextlib.contextmanager
def node(folder: Path) -> Iterator[Node]:
    """Run a registry and a containerd that keep everything below `folder`."""
    folder.mkdir()
    host = f"127.0.0.1:{_free_port()}"
    registry = {
        "version": 0.1,
        "log": {"level": "error"},
        "storage": {"filesystem": {"rootdirectory": str(folder / "registry")}},
        "http": {"addr": host},
    }
    (folder / "registry.json").write_text(json.dumps(registry))
    # Otherwise a namespace takes blobs of another one, and pulls less than a node would.
    (folder / "containerd.toml").write_text(
        f"""version = 2
root = "{folder}/root"
state = "{folder}/state"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
[grpc]
  address = "{folder}/containerd.sock"
[ttrpc]
  address = "{folder}/ttrpc.sock"
[plugins."io.containerd.metadata.v1.bolt"]
  content_sharing_policy = "isolated"
"""
    )
    made = Node(host, folder / "containerd.sock")
    with (
        _running(folder / "registry.log", "docker-registry", "serve", f"{folder}/registry.json"),
        _running(folder / "node.log", "containerd", "--config", f"{folder}/containerd.toml"),
    ):
        deadline = time.monotonic() + _START
        while not (made.socket.exists() and _listens(host)):
            if time.monotonic() > deadline:
                said = [_end(folder / name) for name in ("registry.log", "node.log")]
                raise SystemExit(f"the registry or the node does not start: {'; '.join(said)}")
            time.sleep(0.1)
        yield made


@contextlib.contextmanager
def _running(log: Path, *argv: str) -> Iterator[None]:
    with log.open("wb") as out, subprocess.Popen(argv, stdout=out, stderr=out) as program:
        try:
            yield
        finally:
            program.terminate()
            try:
                program.wait(_START)
            except subprocess.TimeoutExpired:
                program.kill()


def _end(log: Path) -> str:
    return log.read_text(errors="replace")[-500:].strip() or f"{log.stem} printed nothing"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(host: str) -> bool:
    address, _, port = host.partition(":")
    with contextlib.suppress(OSError), socket.create_connection((address, int(port)), 1):
        return True
    return False


def _done(*argv: str) -> None:
    done = run(list(argv), timeout=LIMIT)
    if done.status != 0:
        raise SystemExit(f"{' '.join(argv)[:200]}: {done.complaint}")
