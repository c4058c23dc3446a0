"""careen's own image: built by `scripts/image.sh`, hardened by careen, and then at work."""

import json
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from careen.tools.process import Finished, check, run
from tests.e2e.conftest import Service, loaded, newly_marked
from tests.support.careen_command import docker

CHECKOUT = Path(__file__).resolve().parents[2]
SOCKET = "/var/run/docker.sock"
PYTHON = "/opt/careen/bin/python3"
ASK = f"{PYTHON} -c 'import os, urllib.request as u; u.urlopen(os.environ[\"BASE_URL\"])'"

pytestmark = [
    *(pytest.mark.debian, pytest.mark.docker, pytest.mark.podman, pytest.mark.root),
    *(pytest.mark.bpf, pytest.mark.runc, pytest.mark.skopeo, pytest.mark.clang),
    # Debian's packages are fetched and the image is hardened: minutes on a busy machine.
    pytest.mark.timeout(1500),
]


@dataclass(frozen=True, slots=True)
class OwnImage:
    """The hardened image in docker's store, and where its build left its results."""

    name: str
    folder: Path

    def run(self, *words: str, options: tuple[str, ...] = ()) -> Finished:
        """Run careen in a container of the image, as a user does."""
        argv = ["docker", "run", "--rm", *options, self.name, *words]
        return run(argv, timeout=300)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnImage]:
    folder = tmp_path_factory.mktemp("own")
    argv = [str(CHECKOUT / "scripts/image.sh"), "", str(folder)]
    check(argv, timeout=1400, doing="building careen's image")
    name = f"careen-test-own:{secrets.token_hex(6)}"
    source = f"oci-archive:{folder}/careen.tar"
    check(["skopeo", "copy", "--quiet", source, f"docker-daemon:{name}"], timeout=300, doing="load")
    yield OwnImage(name, folder)
    docker("image", "rm", "--force", name)


@pytest.fixture(scope="module")
def service(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Service:
    """The small image in a repository of these tests alone, which leave a result in it."""
    return newly_marked(service.image.program, tmp_path_factory.mktemp("service"))


@pytest.fixture(scope="module")
def in_docker(service: Service) -> Iterator[Service]:
    with loaded(service) as there:
        yield there


@pytest.fixture
def work(service: Service, tmp_path: Path) -> Path:
    """A folder that every user may write to, with an image in it."""
    tmp_path.chmod(0o777)
    shutil.copy(service.archive, tmp_path / "service.tar")
    return tmp_path


def test_it_runs_as_an_ordinary_user_without_a_network(own: OwnImage) -> None:
    smoke = ("--entrypoint", PYTHON, "--volume", f"{CHECKOUT}/image:/smoke:ro")
    strict = ("--network", "none", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")
    done = own.run("/smoke/smoke.py", options=(*smoke, *strict))
    assert done.status == 0, done.text + done.complaint
    assert json.loads(docker("inspect", own.name))[0]["Config"]["User"] == "careen"


def test_the_run_that_hardened_it_is_told(own: OwnImage) -> None:
    said = json.loads((own.folder / "evidence/summary.json").read_text())
    original, hardened = said["original"], said["hardened"]
    assert hardened["size_bytes"] < original["size_bytes"] * 0.7
    assert (original["setuid"] > 0, hardened["setuid"]) == (True, 0)


def test_it_hardens_an_image_of_docker_with_two_capabilities(
    own: OwnImage, in_docker: Service, work: Path
) -> None:
    rights = ("--cap-drop", "ALL", "--cap-add", "BPF", "--cap-add", "PERFMON", "--user", "0")
    places = ("--pid", "host", "--network", "host", "--volume", f"{SOCKET}:{SOCKET}")
    words = ("harden", in_docker.name("original"), "-t", in_docker.name("own"), "--explore", "off")
    options = (*rights, *places, "--volume", f"{work}:/work")
    done = own.run(*words, "--test", ASK, options=options)
    assert done.status == 0, done.complaint
    labels = json.loads(docker("inspect", in_docker.name("own")))[0]["Config"]["Labels"]
    assert labels["org.example.team"] == "search"


def test_it_hardens_an_archive_without_a_daemon(own: OwnImage, work: Path) -> None:
    mount = ("--volume", f"{work}:/work")
    words = ("harden", "./service.tar", "-o", "./hardened.tar", "--engine", "embedded")
    rest = ("--explore", "off", "--report-dir", "report", "--test", ASK)
    done = own.run(*words, *rest, options=("--privileged", "--user", "0", *mount))
    assert done.status == 0, done.complaint
    (work / "report").chmod(0o755)
    # An ordinary user plans and strips again from the same RBOM.
    plan = own.run(
        "plan", "./service.tar", "--rbom", "report/rbom.json", "-o", "plan.json", options=mount
    )
    assert plan.status == 0, plan.complaint
    strip = own.run(
        "strip", "./service.tar", "--plan", "plan.json", "-o", "./again.tar", options=mount
    )
    assert strip.status == 0, strip.complaint
    assert (work / "again.tar").stat().st_size == (work / "hardened.tar").stat().st_size
