"""What a hostile program tries in the embedded engine goes as far as in docker, or less far."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from careen.engines.client.client import DOCKER
from careen.engines.client.engine import ClientEngine
from careen.engines.embedded.engine import EmbeddedEngine
from careen.engines.leftovers import cleaners
from careen.engines.sandbox import copy_idle_program, sandbox_options
from careen.model.runs.workload import RunOptions
from careen.tools.workspace import Workspace, workspace
from tests.support.engine_bench import Bench
from tests.support.escape_image import PATH, build_escape, results, with_escape

pytestmark = [pytest.mark.docker, pytest.mark.runc]

OK = "ok"


@pytest.fixture(scope="module")
def escape(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return build_escape(tmp_path_factory.mktemp("escape"))


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with workspace(tmp_path_factory.mktemp("work"), cleaners()) as space:
        yield space


@pytest.fixture(scope="module")
def benches(engines: Workspace, probe: bytes, escape: bytes) -> tuple[Bench, Bench]:
    """Return docker's and the embedded engine's."""
    docker, embedded = ClientEngine(engines, DOCKER), EmbeddedEngine(engines)
    return with_escape(Bench(docker, probe), escape), with_escape(Bench(embedded, probe), escape)


def as_workload(bench: Bench) -> dict[str, str]:
    """Run the program as the container's own."""
    with bench.container(RunOptions(entrypoint=PATH)) as container:
        container.start()
        assert container.wait(120) == 0
        return results(container.logs())


def on_bench(bench: Bench, scratch: Path) -> dict[str, str]:
    """Run the program as what `patch` executes in an image, to plan and to upgrade."""
    copy_idle_program(scratch)
    with bench.container(sandbox_options(scratch, network="none")) as container:
        container.start()
        done = container.exec((PATH,), 120)
        assert done.status == 0
        return results(done.output)


def got_further(docker: dict[str, str], embedded: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Return what docker refuses and the embedded engine does not."""
    assert docker.keys() == embedded.keys()
    pairs = {name: (docker[name], embedded[name]) for name in docker}
    return {name: pair for name, pair in pairs.items() if pair[1] == OK and pair[0] != OK}


def test_no_try_gets_further_than_in_docker(benches: tuple[Bench, Bench]) -> None:
    docker, embedded = map(as_workload, benches)
    assert len(docker) >= 400

    assert got_further(docker, embedded) == {}


def test_no_try_gets_further_on_the_bench_of_patch(
    benches: tuple[Bench, Bench], tmp_path: Path
) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir(mode=0o777)
    docker, embedded = map(on_bench, benches, folders)

    assert got_further(docker, embedded) == {}
