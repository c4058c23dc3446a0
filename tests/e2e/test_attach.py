"""Attaching to a container that runs: docker's by name, anybody's by its control group; what the
RBOM then says, and what ends a recording.
"""

import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from careen.engines.embedded.engine import EmbeddedEngine
from careen.engines.leftovers import cleaners
from careen.errors import InputError
from careen.model.rbom import RunKind, RuntimeBom
from careen.model.runs.meter import Meter
from careen.model.runs.trace import Phase, Use
from careen.model.runs.workload import RunOptions
from careen.oci.open import open_image
from careen.oci.reference import DockerArchive
from careen.pipeline.attach import attach
from careen.pipeline.run.session import Session, session
from careen.pipeline.run.settings import Settings
from careen.rbom.store import read_rbom, write_rbom
from careen.report.terminal_output.progress import SilentProgress, Stage
from careen.sensor.ebpf import EbpfSensor
from careen.tools.workspace import workspace
from tests.e2e.conftest import Service
from tests.support.careen_command import docker
from tests.support.engine_bench import until
from tests.support.images import docker_archive, file, layer

pytestmark = [pytest.mark.root, pytest.mark.bpf]


@dataclass
class Acting:
    """A stage that does something once it says that it records; Session gives it what careen
    says.
    """

    stage: Stage
    act: Callable[[], object]
    done: bool = False

    @property
    def seconds(self) -> float:
        return self.stage.seconds

    def say(self, what: str, meter: Meter | None = None) -> None:  # noqa: ARG002 — the port's
        if what.startswith("recording") and not self.done:
            self.done = True
            self.act()


class ActingProgress(SilentProgress):
    """Progress whose stages act."""

    def __init__(self, act: Callable[[], object]) -> None:
        self._act = act
        self.notes: list[str] = []

    @contextmanager
    def stage(self, name: str) -> Iterator[Stage]:
        with super().stage(name) as stage:
            yield Acting(stage, self._act)

    def note(self, text: str) -> None:
        self.notes.append(text)


@contextmanager
def a_session(folder: Path, act: Callable[[], object]) -> Iterator[Session]:
    with session(Settings(folder / "work"), ActingProgress(act)) as opened:
        yield opened
    assert list((folder / "work").iterdir()) == []


@dataclass(frozen=True)
class Running:
    """The service of the tests in docker, already serving."""

    name: str

    def ask(self, path: str) -> bytes:
        port = docker("port", self.name, "8000").rpartition(":")[2].strip()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return bytes(answer.read())

    def answers(self) -> bool:
        try:
            return self.ask("/health") is not None
        except OSError:
            return False


@pytest.fixture
def web(in_docker: Service) -> Iterator[Running]:
    running = Running(f"careen-test-{in_docker.mark}-web")
    docker("run", "-d", "--name", running.name, "-p", "127.0.0.1::8000", in_docker.name("original"))
    try:
        until(running.answers)
        yield running
    finally:
        docker("rm", "-f", "-v", running.name)


def uses(bom: RuntimeBom, path: str) -> set[tuple[Use, Phase]]:
    return {
        (use.use, phase)
        for file in bom.files
        if file.path == path
        for use in file.uses
        for phase in use.phases
    }


@pytest.mark.docker
def test_a_service_of_docker_is_recorded_at_its_work_and_left_as_it_is(
    in_docker: Service, web: Running, tmp_path: Path
) -> None:
    before = docker(
        "inspect", "-f", "{{.State.StartedAt}} {{.State.Pid}} {{.RestartCount}}", web.name
    )
    with a_session(tmp_path, lambda: web.ask("/file/app/current/settings.txt")) as opened:
        bom = attach(web.name, None, 2.0, None, opened)
    (run,) = bom.runs
    assert (run.kind, run.workload, run.checked, run.engine, run.tests) == (
        RunKind.ATTACHED,
        f"attached:{web.name}",
        "observation",
        "docker",
        (),
    )
    assert run.command == ("/usr/bin/service", "serve", "8000")
    assert run.seconds >= 2.0
    assert run.sensor.complete, run.sensor.losses
    assert run.sensor.notes[0].startswith("attached to a container that ran already")
    assert not [note for note in run.sensor.notes if "ended" in note or "changed" in note]
    assert bom.image.reference == in_docker.name("original")
    assert (Use.EXECUTED, Phase.START) in uses(bom, "/usr/bin/service")
    assert (Use.OPENED, Phase.SERVING) in uses(bom, "/app/releases/2.1/settings.txt")
    assert uses(bom, "/app/current") == {(Use.TRAVERSED, Phase.SERVING)}
    assert uses(bom, "/opt/leftover.txt") == set()
    assert read_rbom(write_rbom(bom)) == bom
    assert (
        docker("inspect", "-f", "{{.State.StartedAt}} {{.State.Pid}} {{.RestartCount}}", web.name)
        == before
    )
    assert web.answers()


@pytest.mark.docker
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_recording_and_what_there_is_is_kept(
    web: Running, tmp_path: Path, number: signal.Signals
) -> None:
    handler = signal.getsignal(number)

    def interrupt() -> None:
        web.ask("/file/usr/share/half/used.txt")
        os.kill(os.getpid(), number)

    began = time.monotonic()
    with a_session(tmp_path, interrupt) as opened:
        bom = attach(web.name, None, 24 * 3600.0, None, opened)
    assert time.monotonic() - began < 60
    assert (Use.OPENED, Phase.SERVING) in uses(bom, "/usr/share/half/used.txt")
    assert [note for note in bom.runs[0].sensor.notes if note.endswith(": it was told to stop")]
    assert signal.getsignal(number) is handler


@pytest.mark.docker
def test_a_container_that_ends_ends_the_recording(web: Running, tmp_path: Path) -> None:
    def end() -> None:
        web.ask("/file/usr/share/half/used.txt")
        docker("kill", web.name)

    with a_session(tmp_path, end) as opened:
        bom = attach(web.name, None, 24 * 3600.0, None, opened)
    assert (Use.OPENED, Phase.SERVING) in uses(bom, "/usr/share/half/used.txt")
    assert [note for note in bom.runs[0].sensor.notes if note.endswith(": the container ended")]
    with (
        a_session(tmp_path, lambda: None) as opened,
        pytest.raises(InputError, match=f"container '{web.name}' does not run"),
    ):
        attach(web.name, None, 1.0, None, opened)


@pytest.mark.docker
def test_a_sensor_that_fills_up_ends_the_recording_before_anything_is_lost(
    web: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service that invents names all day."""

    def invent() -> None:
        for number in range(200):
            with pytest.raises(urllib.error.HTTPError):
                web.ask(f"/file/invented-{number}")

    monkeypatch.setattr("careen.pipeline.attach.FULL", 0.5)
    with a_session(tmp_path, invent) as opened:
        opened._sensor = EbpfSensor({"names": 400})
        bom = attach(web.name, None, 24 * 3600.0, None, opened)
    assert bom.completeness.complete, bom.runs[0].sensor.losses
    assert [
        note
        for note in bom.runs[0].sensor.notes
        if note.endswith(": the sensor's name table is full; the recording so far is complete")
    ]
    assert {missed.path for missed in bom.missed} >= {"/invented-0", "/invented-199"}


@pytest.mark.docker
def test_the_wrong_image_is_refused(in_docker: Service, web: Running, tmp_path: Path) -> None:
    other = docker_archive(
        tmp_path / "other.tar", [layer(*(file(f"other-{i}", "x") for i in range(5)))]
    )
    with a_session(tmp_path, lambda: None) as opened:
        with pytest.raises(
            InputError,
            match=r"is not of image .*: 5 of 5 files that were compared are missing or differ",
        ):
            attach(web.name, None, 1.0, f"docker-archive:{other}", opened)
        identifier = docker("inspect", "-f", "{{.Id}}", web.name).strip()[:12]
        (run,) = attach(identifier, None, 0.1, f"docker-archive:{in_docker.archive}", opened).runs
    assert (run.kind, run.workload) == (RunKind.ATTACHED, f"attached:{web.name}")


@pytest.mark.runc
def test_a_container_of_another_engine_is_found_by_its_control_group(
    service: Service, tmp_path: Path
) -> None:
    with (
        workspace(tmp_path / "theirs", cleaners()) as theirs,
        open_image(DockerArchive(service.archive), None, tmp_path / "scratch") as image,
    ):
        engine = EmbeddedEngine(theirs)
        container = engine.create(engine.prepare(image), RunOptions(network="none"), (8000,))
        try:
            container.start()
            group = Path(f"/careen/{container.id}")
            asked = ("/usr/bin/service", "cat", "/usr/share/half/used.txt")
            with a_session(tmp_path, lambda: container.exec(asked, 30)) as opened:
                bom = attach(None, group, 1.0, f"docker-archive:{service.archive}", opened)
                with pytest.raises(
                    InputError,
                    match="nothing tells which image the container of a control group is of",
                ):
                    attach(None, group, 1.0, None, opened)
            assert container.state().running
        finally:
            container.remove()
    (run,) = bom.runs
    assert (run.workload, run.engine, run.command) == (
        f"attached:{group}",
        "none",
        ("/usr/bin/service", "serve", "8000"),
    )
    assert bom.completeness.complete
    assert (Use.EXECUTED, Phase.START) in uses(bom, "/usr/bin/service")
    assert (Use.OPENED, Phase.SERVING) in uses(bom, "/usr/share/half/used.txt")


def test_one_of_the_two_has_to_be_named(tmp_path: Path) -> None:
    with a_session(tmp_path, lambda: None) as opened:
        for container, group in ((None, None), ("web", Path("/docker/x"))):
            with pytest.raises(InputError, match="expected either a container or a control group"):
                attach(container, group, 1.0, None, opened)
