"""What the tests share: one build of the small image, in a file and in docker's store, a `careen`
to run, and each engine with the probe.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from careen.engines.select import choose_engine, cleaners
from careen.tools.workspace import Workspace, workspace
from tests.support.careen_command import NO_DAEMON, Careen, containers_of, docker, images_of
from tests.support.debian_registry import Authority, Registry, debian_registry
from tests.support.engine_bench import ALL, AS_DOCKER, Bench
from tests.support.podman_store import podman
from tests.support.probe_image import build_probe
from tests.support.service_image import ServiceImage, build_service


@dataclass(frozen=True, slots=True)
class Service:
    """The image as a file, and the label that everything has that comes from it."""

    image: ServiceImage
    archive: Path

    @property
    def mark(self) -> str:
        return self.image.mark

    def name(self, tag: str) -> str:
        """A name for docker's store that no other image has."""
        return f"careen-test-{self.mark}:{tag}"


def newly_marked(program: bytes, folder: Path) -> Service:
    """Write the image with a mark that no other image has."""
    mark = secrets.token_hex(6)
    image = ServiceImage(program, mark)
    return Service(image, image.archive(folder / "service.tar", f"careen-test-{mark}:original"))


@contextmanager
def loaded(service: Service) -> Iterator[Service]:
    """Hold the image in docker's store, under its name; everything with its mark is removed at the
    end.
    """
    docker("load", "--input", str(service.archive))
    yield service
    assert containers_of(service.mark) == []
    for name in images_of(service.mark):
        docker("image", "rm", name)


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    folder = tmp_path_factory.mktemp("service")
    return newly_marked(build_service(folder), folder)


@pytest.fixture(scope="session")
def in_docker(service: Service) -> Iterator[Service]:
    with loaded(service) as there:
        yield there


@pytest.fixture(scope="session")
def in_podman(service: Service) -> Service:
    """The image in the store of the tests' podman, under its name."""
    podman("load", "--input", str(service.archive))
    return service


@pytest.fixture
def careen(tmp_path: Path) -> Careen:
    return Careen(tmp_path)


@pytest.fixture
def offline(tmp_path: Path) -> Careen:
    """`careen` on a machine without docker and podman."""
    return Careen(tmp_path, NO_DAEMON)


@pytest.fixture(scope="module")
def probe(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The program of the probe image, with an end of its own: an image of it is the same as no
    image of another worker's tests, so that docker removes it when these say so.
    """
    return build_probe(tmp_path_factory.mktemp("probe")) + secrets.token_bytes(16)


@pytest.fixture
def space(tmp_path: Path) -> Iterator[Workspace]:
    with workspace(tmp_path / "work", cleaners()) as opened:
        yield opened
    assert list((tmp_path / "work").iterdir()) == []


@pytest.fixture(params=AS_DOCKER)
def docker_like(request: pytest.FixtureRequest, space: Workspace, probe: bytes) -> Bench:
    return Bench(choose_engine(request.param, space), probe)


@pytest.fixture(params=ALL)
def bench(request: pytest.FixtureRequest, space: Workspace, probe: bytes) -> Bench:
    return Bench(choose_engine(request.param, space), probe)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.make(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def registry(
    authority: Authority, service: Service, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Registry]:
    """A registry that has the small image as `team/web:1`."""
    with debian_registry(tmp_path_factory.mktemp("registry"), authority) as running:
        source = f"docker-archive:{service.archive}"
        running.skopeo("copy", "--quiet", source, running.image("team/web:1"))
        yield running
