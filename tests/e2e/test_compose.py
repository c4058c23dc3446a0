"""`careen harden --compose`: services beside their neighbours, as compose starts them, and nothing
left of a project of careen's own.
"""

import json
import secrets
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from careen.tools.process import check, run
from tests.e2e.conftest import Service
from tests.support import careen_command
from tests.support.careen_command import Careen, docker

pytestmark = [pytest.mark.docker, pytest.mark.root, pytest.mark.bpf]

TESTS = Path(__file__).parents[1]
RAG = TESTS / "compose" / "rag"
OURS = "label=com.docker.compose.project"
FILLED = 'curl -fsS "$BASE_URL/file/shared/filled.txt" | grep -q teal'
ODD = """a $b "c" 'd' ${e} \\"""
SERVICES: dict[str, dict[str, object]] = {
    "web": {
        "environment": {"ODD": ODD.replace("$", "$$")},
        "volumes": ["shared:/shared", "./words.txt:/words.txt"],
        "depends_on": {
            "fill": {"condition": "service_completed_successfully"},
            "helper": {"condition": "service_healthy"},
        },
        "ports": ["8000:8000"],
    },
    "helper": {
        "healthcheck": {
            "test": ["CMD", "/usr/bin/service", "health", "8000"],
            "interval": "1s",
            "retries": 60,
        },
        "ports": ["8000:8000"],
    },
    "fill": {
        "command": ["copy", "/app/current/settings.txt", "/shared/filled.txt"],
        "volumes": ["shared:/shared"],
        "user": "0",
    },
}


@dataclass(frozen=True, slots=True)
class Scene:
    """A `careen` in a directory with a compose file whose services have the small image."""

    careen: Careen
    service: Service
    volume: str

    @property
    def file(self) -> Path:
        return self.careen.folder / "compose.yaml"

    def write(self, **changes: dict[str, object]) -> None:
        """Write the compose file, with more keys for some services."""
        services = {
            name: {
                "image": self.service.name("original"),
                "container_name": f"{self.volume}-{name}",
                **service,
                **changes.get(name, {}),
            }
            for name, service in SERVICES.items()
        }
        document = {"services": services, "volumes": {"shared": {"name": self.volume}}}
        self.file.write_text(json.dumps(document), encoding="utf-8")


@pytest.fixture
def scene(in_docker: Service, careen: Careen) -> Iterator[Scene]:
    made = Scene(careen, in_docker, f"careen-test-{secrets.token_hex(6)}")
    (careen.folder / "words.txt").write_text("words of the user\n", encoding="utf-8")
    made.write()
    yield made
    assert left(in_docker) == []
    assert docker("volume", "ls", "--quiet", "--filter", f"name={made.volume}") == ""


def left(service: Service) -> list[str]:
    """Containers of compose projects with the image of the tests."""
    mark = f"label=test.careen.mark={service.mark}"
    return docker("ps", "--all", "--quiet", "--filter", OURS, "--filter", mark).split()


def test_a_service_meets_its_neighbours_as_compose_starts_them(scene: Scene) -> None:
    seen = (
        "import json, os, subprocess as s, sys; c = json.loads(s.check_output(['docker', 'inspect',"
        " os.environ['CAREEN_CONTAINER']]))[0]; e = c['Config']['Env'];"
        f" sys.exit('ODD=' + {ODD!r} not in e or 'web' not in"
        " next(iter(c['NetworkSettings']['Networks'].values()))['Aliases'])"
    )
    script = scene.careen.folder / "seen.py"
    script.write_text(seen, encoding="utf-8")
    words = 'curl -fsS "$BASE_URL/file/words.txt" | grep -q user'
    tag = scene.service.name("composed")
    ended = scene.careen(
        *("harden", "--compose", scene.file, "--service", "web", "-t", tag, "--json"),
        *("--test", FILLED, "--test", words, "--test", f"{sys.executable} {script}"),
    )
    assert ended.document["promoted"] == [tag]
    override = scene.careen.folder / ended.document["report_directory"] / "compose.hardened.yaml"
    assert f"  web:\n    image: {tag}\n" in override.read_text(encoding="utf-8")
    files = ("-f", str(scene.file), "-f", str(override))
    images = docker("compose", *files, "config", "--images").split()
    assert sorted(images) == sorted([tag, *[scene.service.name("original")] * 2])


def test_exploration_finds_the_neighbours_and_changes_no_file_of_the_user(scene: Scene) -> None:
    scene.careen(
        *("profile", "--compose", scene.file, "--service", "web", "-o", "rbom.json"),
        *("--test", FILLED, "--explore", "safe"),
    )
    rbom = json.loads((scene.careen.folder / "rbom.json").read_text(encoding="utf-8"))
    kinds = {one["workload"] for one in rbom["runs"]}
    assert {"web", "explore:requests"} <= kinds
    words = scene.careen.folder / "words.txt"
    assert words.read_text(encoding="utf-8") == "words of the user\n"


def test_a_neighbour_that_fails_is_named_with_its_last_words(scene: Scene) -> None:
    scene.write(fill={"command": ["copy", "/nowhere", "/shared/filled.txt"]})
    ended = scene.careen(
        *("harden", "--compose", scene.file, "--service", "web"),
        *("-t", scene.service.name("never"), "--test", "true"),
        status=1,
    )
    assert "neighbour 'fill' of service 'web': ended with exit status" in ended.complaint


def test_several_services_have_a_result_each(scene: Scene) -> None:
    """`helper` has an image of its own here; the other fails on the original."""
    own = scene.service.name("helper")
    docker("tag", scene.service.name("original"), own)
    scene.write(helper={**SERVICES["helper"], "image": own})
    (scene.careen.folder / "careen.toml").write_text(
        'compose = "compose.yaml"\n'
        f'tag = "{scene.service.name("both")}"\n'
        '[workload.good]\nservice = "helper"\nobserve = "1s"\n'
        '[workload.bad]\nservice = "web"\ntest = ["false"]\n',
        encoding="utf-8",
    )
    ended = scene.careen("harden", "--json", status=1)
    good, bad = ended.document["services"]
    assert (good["names"], good["failure"]) == (["helper"], None)
    assert good["summary"]["promoted"] == [f"{scene.service.name('both')}-helper"]
    assert (bad["names"], bad["summary"]) == (["web"], None)
    assert "the tests fail on the original image" in bad["failure"]
    override = (scene.careen.folder / ended.document["override"]).read_text(encoding="utf-8")
    assert "helper:" in override
    assert "web:" not in override


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_an_ended_run_leaves_no_project(scene: Scene, number: signal.Signals) -> None:
    ended = scene.careen.interrupted(
        *("harden", "--compose", scene.file, "--service", "web", "--test", "sleep 8765"),
        *("-t", scene.service.name("never")),
        when="profile: workload web: test 1 of 1",
        by=number,
    )
    if number is signal.SIGKILL:
        assert len(left(scene.service)) == 3
        scene.careen.answer("harden", "nothing-of-this-name", "--pull", "never", "-t", "x:y")
    else:
        assert "what was not finished is removed" in ended.complaint
    assert left(scene.service) == []


@pytest.fixture(scope="module")
def rag() -> Iterator[dict[str, str]]:
    """The images of the RAG service, by the variables of its compose file."""
    name = f"careen-test-{secrets.token_hex(6)}"
    built = {
        "RAG_IMAGE": (RAG, f"{name}:rag"),
        "POSTGRES_IMAGE": (TESTS / "cold" / "postgres", f"{name}:postgres"),
        "CACHE_IMAGE": (TESTS / "cold" / "redis", f"{name}:redis"),
    }
    script = str(TESTS / "cold" / "debian.sh")
    try:
        for folder, tag in built.values():
            check([script, tag, str(folder)], timeout=900, doing=f"building {tag}")
        yield {variable: tag for variable, (_, tag) in built.items()}
    finally:
        for _, tag in built.values():
            run(["docker", "image", "rm", "--force", tag], timeout=120)
        run(["docker", "image", "rm", "--force", f"{name}:hardened"], timeout=120)


@pytest.mark.debian
@pytest.mark.timeout(1200)  # it waits for builds
def test_a_rag_service_is_hardened_beside_its_database(
    rag: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL, Redis and a model server are neighbours. The cold cases are no part of the
    profile, and the smaller image passes them beside the same neighbours.
    """
    monkeypatch.setattr(careen_command, "LIMIT", 600.0)  # a database begins four times
    careen = Careen(tmp_path, rag)
    tag = rag["RAG_IMAGE"].replace(":rag", ":hardened")
    ended = careen(
        *("harden", "--compose", RAG / "compose.yaml", "--service", "api", "-t", tag, "--json"),
        *("--report-dir", "report"),
        *("--test", f"{sys.executable} {RAG / 'smoke.py'}"),
        *("--verify-test", f"{sys.executable} {RAG / 'cold.py'}"),
    )
    told = ended.document
    assert told["hardened"]["size_bytes"] < told["original"]["size_bytes"] * 0.6
    verdict = json.loads((tmp_path / "report" / "verify.json").read_text(encoding="utf-8"))
    cases = {
        side: {
            one["workload"]: sum(test["cases"] for test in one["tests"])
            for one in verdict["workloads"][side]
        }
        for side in ("original", "hardened")
    }
    assert cases["original"] == cases["hardened"] == {"api": 3, "api+held-out": 4}
    password = (RAG / "password").read_text(encoding="utf-8").strip()
    written = [path for path in (tmp_path / "report").rglob("*") if path.is_file()]
    assert [path for path in written if password.encode() in path.read_bytes()] == []
