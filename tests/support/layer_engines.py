"""What other programs make of a stack of layers: docker with its two stores, by daemons of the
test's own, and umoci.
"""

import io
import json
import os
import shutil
import socket
import subprocess
import tarfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import httpx

from tests.support.images import docker_archive, oci_layout

Tree = Mapping[str, str]
_MADE_BY_DOCKER = frozenset(
    [
        "/.dockerenv",
        "/dev",
        "/dev/console",
        "/dev/pts",
        "/dev/shm",
        "/etc",
        "/etc/hostname",
        "/etc/hosts",
        "/etc/mtab",
        "/etc/resolv.conf",
        "/proc",
        "/sys",
    ],
)
_KINDS = {
    tarfile.DIRTYPE: "directory",
    tarfile.CHRTYPE: "character device",
    tarfile.BLKTYPE: "block device",
    tarfile.FIFOTYPE: "fifo",
}


class Refused(Exception):  # noqa: N818 — an answer, not a fault
    """The program takes no such image; the text is what it said."""


class Unpacker(Protocol):
    """A program that unpacks an image: `tree` returns path → kind and content, or raises
    Refused.
    """

    name: str

    def tree(self, layers: Sequence[bytes]) -> Tree: ...


def until_listens(path: Path, process: "subprocess.Popen[bytes]") -> None:
    """Wait for a daemon's socket."""
    end = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < end:
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(str(path)) == 0:
                return
        time.sleep(0.1)
    msg = "the test's docker daemon does not answer"
    raise AssertionError(msg)


@dataclass(slots=True)
class Docker:
    """One store of docker behind its socket."""

    name: str
    client: httpx.Client
    folder: Path
    count: int = 0

    def load(self, archive: Path) -> None:
        """Load an archive, or raise Refused."""
        loaded = self.client.post(
            "/images/load",
            content=archive.read_bytes(),
            headers={"Content-Type": "application/x-tar"},
            params={"quiet": "1"},
        )
        if not loaded.is_success or '"error"' in loaded.text:
            raise Refused(loaded.text.strip()[-300:])

    def tree(self, layers: Sequence[bytes]) -> Tree:
        """Load an image, and export a container of it that never started."""
        self.count += 1
        name = f"careen-oddity-{self.count}:1"
        saved = docker_archive(self.folder / "image.tar", layers, [name])
        self.load(saved)
        made = self.client.post("/containers/create", json={"Image": name, "Cmd": ["/none"]})
        if not made.is_success:
            raise Refused(made.text.strip()[-300:])
        number = made.json()["Id"]
        exported = self.client.get(f"/containers/{number}/export")
        if not exported.is_success:
            raise Refused(exported.text.strip()[-300:])
        return dict(_exported(exported.content))


def _exported(data: bytes) -> Iterator[tuple[str, str]]:
    with tarfile.open(fileobj=io.BytesIO(data), encoding="utf-8", errors="surrogateescape") as tar:
        contents: dict[str, str] = {}
        for member in tar:
            path = "/" + member.name.removeprefix("./").strip("/")
            if path == "/" or path in _MADE_BY_DOCKER:
                continue
            if member.issym():
                contents[path] = f"symlink {member.linkname}"
            elif member.islnk():
                contents[path] = contents.get("/" + member.linkname.strip("/"), "file")
            elif member.isreg():
                stream = tar.extractfile(member)
                contents[path] = f"file {stream.read()[:100]!r}" if stream else "file"
            else:
                contents[path] = _KINDS.get(member.type, "?")
    yield from contents.items()


@dataclass(slots=True)
class Umoci:
    """umoci's `raw unpack` of an OCI layout."""

    folder: Path
    name: str = "umoci"
    count: int = 0

    def tree(self, layers: Sequence[bytes]) -> Tree:
        self.count += 1
        own = (
            self.folder / f"{self.count}"
        )  # umoci 0.4 removes the folder above its root for a whiteout of `..`
        own.mkdir()
        layout, root = own / "layout", own / "root"
        oci_layout(layout, layers, tag="v1", compression="none")
        try:
            argv = ["umoci", "raw", "unpack", "--image", f"{layout}:v1", str(root)]
            # an oracle, not careen's tool
            done = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)  # noqa: TID251
            if done.returncode:
                raise Refused(done.stderr.strip()[-300:])
            return dict(_on_disk(root))
        finally:
            shutil.rmtree(own, ignore_errors=True)


def _on_disk(root: Path) -> Iterator[tuple[str, str]]:
    for folder, names, others in os.walk(root):
        for path in (Path(folder) / name for name in [*names, *others]):
            yield "/" + str(path.relative_to(root)), _described(path)


def _described(path: Path) -> str:
    if path.is_symlink():
        return f"symlink {path.readlink()}"
    if path.is_dir():
        return "directory"
    if path.is_file():
        return f"file {path.read_bytes()[:100]!r}"
    return (
        "fifo"
        if path.is_fifo()
        else "character device"
        if path.is_char_device()
        else "block device"
    )


@contextmanager
def docker_daemon(
    folder: Path, name: str, features: Mapping[str, bool], *, ports: bool = False
) -> Iterator[Docker]:
    """Run a docker daemon with a network of its own, and leave nothing of it: no process, no mount,
    no file. The folder's name must be short. With `ports`, containers get a bridge of that network,
    and publish ports on its loopback address.
    """
    folder.mkdir(mode=0o700)
    (folder / "daemon.json").write_text(json.dumps({"features": dict(features)}))
    argv = [
        "unshare",
        "--net",
        *(("sh", "-c", 'ip link set lo up && exec "$@"', "sh") if ports else ()),
        "dockerd",
        "--host",
        f"unix://{folder}/docker.sock",
        "--config-file",
        str(folder / "daemon.json"),
    ]
    argv += [
        "--data-root",
        str(folder / "data"),
        "--exec-root",
        str(folder / "exec"),
        "--pidfile",
        str(folder / "pid"),
        *(("--ip-forward=false",) if ports else ("--bridge=none",)),
    ]
    argv += ["--iptables=false", "--ip6tables=false", "--ip-masq=false", "--log-level=error"]
    process = None
    try:
        with (folder / "log").open("ab") as log:
            process = subprocess.Popen(argv, stdout=log, stderr=log, start_new_session=True)
        transport = httpx.HTTPTransport(uds=f"{folder}/docker.sock")
        until_listens(folder / "docker.sock", process)
        with httpx.Client(transport=transport, base_url="http://docker", timeout=300) as client:
            yield Docker(name, client, folder)
    finally:
        _end(process)
        for point in mounts_below(folder):
            # cleaning up must not hide a failure
            subprocess.run(["umount", "--lazy", point], check=False)  # noqa: TID251
        shutil.rmtree(folder)


def _end(process: "subprocess.Popen[bytes] | None") -> None:
    if process is None:
        return
    process.terminate()
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(60)


def mounts_below(folder: Path) -> list[str]:
    """Return the mount points below a folder, the deepest first."""
    points = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    return sorted(
        (point for point in points if Path(point).is_relative_to(folder)), key=len, reverse=True
    )
