"""`watch` and `fleet work` of one list, with results that go to a registry: each finds what the
other one has done, and a push that failed is made up for without work.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Service
from tests.support.careen_command import Careen, docker
from tests.support.debian_registry import Registry
from tests.support.feeds import write_feeds

pytestmark = [
    pytest.mark.root,
    pytest.mark.bpf,
    pytest.mark.docker,
    pytest.mark.skopeo,
    pytest.mark.registry,
]

CONFIG = """
explore = "off"
[workload.serve]
test = 'curl -fsS "$BASE_URL/file/usr/share/half/used.txt" | grep -q "half of it"'
"""


@pytest.fixture
def careen(tmp_path: Path, registry: Registry) -> Careen:
    folder = tmp_path / "careen"
    folder.mkdir()
    command = Careen(folder, registry.env)
    write_feeds(folder / "feeds")
    command("db", "import", folder / "feeds", "-q")
    (folder / "careen.toml").write_text(CONFIG)
    return command


def listed(careen: Careen, source: str, tag: str) -> None:
    entry = (
        f'source = "{source}"\ntag = "{tag}"\nconfig = "careen.toml"\npatch = false\npush = true'
    )
    (careen.folder / "images.toml").write_text(f"[[image]]\n{entry}\n")


def watched(careen: Careen, status: int = 0) -> Any:
    (image,) = careen("watch", "images.toml", "--json", status=status).document["images"]
    return image


def worked(careen: Careen) -> Any:
    return careen("fleet", "work", "images.toml", "--index", "0", "--json").document


def manifest(careen: Careen) -> Any:
    (path,) = (careen.folder / "careen-fleet").glob("*/evidence/manifest.json")
    return json.loads(path.read_text())


def in_store(tag: str) -> bool:
    return bool(docker("image", "ls", "-q", tag))


def test_a_result_of_a_pass_is_found_by_a_task(
    in_docker: Service, careen: Careen, registry: Registry
) -> None:
    tag = f"{registry.host}/team/shared:1-hardened"
    listed(careen, in_docker.name("original"), tag)
    done = watched(careen)
    digest = registry.tagged("team/shared", "1-hardened")
    assert (done["deed"], done["pushed"]) == ("hardened", digest)
    assert manifest(careen)["promoted"] == [tag, f"docker://{tag}@{digest}"]
    events = careen("history", in_docker.name("original"), "-q").out.splitlines()
    assert [line.split()[1] for line in events] == ["hardened", "promoted"]

    found = worked(careen)
    assert (found["step"], found["result"]["promoted"]) == (
        "check",
        [f"docker://{tag}@{digest}"],
    )
    docker("image", "rm", tag)
    assert worked(careen)["step"] == "check"
    assert watched(careen)["deed"] == "unchanged"
    assert registry.tagged("team/shared", "1-hardened") == digest


def test_a_result_of_a_task_is_found_by_a_pass_and_not_pulled(
    in_docker: Service, careen: Careen, registry: Registry
) -> None:
    tag = f"{registry.host}/team/alone:1-hardened"
    listed(careen, in_docker.name("original"), tag)
    assert worked(careen)["step"] == "whole"
    digest = registry.tagged("team/alone", "1-hardened")
    done = watched(careen)
    assert (done["deed"], done["pushed"], in_store(tag)) == ("noted", digest, False)
    assert registry.tagged("team/alone", "1-hardened") == digest
    assert watched(careen)["deed"] == "unchanged"


def test_what_could_not_be_pushed_is_pushed_by_a_task(
    in_docker: Service, careen: Careen, registry: Registry
) -> None:
    tag = f"{registry.host}/team/late:1-hardened"
    listed(careen, in_docker.name("original"), tag)
    without = Careen(careen.folder, {**careen.env, "REGISTRY_AUTH_FILE": "/nonexistent"})
    failed = watched(without, status=1)
    assert (failed["deed"], bool(failed["digest"]), failed["pushed"]) == ("failed", True, "")
    assert in_store(tag)
    assert registry.tags("team/late") == []

    found = worked(careen)
    assert found["step"] == "check"
    assert found["reasons"][-1].startswith(f"the result is in {tag}, and is asked for in docker://")
    digest = registry.tagged("team/late", "1-hardened")
    shutil.rmtree(careen.folder / "careen-watch")
    assert watched(careen)["pushed"] == digest
    docker("image", "rm", tag)


def test_many_images_of_a_registry_are_looked_after(
    careen: Careen, registry: Registry, in_docker: Service
) -> None:
    assert in_docker.mark
    for tag in ("2.0", "2.1", "3.0"):
        source, goal = registry.image("team/web:1"), registry.image(f"team/looked:{tag}")
        registry.skopeo("copy", "--quiet", source, goal)
    entry = (
        f'[[image]]\nsource = "docker://{registry.host}/team/looked"\ntags = "2.*"\n'
        f'tag = "{registry.host}/team/looked:{{tag}}-hardened"\nconfig = "careen.toml"\n'
        "patch = false\npush = true\n"
    )
    (careen.folder / "images.toml").write_text(entry)
    written = careen("watch", "images.toml", "--list").out
    assert written.count("[[image]]") == 2
    done = careen("watch", "images.toml", "--json").document["images"]
    assert [image["deed"] for image in done] == ["hardened", "hardened"]
    assert registry.tags("team/looked") == ["2.0", "2.0-hardened", "2.1", "2.1-hardened", "3.0"]
    again = careen("watch", "images.toml", "--json").document["images"]
    assert [image["deed"] for image in again] == ["unchanged", "unchanged"]
    (careen.folder / "today.toml").write_text(written)
    tasked = careen("fleet", "work", "today.toml", "--index", "1", "--json").document
    assert tasked["step"] == "check"
    for image in done:
        docker("image", "rm", image["tag"])
