"""What the engines do when careen, the daemon, the disk or the memory gives way: one clear line,
and nothing left after the next run.
"""

import errno
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from careen.engines import mounts
from careen.engines.client.client import DOCKER
from careen.engines.client.engine import ClientEngine
from careen.engines.embedded.engine import EmbeddedEngine
from careen.engines.leftovers import cleaners
from careen.engines.select import EngineKind, choose_engine, engine_probes
from careen.errors import InputError, ToolError
from careen.model.runs.engine import PreparedImage
from careen.model.runs.workload import RunOptions
from careen.oci.changes.append import append_layer
from careen.oci.changes.edit import HistoryNote
from careen.oci.image import Image
from careen.oci.open import open_image
from careen.oci.reference import DockerArchive
from careen.oci.write import write_docker_archive
from careen.tools import process
from careen.tools.workspace import reap, workspace
from tests.support.careen_command import NO_DAEMON
from tests.support.engine_bench import ALL, Bench, until
from tests.support.images import file, layer
from tests.support.probe_image import ProbeImage

CHECKOUT = Path(__file__).resolve().parent.parent.parent

VICTIM = """
import sys, time
from pathlib import Path
from careen.engines.select import EngineKind, choose_engine, cleaners
from careen.model.runs.workload import RunOptions
from careen.tools.workspace import workspace
from tests.support.careen_command import NO_DAEMON
from tests.support.engine_bench import Bench
with workspace(Path(sys.argv[1]), cleaners()) as space:
    bench = Bench(choose_engine(EngineKind(sys.argv[2]), space), Path(sys.argv[3]).read_bytes()).with_config(Volumes={"/data": {}})
    made = bench.engine.create(bench.prepared(), RunOptions(args=("wait", "deaf"), volumes=("careen-test-kept:/kept",)), (8000,))
    made.start()
    print(made.id, bench.image.ref.config_digest, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def named_volume() -> Iterator[None]:
    """Engines keep a named volume when its container goes, as its user expects: the test removes
    its own.
    """
    yield
    for client in filter(shutil.which, ("docker", "podman")):
        subprocess.run(  # noqa: TID251
            [client, "volume", "rm", "--force", "careen-test-kept"],
            capture_output=True,
            check=False,
        )


def processes_of(container_id: str) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if container_id in (entry / "cgroup").read_text():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def mounts_below(path: Path) -> list[str]:
    return [
        line.split()[1]
        for line in Path("/proc/mounts").read_text().splitlines()
        if line.split()[1].startswith(f"{path}/")
    ]


@pytest.mark.root
@pytest.mark.parametrize("kind", ALL)
@pytest.mark.usefixtures("named_volume")
def test_the_next_run_cleans_up_after_sigkill(
    kind: EngineKind, tmp_path: Path, probe: bytes
) -> None:
    root, program = tmp_path / "work", tmp_path / "probe"
    program.write_bytes(probe)
    victim = subprocess.Popen(
        [sys.executable, "-c", VICTIM, str(root), kind.value, str(program)],
        stdout=subprocess.PIPE,
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
    )
    assert victim.stdout is not None
    try:
        container_id, image_id = victim.stdout.readline().decode().split()
    finally:
        victim.kill()
        victim.wait()
        victim.stdout.close()
    until(lambda: bool(processes_of(container_id)))
    assert len(list(root.iterdir())) == 1

    assert reap(root, cleaners()) == ()
    assert list(root.iterdir()) == []
    until(
        lambda: not processes_of(container_id)
    )  # killed; its zombie is for the machine's first process
    assert mounts_below(tmp_path) == []
    assert not list(Path("/sys/fs/cgroup").glob(f"**/{container_id}"))
    if kind is EngineKind.DOCKER:
        assert DOCKER.inspect_image(image_id) is None
        assert process.run(("docker", "container", "inspect", container_id), timeout=30).status != 0


@pytest.fixture
def socket_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A name for docker's socket that a test can take away; podman does not answer."""
    name = Path(f"/tmp/careen-test-{os.getpid()}.sock")
    monkeypatch.setenv("DOCKER_HOST", f"unix://{name}")
    monkeypatch.setenv("CONTAINER_HOST", NO_DAEMON["CONTAINER_HOST"])
    yield name
    name.unlink(missing_ok=True)


@pytest.mark.docker
def test_a_daemon_that_dies_in_the_middle(
    socket_name: Path, tmp_path: Path, probe: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket_name.symlink_to("/var/run/docker.sock")
    names: list[str] = []

    def work() -> None:
        with workspace(tmp_path / "work", cleaners()) as space:
            # An image of its own: one that a test beside this one runs as well would rightly stay,
            # and the directory with it.
            bench = Bench(ClientEngine(space, DOCKER), probe).with_config(
                Labels={"test": "a daemon that dies"}
            )
            made = bench.engine.create(bench.prepared(), RunOptions(args=("wait",)), ())
            made.start()
            names.append(made.id)
            socket_name.unlink()
            for call in (
                made.state,
                made.logs,
                made.remove,
                lambda: made.wait(5),
                lambda: made.exec(("/bin/probe",), 5),
                lambda: made.stop(1),
            ):
                with pytest.raises(ToolError, match=r"[Cc]annot connect|does not answer") as caught:
                    call()
                assert "\n" not in str(caught.value)

    with pytest.raises(ToolError, match="the next run tries again"):
        work()
    trouble = reap(tmp_path / "work", cleaners())
    assert len(trouble) == 1
    assert "daemon does not answer" in trouble[0]
    monkeypatch.delenv("DOCKER_HOST")
    assert processes_of(names[0])
    assert reap(tmp_path / "work", cleaners()) == ()
    assert processes_of(names[0]) == []
    assert list((tmp_path / "work").iterdir()) == []


def test_no_daemon(socket_name: Path, tmp_path: Path) -> None:
    lack = DOCKER.probe()
    assert lack is not None
    assert "docker" in lack.why.lower()
    probes = {each.name: each for each in engine_probes()}
    assert not probes["docker"].usable
    assert "docker.io" in probes["docker"].remedy
    with (
        workspace(tmp_path / "work", cleaners()) as space,
        pytest.raises(ToolError, match="--engine embedded"),
    ):
        choose_engine(EngineKind.DOCKER, space)


@pytest.mark.runc
def test_auto_takes_the_embedded_engine_when_no_daemon_answers(
    socket_name: Path, tmp_path: Path
) -> None:
    with workspace(tmp_path / "work", cleaners()) as space:
        assert choose_engine(EngineKind.AUTO, space).name == "embedded"


@pytest.mark.docker
def test_auto_takes_the_daemon_that_answers(tmp_path: Path) -> None:
    with workspace(tmp_path / "work", cleaners()) as space:
        assert choose_engine(EngineKind.AUTO, space).name == "docker"


@pytest.mark.docker
def test_a_daemon_that_hangs_does_not_hang_us(socket_name: Path) -> None:
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(socket_name))
        deaf.listen()
        begun = time.monotonic()
        lack = DOCKER.probe()
        assert lack is not None
        assert "does not answer" in lack.why
        assert time.monotonic() - begun < 15


def test_neither_engine(socket_name: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with (
        workspace(tmp_path / "work", cleaners()) as space,
        pytest.raises(ToolError, match=r"docker: .*embedded: it needs root") as caught,
    ):
        choose_engine(EngineKind.AUTO, space)
    assert "apt-get install" in str(caught.value)


@pytest.mark.runc
def test_disk_full(tmp_path: Path, probe: bytes) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounts._mount("tmpfs", small, "tmpfs", "size=4m")
    try:
        image = ProbeImage(
            probe, {"Cmd": ["/bin/probe"]}, {"/large": (b"x" * (8 << 20), 0o644, 0, 0)}
        )
        with workspace(small / "work", cleaners()) as space:
            with pytest.raises(ToolError, match=r"no space left.*--work-dir") as caught:
                EmbeddedEngine(space).prepare(image)
            assert "\n" not in str(caught.value)
            assert not [entry for entry in space.path.iterdir() if entry.name.startswith("image-")]
        assert list((small / "work").iterdir()) == []
    finally:
        mounts.unmount(str(small))


@pytest.mark.runc
def test_a_work_directory_on_an_overlay_keeps_changes_in_memory(
    tmp_path: Path, probe: bytes
) -> None:
    (tmp_path / "lower").mkdir()
    outer = tmp_path / "outer"
    outer.mkdir()
    with workspace(tmp_path / "first", cleaners()) as first:
        place, _ = mounts.mount_overlay(tmp_path / "lower", outer, first)
        with workspace(place / "work", cleaners()) as space:
            bench = Bench(EmbeddedEngine(space), probe)
            assert bench.run("put", "/tmp/x", "text").status == 0
            assert bench.run("stat", "/tmp/x").status == 1
            assert bench.run("stat", "/").output == "40755 0:0 0\n"
        assert list((place / "work").iterdir()) == []
    assert mounts_below(tmp_path) == []


@pytest.mark.root
@pytest.mark.parametrize("kind", ALL)
def test_the_kernel_ends_a_container_for_want_of_memory(
    kind: EngineKind, tmp_path: Path, probe: bytes
) -> None:
    with workspace(tmp_path / "work", cleaners()) as space:
        bench = Bench(choose_engine(kind, space), probe)
        with bench.container(RunOptions(args=("eat", "3"))) as made:
            made.start()
            until(lambda: "hungry" in made.logs())
            limit(kind, made.id)
            assert made.wait(60) == 137
            state = made.state()
            assert (state.running, state.exit_code, state.oom_killed) == (False, 137, True)


def limit(kind: EngineKind, container_id: str) -> None:
    if kind is EngineKind.DOCKER:
        subprocess.check_call(
            ["docker", "update", "--memory", "30m", "--memory-swap", "30m", container_id],
            stdout=subprocess.DEVNULL,
        )
        return
    for pattern, name in (
        (f"memory/**/*{container_id}", "memory.limit_in_bytes"),
        (f"**/*{container_id}", "memory.max"),
    ):
        for directory in Path("/sys/fs/cgroup").glob(pattern):
            if (directory / name).exists():
                (directory / name).write_text(str(30 << 20))
                return
    pytest.fail("the container has no memory control group")


@pytest.mark.docker
def test_images_go_in_and_out_of_docker(tmp_path: Path, probe: bytes) -> None:
    with workspace(tmp_path / "work", cleaners()) as space:
        engine = ClientEngine(space, DOCKER)
        image = ProbeImage(probe, {"Cmd": ["/bin/probe"], "Labels": {"test": "in and out"}})
        loaded = engine.load(image.write, image.ref.config_digest)
        assert loaded.handle == image.ref.config_digest
        name = "careen-test/kept:one"
        engine.tag(loaded, name)
        try:
            assert engine.resolve(name) == (image.ref.config_digest, ())
            again = engine.load(image.write, image.ref.config_digest)
            engine.discard(again)
            engine.discard(loaded)
            assert engine.prepare_existing(name) == PreparedImage(
                image.ref.config_digest, image.ref.config_digest
            )
            engine.discard(engine.prepare_existing(name))
            engine.export(name, tmp_path / "out.tar")
            assert (tmp_path / "out.tar").stat().st_size > len(probe)
        finally:
            subprocess.check_call(["docker", "rmi", name], stdout=subprocess.DEVNULL)
        assert DOCKER.inspect_image(image.ref.config_digest) is None
        with pytest.raises(InputError, match=r"careen-test/kept:one.*docker pull"):
            engine.export(name, tmp_path / "none.tar")


@pytest.mark.docker
def test_a_loaded_image_without_a_name_goes_with_the_run(tmp_path: Path, probe: bytes) -> None:
    image = ProbeImage(probe, {"Cmd": ["/bin/probe"], "Labels": {"test": "goes"}})
    with workspace(tmp_path / "work", cleaners()) as space:
        ClientEngine(space, DOCKER).load(image.write, image.ref.config_digest)
        assert DOCKER.inspect_image(image.ref.config_digest) is not None
    assert DOCKER.inspect_image(image.ref.config_digest) is None


@pytest.mark.docker
def test_an_image_that_another_run_uses_waits_for_the_next(tmp_path: Path, probe: bytes) -> None:
    image = ProbeImage(probe, {"Cmd": ["/bin/probe", "wait"], "Labels": {"test": "shared by two"}})
    with workspace(tmp_path / "second", cleaners()) as second:
        with workspace(tmp_path / "first", cleaners()) as first:
            engine = ClientEngine(first, DOCKER)
            loaded = engine.load(image.write, image.ref.config_digest)
            other = ClientEngine(second, DOCKER)
            other.create(other.load(image.write, image.ref.config_digest), RunOptions(), ()).start()
            engine.discard(loaded)
        assert [image.ref.config_digest in sentence for sentence in first.still_used] == [True]
        assert DOCKER.inspect_image(image.ref.config_digest) is not None
    assert reap(tmp_path / "first", cleaners()) == ()
    assert DOCKER.inspect_image(image.ref.config_digest) is None
    assert list((tmp_path / "first").iterdir()) == []


@pytest.mark.docker
def test_layers_that_docker_has_are_not_sent_again(
    tmp_path: Path, probe: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []

    def counted(
        image: Image,
        stream: BinaryIO,
        tags: tuple[str, ...] = (),
        present: Collection[str] = (),
        *,
        docker_form: bool = False,
    ) -> None:
        sent.append(sum(str(layer.diff_id) not in present for layer in image.layers))
        write_docker_archive(image, stream, tags, present, docker_form=docker_form)

    monkeypatch.setattr("careen.engines.client.engine.write_docker_archive", counted)
    made = ProbeImage(probe, {"Cmd": ["/bin/probe", "cat", "/more"], "Labels": {"test": "shared"}})
    archive, more = tmp_path / "image.tar", tmp_path / "more.tar"
    with archive.open("wb") as out:
        made.write(out)
    more.write_bytes(layer(file("more", "m")))
    with (
        workspace(tmp_path / "work", cleaners()) as space,
        open_image(DockerArchive(archive, None), None, tmp_path) as image,
    ):
        engine = ClientEngine(space, DOCKER)
        first = engine.load_image(image)
        with append_layer(image, more, HistoryNote("more"), {}, "2025-01-01T00:00:00Z") as larger:
            second = engine.load_image(larger)
            assert sent == [len(image.layers), 1]
            container = engine.create(second, RunOptions(), ())
            try:
                container.start()
                assert container.wait(20) == 0
                assert "m" in container.logs()
            finally:
                container.remove()
            # somebody removes both: what was known is not so any more, and all is sent
            subprocess.check_call(
                ["docker", "rmi", second.handle, first.handle], stdout=subprocess.DEVNULL
            )
            engine.load_image(larger)
            assert sent == [len(image.layers), 1, 0, len(larger.layers)]


@pytest.mark.docker
def test_a_broken_archive_is_dockers_complaint_in_one_line(tmp_path: Path) -> None:
    with workspace(tmp_path / "work", cleaners()) as space:
        with pytest.raises(ToolError, match="loading the image into docker") as caught:
            ClientEngine(space, DOCKER).load(
                lambda stream: stream.write(b"nonsense" * 100) and None, "sha256:" + "0" * 64
            )
        assert "\n" not in str(caught.value)


@pytest.mark.docker
def test_what_the_writer_raises_comes_through(tmp_path: Path) -> None:
    def write(_: object) -> None:
        raise OSError(errno.EIO, "the layer is gone")

    with (
        workspace(tmp_path / "work", cleaners()) as space,
        pytest.raises(OSError, match="the layer is gone"),
    ):
        ClientEngine(space, DOCKER).load(write, "sha256:" + "0" * 64)


def test_names_that_are_options_are_refused() -> None:
    for name in ("--all", "", "a b"):
        with pytest.raises(InputError, match="not an image name"):
            DOCKER.inspect_image(name)


@pytest.mark.runc
def test_gpus_need_a_description(tmp_path: Path, probe: bytes) -> None:
    with (
        workspace(tmp_path / "work", cleaners()) as space,
        pytest.raises(ToolError, match=r"no CDI device nvidia\.com/gpu=all .*nvidia-ctk"),
    ):
        Bench(EmbeddedEngine(space), probe).run(gpus="all")


@pytest.mark.runc
def test_a_port_that_is_taken_is_an_error_and_leaves_nothing(tmp_path: Path, probe: bytes) -> None:
    with workspace(tmp_path / "work", cleaners()) as space:
        bench = Bench(EmbeddedEngine(space), probe)
        before = len(list(Path("/proc/self/fd").iterdir()))
        with socket.socket() as holder:
            holder.bind(("127.0.0.1", 0))
            holder.listen()
            with pytest.raises(InputError, match=r"Address already in use.*-p"):
                bench.run(ports=(f"{holder.getsockname()[1]}:80",))
        assert len(list(Path("/proc/self/fd").iterdir())) == before
        assert mounts_below(tmp_path) == []


@pytest.mark.runc
def test_named_volumes_live_as_long_as_the_run(tmp_path: Path, probe: bytes) -> None:
    with workspace(tmp_path / "work", cleaners()) as space:
        bench = Bench(EmbeddedEngine(space), probe)
        assert bench.run("put", "/data/x", "kept", volumes=("named:/data",)).status == 0
        assert bench.run("cat", "/data/x", volumes=("named:/data",)).output == "kept"
        assert bench.run("cat", "/data/x", volumes=("/data",)).status == 1


@pytest.mark.runc
def test_nothing_leaves_the_embedded_network(tmp_path: Path, probe: bytes) -> None:
    with workspace(tmp_path / "work", cleaners()) as space:
        lines = Bench(EmbeddedEngine(space), probe).run("cat", "/proc/net/dev").lines
    assert [line.split(":")[0].strip() for line in lines if ":" in line] == ["lo"]


@pytest.mark.runc
def test_a_container_that_was_never_started_leaves_nothing(tmp_path: Path, probe: bytes) -> None:
    with workspace(tmp_path / "work", cleaners()) as space:
        bench = Bench(EmbeddedEngine(space), probe)
        made = bench.engine.create(bench.prepared(), RunOptions(), (80,))
        assert made.state().running is False
        assert made.logs() == ""
        made.stop(1)
        made.remove()
        bench.engine.discard(bench.prepared())
        assert mounts_below(tmp_path) == []
