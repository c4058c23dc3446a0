"""`careen watch` as a command: killed, going on, leaving alone, upgrading for a new advisory, and
keeping the old result when the new one fails.
"""

import io
import json
import shutil
import signal
import zipfile
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.e2e.conftest import Service
from tests.support.careen_command import Careen, containers_of, docker
from tests.support.feeds import write_feeds
from tests.support.images import docker_archive, file, layer
from tests.support.maven_folder import flaw, maven_jar, publish

pytestmark = [pytest.mark.root, pytest.mark.bpf, pytest.mark.docker]

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/schema/watch-1.schema.json").read_text())
JAR = "opt/lib/widget.jar"
CONFIG = f"""
explore = "off"
[patch]
maven = "maven"
online = false
[workload.serve]
test = '''curl -fsS "$BASE_URL/file/{JAR}" > fetched.jar'''
"""


def advise(careen: Careen, *records: dict[str, Any]) -> None:
    folder = write_feeds(careen.folder / f"feeds-{len(records)}")
    (folder / "maven").write_text("".join(json.dumps(record) + "\n" for record in records))
    careen("db", "import", folder, "-q")


def test_a_list_is_looked_after(in_docker: Service, careen: Careen) -> None:
    source, tag = in_docker.name("with-a-jar"), in_docker.name("watched")
    old = maven_jar("org.example", "widget", "1.0")
    image = docker_archive(
        careen.folder / "image.tar",
        (*in_docker.image.layers(), layer(file(JAR, old))),
        (source,),
        in_docker.image.config(),
    )
    docker("load", "--input", str(image))
    project = careen.folder / "project"
    publish(project / "maven", "org.example:widget:1.1", maven_jar("org.example", "widget", "1.1"))
    (project / "careen.toml").write_text(CONFIG)
    (careen.folder / "images.toml").write_text(
        f'[[image]]\nsource = "{source}"\ntag = "{tag}"\nconfig = "project/careen.toml"\n'
    )
    advise(careen, flaw(1, None))

    killed = careen.interrupted("watch", "images.toml", when="profile: start", by=signal.SIGKILL)
    assert killed.status == -signal.SIGKILL
    assert not list((careen.folder / "careen-watch").glob("*.state.json"))

    done = careen("watch", "images.toml", "--json").document
    jsonschema.validate(done, SCHEMA)
    (image_done,) = done["images"]
    assert (image_done["deed"], image_done["changed"]) == ("hardened", ["not hardened yet"])
    assert docker("image", "inspect", "--format", "{{.Id}}", tag) == image_done["digest"]
    assert (project / "fetched.jar").read_bytes() == old
    assert careen.runs() == []
    assert containers_of(in_docker.mark) == []
    assert careen("watch", "images.toml", "-q").out == f"{tag} unchanged {image_done['digest']}\n"

    # `careen fleet` finds the result, and a pass that has lost its own state does, too.
    tasked = careen("fleet", "work", "images.toml", "--index", "0", "--json").document
    assert (tasked["step"], tasked["reasons"]) == (
        "check",
        ["image, advisories and configuration are the same"],
    )
    shutil.rmtree(careen.folder / "careen-watch")
    assert careen("watch", "images.toml", "-q").out == (
        f"{tag} noted (not hardened yet) {image_done['digest']}: a result of these inputs was there"
        " already\n"
    )

    advise(careen, flaw(1, None), flaw(2, "1.1"))
    planned = careen("watch", "images.toml", "--dry-run", "--json").document["images"][0]
    assert (planned["deed"], planned["before"], planned["digest"]) == (
        "would harden",
        image_done["after"] + 1,
        image_done["digest"],
    )
    (again,) = careen("watch", "images.toml", "--json").document["images"]
    assert (again["deed"], again["changed"], again["detail"]) == (
        "hardened",
        ["advisories"],
        "1 may be fixed now: CVE-2026-1002 in org.example:widget 1.0",
    )
    assert (again["before"], again["after"]) == (image_done["after"] + 1, image_done["after"])
    docker(
        "image", "rm", image_done["digest"]
    )  # it has no name any more, and is nobody's but docker's to prune
    assert docker("image", "inspect", "--format", "{{.Id}}", tag) == again["digest"]
    with zipfile.ZipFile(io.BytesIO((project / "fetched.jar").read_bytes())) as fetched:
        assert b"version=1.1" in fetched.read("META-INF/maven/org.example/widget/pom.properties")

    advise(careen, flaw(1, None), flaw(2, "1.1"), flaw(3, "1.2"))
    told = careen("watch", "images.toml", "-q").out
    assert told.startswith(
        f"{tag} noted (advisories) {again['digest']}: 1 may be fixed now: CVE-2026-1003 in"
        " org.example:widget 1.1; no upgrade closes it: "
    )
    assert "widget 1.0: not on offer" in told

    (project / "careen.toml").write_text(f'{CONFIG}[findings]\nfail_on = "any"\n')
    failed = careen("watch", "images.toml", status=2)
    assert "1 failed" in failed.out
    assert docker("image", "inspect", "--format", "{{.Id}}", tag) == again["digest"]
    waiting = careen("watch", "images.toml", "-q", status=2).out
    assert waiting.startswith(
        f"{tag} waiting (configuration) {again['digest']}: failed once since "
    )
    (project / "careen.toml").write_text(CONFIG)
    assert careen("watch", "images.toml", "-q").out == f"{tag} unchanged {again['digest']}\n"
