"""The engine podman: what it has in common with the other engines, what only it does, and that
careen finds podman's images and containers without being told.
"""

import json
import os
import signal
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from careen.engines.client.client import PODMAN
from careen.engines.client.engine import ClientEngine
from careen.engines.client.others import watch_other_containers
from careen.engines.select import EngineKind, choose_engine, engine_probes
from careen.model.runs.workload import RunOptions
from careen.pipeline.run.session import session
from careen.pipeline.run.settings import Settings
from careen.pipeline.run.source import open_source
from careen.report.terminal_output.progress import SilentProgress
from careen.sensor.ebpf import EbpfSensor
from careen.tools.workspace import Workspace
from tests.e2e.conftest import Service
from tests.support.careen_command import NO_DAEMON, Careen
from tests.support.engine_bench import Bench, until
from tests.support.layer_engines import docker_daemon
from tests.support.podman_store import podman

pytestmark = [pytest.mark.podman, pytest.mark.root]
FETCH = 'curl -fsS "$BASE_URL/file/usr/share/half/used.txt" | grep -q "half of it"'


@dataclass(frozen=True, slots=True)
class Kept:
    """What a hardening kept, whether its test cases passed on both images, and the layers
    of its result.
    """

    keep_sha256: str
    passed: bool
    layers: tuple[str, ...]


def hardened(careen: Careen, source: str, engine: str, report: str = "") -> Kept:
    report = report or engine
    words = (
        "--engine",
        engine,
        "--test",
        FETCH,
        "-o",
        f"oci:{report}-image",
        "--report-dir",
        report,
    )
    careen("harden", source, *words)
    read = {
        name: json.loads((careen.folder / report / f"{name}.json").read_text())
        for name in ("plan", "verify")
    }
    layout = careen.folder / f"{report}-image"
    (only,) = json.loads((layout / "index.json").read_text())["manifests"]
    manifest = json.loads((layout / "blobs" / only["digest"].replace(":", "/")).read_text())
    # not its digest: `podman load` writes the original's config anew, and the result names it
    layers = tuple(layer["digest"] for layer in manifest["layers"])
    return Kept(read["plan"]["keep_sha256"], read["verify"]["passed"], layers)


@contextmanager
def of_containerds_store(service: Service, careen: Careen) -> Iterator[Careen]:
    """Yield careen in the network of a daemon with containerd's store, which has the image."""
    folder = Path("/tmp") / f"careen-test-keep-{os.getpid()}"  # a socket's path is short
    features = {"containerd-snapshotter": True}
    with docker_daemon(folder, "keep", features, ports=True) as docker:
        docker.load(service.archive)
        network = f"--net=/proc/{(folder / 'pid').read_text().strip()}/ns/net"
        host = {"DOCKER_HOST": f"unix://{folder}/docker.sock"}
        yield replace(careen, env={**careen.env, **host}, starter=("nsenter", network))


@pytest.mark.bpf
@pytest.mark.docker
@pytest.mark.runc
@pytest.mark.usefixtures("in_podman", "in_docker")
def test_all_engines_keep_the_same(service: Service, careen: Careen) -> None:
    name = service.name("original")
    by = {
        "docker": hardened(careen, name, "docker"),
        "podman": hardened(careen, name, "podman"),
        "embedded": hardened(careen, f"docker-archive:{service.archive}", "embedded"),
    }
    with of_containerds_store(service, careen) as there:
        by["containerd"] = hardened(there, name, "docker", "containerd")
    assert all(kept.passed for kept in by.values())
    assert len(set(by.values())) == 1, by


@contextmanager
def running(service: Service, *words: str) -> Iterator[str]:
    name = f"careen-test-{service.mark}-podman"
    podman("run", "-d", "--name", name, "-p", "127.0.0.1::8000", *words, service.name("original"))
    try:
        yield name
    finally:
        podman("rm", "--force", "--time", "0", "--volumes", name)


def ask(name: str, path: str) -> bytes:
    port = podman("port", name, "8000").rpartition(":")[2]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return bytes(answer.read())


def answers(name: str) -> bool:
    try:
        return ask(name, "/health") is not None
    except OSError:
        return False


@pytest.mark.bpf
@pytest.mark.parametrize("engine", ["auto", "podman"])
def test_a_running_container_of_podman_is_recorded(
    in_podman: Service, careen: Careen, engine: str
) -> None:
    with running(in_podman) as name:
        until(lambda: answers(name))
        words = ("--attach", name, "--for", "5s", "--engine", engine, "-o", "rbom.json")
        with ThreadPoolExecutor(1) as pool:
            recording = pool.submit(careen, "profile", *words)
            while not recording.done():
                ask(name, "/file/usr/share/half/used.txt")
                time.sleep(0.2)
            recording.result()
    found = json.loads((careen.folder / "rbom.json").read_text())
    (run,) = found["runs"]
    assert (run["engine"], run["kind"]) == ("podman", "attached")
    assert "/usr/share/half/used.txt" in {item["path"] for item in found["files"]}


@pytest.mark.bpf
def test_a_container_is_guarded_by_its_name(in_podman: Service, careen: Careen) -> None:
    with running(in_podman) as name:
        until(lambda: answers(name))
        careen("profile", "--attach", name, "--for", "1s", "--engine", "podman", "-o", "rbom.json")
        words = ("--rbom", "rbom.json", "--engine", "podman", "-o", "events.jsonl")
        events = careen.folder / "events.jsonl"
        with careen.begun("guard", name, *words) as guard:
            until(lambda: events.exists() and bool(events.read_text()))
            podman("exec", name, "/usr/bin/service", "sleep", "1")
            until(lambda: "clock_nanosleep" in events.read_text())
            podman("kill", name)
            assert guard.status(30) == 2
    assert json.loads(events.read_text().splitlines()[-1])["reason"] == "the container ended"


def reached(items: list[str], count: int) -> bool:
    return len(items) == count


@pytest.mark.bpf
def test_containers_that_tests_start_are_watched(in_podman: Service, space: Workspace) -> None:
    image_id, _ = ClientEngine(space, PODMAN).resolve(in_podman.name("original"))
    watch, created = EbpfSensor().watch_others(), list[str]()

    def tell(container: str) -> None:
        watch.add(container)
        created.append(container)

    name, path = in_podman.name("original"), "/usr/share/half/used.txt"
    try:
        with watch_other_containers(PODMAN, image_id, "io.careen.run", tell) as others:
            for words, watched in (((), 1), (("--label", "io.careen.run=x"), 1), ((), 2)):
                container = podman("create", "--network", "none", *words, name)
                try:
                    # podman writes its events to a file, and `podman run` may start before
                    until(partial(reached, created, watched))
                    podman("start", container)
                    podman("exec", container, "/usr/bin/service", "cat", path)
                finally:
                    podman("rm", "--force", "--time", "0", "--volumes", container)
            until(lambda: others.started == 2)
        traces = tuple(watch.finish().values())
    finally:
        watch.close()
    assert len(traces) == 2
    assert all(
        any(touch.given == "/usr/share/half/used.txt" for touch in trace.touches)
        for trace in traces
    )


def test_past_starts_by_others_are_counted(in_podman: Service, space: Workspace) -> None:
    engine = ClientEngine(space, PODMAN)
    begun = time.time()
    words = ("run", "--rm", "--network", "none")
    name = in_podman.name("original")
    for extra in ((), ("--label", "io.careen.run=x"), ()):
        podman(*words, *extra, name, "cat", "/usr/share/half/used.txt")
    assert engine.count_other_starts(engine.prepare_existing(name), begun) == 2


def test_a_name_that_docker_lacks_is_podmans(in_podman: Service, tmp_path: Path) -> None:
    name = in_podman.name("only-podman")
    podman("tag", in_podman.name("original"), name)
    with (
        session(Settings(tmp_path / "work"), SilentProgress()) as run,
        open_source(name, run) as image,
    ):
        assert run.store.name == "podman"
        assert image.reference == name


@pytest.mark.bpf
def test_auto_is_podman_where_no_docker_answers(in_podman: Service, tmp_path: Path) -> None:
    careen = Careen(tmp_path, {"DOCKER_HOST": NO_DAEMON["DOCKER_HOST"]})
    words = ("--test", FETCH, "-t", in_podman.name("auto"), "--report-dir", "report")
    careen("harden", in_podman.name("original"), *words)
    found = json.loads((tmp_path / "report" / "rbom.json").read_text())
    assert {run["engine"] for run in found["runs"]} == {"podman"}
    name = in_podman.name("auto")
    assert podman("run", "--rm", "--network", "none", name, "cat", "/usr/share/half/used.txt")
    podman("image", "rm", name)


@pytest.mark.bpf
@pytest.mark.parametrize(
    "moment",
    ["profile: workload default: test 1 of 1", "verify: loading the new image"],
    ids=["testing", "loading"],
)
def test_the_next_command_cleans_up_after_sigkill(
    in_podman: Service, careen: Careen, moment: str
) -> None:
    before = podman("images", "--quiet", "--no-trunc").split()
    test = "echo $$ > pid; sleep 876543" if "test 1" in moment else FETCH
    words = ("--engine", "podman", "--test", test, "-t", in_podman.name("killed"))
    name = in_podman.name("original")
    ended = careen.interrupted("harden", name, *words, when=moment, by=signal.SIGKILL)
    assert ended.status == -signal.SIGKILL
    assert careen.runs()

    def is_cleaned() -> bool:
        careen.next_run()
        return careen.runs() == []

    until(is_cleaned)
    assert podman("ps", "--all", "--quiet", "--filter", "label=io.careen.run") == ""
    assert podman("images", "--quiet", "--no-trunc").split() == before


def test_podman_without_its_service_is_told(
    monkeypatch: pytest.MonkeyPatch, careen: Careen
) -> None:
    monkeypatch.setenv("CONTAINER_HOST", "unix:///nonexistent/podman.sock")
    (probe,) = (each for each in engine_probes() if each.name == "podman")
    assert not probe.usable
    assert "podman" in probe.detail.lower()
    ended = careen("profile", "x:1", "--engine", "podman", "--test", "true", status=1)
    assert ended.complaint.startswith("careen: ")
    assert "podman cannot be used" in ended.complaint


@pytest.fixture
def bench(space: Workspace, probe: bytes) -> Bench:
    return Bench(choose_engine(EngineKind.PODMAN, space), probe)


def test_options_mean_what_they_mean_to_podman(bench: Bench, tmp_path: Path) -> None:
    lines = bench.with_config(Env=["PATH=/bin", "A=image"], Cmd=["env"]).run(env=("A", "B=1")).lines
    assert {"container=podman", "A=image", "B=1"} <= set(lines)
    assert bench.run("put", "/tmp/file", "x", read_only=True).status == 0
    assert bench.run("put", "/file", "x", read_only=True).output == "/file: EROFS\n"
    missing = f"{tmp_path}/none:/none"
    with pytest.raises(Exception, match="no such file or directory"):
        bench.run("id", volumes=(missing,))


@pytest.mark.bpf
def test_a_container_is_set_up_before_its_first_exec(bench: Bench) -> None:
    made = bench.engine.create(bench.prepared(), RunOptions(args=("wait",)), (), held=True)
    try:
        root = made.mount()
        assert root is not None
        assert os.path.ismount(root)
        assert (root / "bin" / "probe").exists()
        assert not made.state().running
        made.start()
        assert made.state().running
        assert made.rootfs() == root
    finally:
        made.remove()


def test_a_program_that_is_not_there_fails_at_the_start(bench: Bench) -> None:
    made: Any = bench.engine.create(bench.prepared(), RunOptions(entrypoint="/none"), (), held=True)
    try:
        assert made.mount() is None
        with pytest.raises(Exception, match="no such file or directory"):
            made.start()
    finally:
        made.remove()
