"""An image around tests/support/actor.c in docker, and containers of it that a sensor watches."""

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from careen.engines.client.client import DOCKER
from careen.engines.false_start import retry_start
from careen.engines.upper_names import upper_names
from careen.model.paths import ImagePath
from careen.model.runs.engine import CommandResult, ContainerState, Listening
from careen.model.runs.trace import Trace, Use
from careen.sensor.port import Sensor

IMAGE = "careen-sensor-test"
HEALTH = 'HEALTHCHECK --interval=1s CMD ["/bin/act", "open:/etc/health"]'


def docker(*args: str, stdin: bytes | None = None) -> str:
    return subprocess.check_output(["docker", *args], input=stdin, text=False).decode().strip()


def compile_actor() -> bytes:
    """Build the program and return its bytes."""
    with tempfile.TemporaryDirectory() as directory:
        out = Path(directory) / "act"
        parts = [
            str(Path(__file__).with_name(name))
            for name in ("actor.c", "actor_corners.c", "actor_running.c", "actor_links.c")
        ]
        subprocess.check_call(["gcc", "-O1", "-static", "-s", "-w", "-o", str(out), *parts])
        return out.read_bytes()


def _add(
    tar: tarfile.TarFile, name: str, data: bytes = b"", mode: int = 0o644, **fields: str | bytes
) -> None:
    info = tarfile.TarInfo(name)
    info.mode, info.size = mode, len(data)
    for key, value in fields.items():
        setattr(info, key, value)
    tar.addfile(info, io.BytesIO(data))


def rootfs_tar() -> bytes:
    """/bin/act (also /bin/sh and /bin/second by hard link), scripts, links, files; /inner is a root
    for chroot.
    """
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        _add(tar, "bin/act", compile_actor(), 0o755)
        _add(tar, "bin/sh", mode=0o755, type=tarfile.LNKTYPE, linkname="bin/act")
        _add(tar, "bin/second", mode=0o755, type=tarfile.LNKTYPE, linkname="bin/act")
        _add(tar, "bin/script", b"#!/bin/act stat:/etc/from-script\n", 0o755)
        _add(tar, "bin/nested", b"#!/bin/script\n", 0o755)
        _add(tar, "inner/etc/deep", b"text")
        _add(tar, "data/old/file", b"text")
        _add(tar, "private/.keep")
        _add(tar, "etc/file", b"text")
        _add(tar, "etc/health", b"text")
        _add(tar, "etc/other", b"text")
        _add(tar, "etc/doomed", b"text")
        _add(tar, "etc/link", type=tarfile.SYMTYPE, linkname="file")
        _add(tar, "etc/deep/er/file", b"text")
        _add(tar, "data/one", b"same")
        _add(tar, "data/two", type=tarfile.LNKTYPE, linkname="data/one")
        _add(tar, "lib/library.so", b"\x7fELF" + bytes(8192))
    return out.getvalue()


@dataclass
class DockerContainer:
    """As much of the `Container` port as a sensor uses, with docker's own words."""

    id: str
    removed: bool = field(default=False)

    def start(self) -> None:
        retry_start(lambda: DOCKER.call("start", self.id, doing="starting the container"))

    def mount(self) -> Path | None:
        return None

    def rootfs(self) -> Path | None:
        found = docker("inspect", "-f", "{{.GraphDriver.Data.MergedDir}}", self.id)
        return Path(found) if Path(found).is_dir() else None

    def host_port(self, port: int) -> int | None:
        raise NotImplementedError(port)

    def state(self) -> ContainerState:
        return ContainerState(
            docker("inspect", "-f", "{{.State.Running}}", self.id) == "true", None
        )

    def exec(
        self, argv: tuple[str, ...], timeout: float, *, env: Mapping[str, str] | None = None
    ) -> CommandResult:
        words = [
            word for name, value in (env or {}).items() for word in ("--env", f"{name}={value}")
        ]
        done = subprocess.run(  # noqa: TID251
            ["docker", "exec", *words, self.id, *argv],
            capture_output=True,
            timeout=timeout,
            check=False,
        )
        return CommandResult(done.returncode, done.stdout.decode())

    def changes(self, destination: Path) -> None:
        raise NotImplementedError(destination)

    def logs(self) -> str:
        return docker("logs", self.id)

    def wait(self, timeout: float) -> int | None:
        return int(subprocess.check_output(["docker", "wait", self.id], timeout=timeout))

    def signal(self, name: str) -> None:
        docker("kill", "--signal", name, self.id)

    def restart(self, grace: float) -> None:
        docker("restart", "-t", str(int(grace)), self.id)

    def differing(self) -> frozenset[ImagePath] | None:
        found = docker("inspect", "-f", "{{.GraphDriver.Data.UpperDir}}", self.id)
        return upper_names(Path(found))

    def listening(self) -> tuple[Listening, ...] | None:
        return None

    def ignores(self, signal: str) -> bool:
        raise NotImplementedError(signal)

    def held_up(self) -> float | None:
        return None

    def memory_peak(self) -> int | None:
        return None

    def stop(self, grace: float) -> None:
        docker("stop", "-t", str(int(grace)), self.id)

    def remove(self) -> None:
        if not self.removed:
            docker("rm", "-f", "-v", self.id)
            self.removed = True


def create(*words: str, options: Iterable[str] = (), image: str = IMAGE) -> DockerContainer:
    return DockerContainer(docker("create", "--network", "none", *options, image, *words))


def watch_run(
    sensor: Sensor,
    *words: str,
    options: Iterable[str] = (),
    meanwhile: Callable[[DockerContainer], None] | None = None,
    image: str = IMAGE,
) -> Trace:
    """Run a container of the image to its end under the sensor."""
    container = create(*words, options=options, image=image)
    try:
        watch = sensor.watch(container)
        try:
            container.start()
            watch.started()
            if meanwhile:
                meanwhile(container)
            container.wait(120)
            return replace(watch.finish(), differing=container.differing())
        finally:
            watch.close()
    finally:
        container.remove()


def seen(trace: Trace, use: Use, errno: int = 0) -> set[str]:
    """The paths that were used so: where the kernel got to if known, else as given."""
    return {
        touch.resolved or touch.given
        for touch in trace.touches
        if touch.use is use and touch.errno == errno
    }
