"""Images read where docker and podman keep them, by daemons and a store of the test's own: the same
bytes as `save` writes, and nothing when the store holds others.
"""

import os
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, Protocol

import pytest

from careen.engines.client.client import DOCKER, PODMAN, Client
from careen.engines.client.engine import ClientEngine
from careen.engines.leftovers import cleaners
from careen.engines.stores.take import OpenRequest, open_in_place
from careen.errors import ToolError
from careen.model.paths import ImagePath
from careen.model.runs.run_budget import RunBudget
from careen.oci.image import Image
from careen.oci.open import open_image
from careen.oci.reference import DockerArchive
from careen.pipeline.run.session import session
from careen.pipeline.run.settings import Settings
from careen.pipeline.run.source import open_source
from careen.report.terminal_output.progress import SilentProgress
from careen.tools.process import Finished
from careen.tools.workspace import Workspace, workspace
from tests.support.images import directory, docker_archive, file, hardlink, layer, symlink, whiteout
from tests.support.layer_engines import Docker, docker_daemon, until_listens
from tests.support.podman_store import podman

LAYERS = (
    layer(
        directory("etc"), file("etc/os-release", "ID=debian\n"), directory("usr"), directory("usr/lib"), file("usr/lib/big", b"x" * 3_000_000),
        symlink("lib", "usr/lib"), file("usr/lib/empty"), hardlink("usr/lib/again", "etc/os-release"), file("usr/lib/" + "long" * 60, b"named at length"),
    ),
    layer(file("usr/lib/naïve name", b"second"), whiteout("etc/os-release"), file("usr/lib/x", b"x" * 511)),
    layer(file("usr/lib/x", b"third"), form=tarfile.GNU_FORMAT),
)  # fmt: skip
NAME = "careen-stored:1"

pytestmark = pytest.mark.root


class Store(Protocol):
    """An engine of the test's own with one image."""

    @property
    def client(self) -> Client: ...

    @property
    def image_id(self) -> str: ...

    @property
    def data(self) -> Path: ...

    def elsewhere(self) -> AbstractContextManager[None]:
        """Let it seem to be on another machine."""

    def refuses_removal(self) -> bool: ...

    def containers(self) -> object: ...

    def volumes(self) -> object: ...


def files_of(store: Store) -> list[Path]:
    """Return what the bytes of the image lie in: files of its layers, or blobs."""
    found = [
        *store.data.glob("overlay*/*/diff/usr/lib/*"),
        *store.data.glob("containerd/daemon/*content/blobs/sha256/*"),
    ]
    return [path for path in found if path.is_file() and not path.is_symlink()]


@dataclass(frozen=True, slots=True)
class OfDocker:
    docker: Docker
    image_id: str
    client: Client = DOCKER

    @property
    def data(self) -> Path:
        return self.docker.folder / "data"

    def refuses_removal(self) -> bool:
        return self.docker.client.delete(f"/images/{self.image_id}").status_code == 409

    def containers(self) -> object:
        return self.docker.client.get("/containers/json", params={"all": "1"}).json()

    def volumes(self) -> object:
        return self.docker.client.get("/volumes").json()["Volumes"]

    @contextmanager
    def elsewhere(self) -> Iterator[None]:
        path = self.data / "engine-id"
        own = path.read_text()
        try:
            path.write_text("another")
            yield
        finally:
            path.write_text(own)


@dataclass(frozen=True, slots=True)
class OfPodman:
    image_id: str
    client: Client = PODMAN

    @property
    def data(self) -> Path:
        return Path(podman("info", "--format", "{{.Store.GraphRoot}}"))

    def refuses_removal(self) -> bool:
        try:
            podman("image", "rm", self.image_id)
        except subprocess.CalledProcessError:
            return True
        return False

    def containers(self) -> object:
        return podman("ps", "--all", "--quiet", "--external").split()

    def volumes(self) -> object:
        return podman("volume", "ls", "--quiet").split()

    @contextmanager
    def elsewhere(self) -> Iterator[None]:
        with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
            address = f"unix://{folder}/podman.sock"
            argv = ["podman", "system", "service", "--time", "0", address]
            with subprocess.Popen(argv, stderr=subprocess.DEVNULL) as service:
                try:
                    until_listens(Path(folder) / "podman.sock", service)
                    patch.setenv("CONTAINER_HOST", address)
                    yield
                finally:
                    service.terminate()


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("overlay2", marks=pytest.mark.docker),
        pytest.param("containerd", marks=pytest.mark.docker),
        pytest.param("podman", marks=pytest.mark.podman),
    ],
)
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    saved = docker_archive(
        tmp_path_factory.mktemp("saved") / "image.tar",
        LAYERS,
        [NAME],
        {"config": {"Volumes": {"/usr/lib": {}, "/etc/app.conf": {}}}},
    )
    if request.param == "podman":
        podman("load", "--input", str(saved))
        found = PODMAN.inspect_image(NAME)
        assert found is not None
        yield OfPodman(str(found["Id"]))
        podman("image", "rm", NAME)
        return
    folder = (
        Path("/tmp") / f"careen-test-stores-{request.param}-{os.getpid()}"
    )  # a socket's path is short
    features = {"containerd-snapshotter": request.param == "containerd"}
    with (
        docker_daemon(folder, "stores", features) as docker,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("DOCKER_HOST", f"unix://{folder}/docker.sock")
        loaded = docker.client.post(
            "/images/load",
            content=saved.read_bytes(),
            headers={"Content-Type": "application/x-tar"},
        )
        assert loaded.is_success, loaded.text
        yield OfDocker(docker, docker.client.get(f"/images/{NAME}/json").json()["Id"])


@pytest.fixture
def space(tmp_path: Path) -> Iterator[Workspace]:
    with workspace(tmp_path / "work", cleaners()) as opened:
        yield opened


def taken(store: Store, space: Workspace, tmp_path: Path) -> Image | str:
    scratch = tmp_path / "scratch"
    scratch.mkdir(exist_ok=True)
    return open_in_place(
        store.client, store.image_id, OpenRequest(NAME, None, scratch, RunBudget()), space
    )


def contents(image: Image) -> dict[str, bytes]:
    root = image.rootfs()
    return {entry.path: root.read(entry.path, 4 << 20) for entry in root if entry.is_file}


def test_the_bytes_are_those_that_the_engine_saves(
    store: Store, space: Workspace, tmp_path: Path
) -> None:
    ClientEngine(space, store.client).export(store.image_id, tmp_path / "saved.tar")
    image = taken(store, space, tmp_path)
    assert isinstance(image, Image), image
    with image, open_image(DockerArchive(tmp_path / "saved.tar"), None, tmp_path) as saved:
        assert image.config_bytes == saved.config_bytes
        assert [each.open().read() for each in image.layers] == [*LAYERS]
        assert contents(image) == contents(saved)
        assert contents(image)[ImagePath("/usr/lib/x")] == b"third"
    assert not list((tmp_path / "scratch").iterdir())


def test_the_image_cannot_be_removed_while_it_is_open(
    store: Store, space: Workspace, tmp_path: Path
) -> None:
    """The image has no command, so that docker makes a container of it for nobody who names none;
    of its volumes docker makes none, where it would copy what the image has there.
    """
    image = taken(store, space, tmp_path)
    assert isinstance(image, Image), image
    with image:
        assert store.refuses_removal()
        assert image.layers[0].open().read() == LAYERS[0]
        assert not store.volumes()
    assert store.containers() == []


def changed(path: Path) -> None:
    """Another byte of the same file: size and times stay."""
    seen = path.stat()
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))


def linked(path: Path) -> None:
    """A link to the same content elsewhere."""
    there = path.with_name("careen-there")
    path.rename(there)
    path.symlink_to(there)


def shorter(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def moved(path: Path) -> None:
    """The folder above is a link to where it went."""
    there = path.parent.with_name("careen-there")
    path.parent.rename(there)
    path.parent.symlink_to(there)


def back(path: Path) -> None:
    """Undo `moved`."""
    if path.parent.is_symlink():
        there = path.parent.readlink()
        path.parent.unlink()
        there.rename(path.parent)


@pytest.mark.parametrize("damage", [changed, linked, shorter, moved, Path.unlink])
def test_other_bytes_are_found(
    damage: Callable[[Path], object], store: Store, space: Workspace, tmp_path: Path
) -> None:
    path = max(files_of(store), key=lambda path: path.stat().st_size)
    kept = path.read_bytes()
    try:
        damage(path)
        found = taken(store, space, tmp_path)
        if isinstance(found, Image):
            found.close()
            assert (damage, path.parent.name) == (
                moved,
                "sha256",
            )  # a blob is what its digest says, wherever it lies
        else:
            assert "\n" not in found
    finally:
        back(path)
        path.with_name("careen-there").unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        path.write_bytes(kept)
    with (
        session(Settings(tmp_path / "again", engine=store.client.name), SilentProgress()) as run,
        open_source(NAME, run),
    ):
        assert not list(run.space.path.glob("export-*"))


def test_a_container_that_cannot_be_made_or_removed_costs_no_run(
    store: Store, space: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object, **__: object) -> NoReturn:
        message = "docker did not answer in time"
        raise ToolError(message)

    with monkeypatch.context() as patch:
        patch.setattr("careen.engines.stores.keep.remove_container", failing)
        image = taken(store, space, tmp_path)
        assert isinstance(image, Image), image
        image.close()
    call = Client.call

    def without_create(self: Client, *words: str, **options: Any) -> Finished:
        return failing() if words[0] == "create" else call(self, *words, **options)

    monkeypatch.setattr(Client, "call", without_create)
    assert taken(store, space, tmp_path) == "docker did not answer in time"


def test_the_store_of_another_machine_is_not_read(
    store: Store, space: Workspace, tmp_path: Path
) -> None:
    with store.elsewhere():
        name = store.client.name
        assert taken(store, space, tmp_path) == f"{name}'s store cannot be read here"
        with (
            session(Settings(tmp_path / "saving", engine=name), SilentProgress()) as run,
            open_source(NAME, run) as image,
        ):
            assert [each.open().read() for each in image.layers] == [*LAYERS]
            assert list(run.space.path.glob("export-*/image.tar"))
