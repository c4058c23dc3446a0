"""Two images of a list as tasks of a scheduler, then an incident: the upgrade breaks the tests of
one, which keeps its old result.
"""

import signal
from typing import Any

import pytest

from tests.e2e.conftest import Service
from tests.e2e.test_watch import advise
from tests.support.careen_command import Careen, Ended, containers_of, docker
from tests.support.images import docker_archive, file, layer
from tests.support.maven_folder import flaw, maven_jar, publish

pytestmark = [pytest.mark.root, pytest.mark.bpf, pytest.mark.docker]

CVE = "CVE-2026-1002"
JAR = "opt/lib/widget.jar"
CONFIG = f"""
explore = "off"
[patch]
maven = "maven"
online = false
[workload.serve]
test = '''curl -fsS "$BASE_URL/file/{JAR}" > fetched.jar && {{}}'''
"""


def task(careen: Careen, index: int, status: int = 0) -> Any:
    """What a scheduler starts for one index."""
    tasked = Careen(careen.folder, {**careen.env, "JOB_COMPLETION_INDEX": str(index)})
    return tasked("fleet", "work", "images.toml", "--json", status=status).document


def image_id(name: str) -> str:
    return docker("image", "inspect", "--format", "{{.Id}}", name)


@pytest.fixture
def tags(in_docker: Service, careen: Careen) -> list[str]:
    """The results of two images whose jar can be upgraded; the tests of the second want the old
    one.
    """
    old = maven_jar("org.example", "widget", "1.0")
    (careen.folder / "old.jar").write_bytes(old)
    names = [in_docker.name(f"fleet-{each}") for each in ("any", "old")]
    image = docker_archive(
        careen.folder / "image.tar",
        (*in_docker.image.layers(), layer(file(JAR, old))),
        (names[0],),
        in_docker.image.config(),
    )
    docker("load", "--input", str(image))
    entries = []
    for name, wanted in zip(
        names, ("test -s fetched.jar", "cmp fetched.jar ../old.jar"), strict=True
    ):
        project = careen.folder / name.rpartition(":")[2]
        new = maven_jar("org.example", "widget", "1.1")
        publish(project / "maven", "org.example:widget:1.1", new)
        (project / "careen.toml").write_text(CONFIG.format(wanted))
        entries.append(
            f'[[image]]\nsource = "{names[0]}"\ntag = "{name}-hardened"\n'
            f'config = "{project.name}/careen.toml"\n'
        )
    (careen.folder / "images.toml").write_text("".join(entries))
    return [f"{name}-hardened" for name in names]


def test_tasks_and_an_incident(in_docker: Service, careen: Careen, tags: list[str]) -> None:
    advise(careen, flaw(1, None))
    assert [task(careen, i)["step"] for i in (0, 1)] == ["whole", "whole"]
    assert [task(careen, i)["step"] for i in (0, 1)] == ["check", "check"]
    before = [image_id(tag) for tag in tags]

    advise(careen, flaw(1, None), flaw(2, "1.1"))
    store = ("--store", "fleet.db")
    careen("fleet", "index", "careen-fleet", *store)
    opened = careen("fleet", "incident", "open", CVE, "images.toml", *store, "--json").document
    assert [image["use"] for image in opened["images"]] == ["opened", "opened"]
    assert (opened["unlisted"], opened["unknown"]) == ([], 0)
    size = careen("fleet", "incident", "run", CVE, "images.toml", "--dry-run").out
    assert f"{CVE}: 2 images to fix (wave 1: 1, wave 2: 1)" in size
    assert "fixes: upgrade: 2" in size

    words = ("fleet", "incident", "run", CVE, "images.toml")
    killed = careen.interrupted(*words, when="promote: start", by=signal.SIGKILL)
    assert killed.status == -signal.SIGKILL
    shown = careen("fleet", "incident", "show", CVE, "images.toml", "--json").document
    assert [image["standing"] for image in shown["images"]] == ["waiting", "waiting"]
    assert shown["images"][0]["before"] == {tags[0]: before[0]}

    done: Ended = careen("fleet", "incident", "run", CVE, "images.toml", "--json", status=3)
    first, second = done.document["images"]
    assert (first["standing"], first["before"][tags[0]]) == ("fixed", before[0])
    assert (first["fix"], first["vex"]) == ("upgrade", "fixed")
    assert (second["standing"], second["after"]) == ("left", second["before"])
    assert "breaks the tests" in second["detail"]
    assert image_id(tags[0]) == first["after"][tags[0]] != before[0]
    assert image_id(tags[1]) == before[1]
    shown = careen("fleet", "incident", "show", CVE, "images.toml").out
    assert shown.startswith(f"{CVE}: 2 affected images: 1 fixed, 1 left")

    careen("fleet", "incident", "roll-back", CVE, "images.toml", "-q")
    assert image_id(tags[0]) == before[0]
    assert containers_of(in_docker.mark) == []
    assert careen.runs() == []
    docker("image", "rm", first["after"][tags[0]])
    assert not list((careen.folder / "careen-fleet").rglob(".careen-*"))
