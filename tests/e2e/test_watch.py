"""`careen watch` as a command: killed, going on, leaving alone, hardening anew for a new advisory, and keeping the old result when the new one fails."""

import json
import signal
from pathlib import Path

import jsonschema
import pytest

from tests.e2e.conftest import Service
from tests.support.careen_command import Careen, containers_of, docker
from tests.support.feeds import TRACKER, write_feeds

pytestmark = [pytest.mark.root, pytest.mark.bpf, pytest.mark.docker]

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/schema/watch-1.schema.json").read_text())
FETCH = 'curl -fsS "$BASE_URL/file/usr/share/half/used.txt" > fetched'
CONFIG = f"""
explore = "off"
[workload.serve]
test = '''{FETCH}'''
"""
NEW = {"CVE-2026-7": {"releases": {"bookworm": {"status": "resolved", "fixed_version": "1.0-9", "repositories": {"bookworm": "1.0-1"}, "urgency": "high"}}}}


def advise(careen: Careen, name: str, **more: object) -> None:
    """Import the feeds, with more records about the package `service`."""
    folder = write_feeds(careen.folder / name)
    (folder / "one").write_text(json.dumps({**TRACKER, "service": {**TRACKER["service"], **more}}))
    careen("db", "import", folder, "-q")


def test_a_list_is_looked_after(in_docker: Service, careen: Careen) -> None:
    source, tag = in_docker.name("original"), in_docker.name("watched")
    project = careen.folder / "project"
    project.mkdir()
    (project / "careen.toml").write_text(CONFIG)
    (careen.folder / "images.toml").write_text(f'[[image]]\nsource = "{source}"\ntag = "{tag}"\nconfig = "project/careen.toml"\n')
    advise(careen, "feeds")

    killed = careen.interrupted("watch", "images.toml", when="profile: start", by=signal.SIGKILL)
    assert killed.status == -signal.SIGKILL
    assert not list((careen.folder / "careen-watch").glob("*.state.json"))

    done = careen("watch", "images.toml", "--json").document
    jsonschema.validate(done, SCHEMA)
    (image,) = done["images"]
    assert (image["deed"], image["changed"], image["before"], image["after"]) == ("hardened", ["not hardened yet"], 3, 2)
    assert docker("image", "inspect", "--format", "{{.Id}}", tag) == image["digest"]
    assert (project / "fetched").read_text() == "half of it is used\n"
    assert careen.runs() == []
    assert containers_of(in_docker.mark) == []

    assert careen("watch", "images.toml", "-q").out == f"{tag} unchanged {image['digest']}\n"

    advise(careen, "feeds-of-tomorrow", **NEW)
    planned = careen("watch", "images.toml", "--dry-run", "--json").document["images"][0]
    assert (planned["deed"], planned["before"]) == ("would harden", 3)
    (anew,) = careen("watch", "images.toml", "--json").document["images"]
    assert (anew["deed"], anew["changed"]) == ("hardened", ["advisories"])
    assert anew["detail"] == "1 may be fixed now: CVE-2026-7 in service 1.0-1"
    plan = json.loads((Path(anew["report_directory"]) / "plan.json").read_text())
    assert "CVE-2026-7" in {finding for each in plan["patch"]["blocked"] for finding in each["findings"]}

    (project / "careen.toml").write_text(CONFIG.replace("> fetched", "| grep nothing"))
    failed = careen("watch", "images.toml", status=1)
    assert "1 failed" in failed.out
    assert docker("image", "inspect", "--format", "{{.Id}}", tag) == anew["digest"]
    waiting = careen("watch", "images.toml", "-q", status=1).out
    assert waiting.startswith(f"{tag} waiting (configuration) {anew['digest']}: failed once since ")
    (project / "careen.toml").write_text(CONFIG)
    assert careen("watch", "images.toml", "-q").out == f"{tag} unchanged {anew['digest']}\n"
