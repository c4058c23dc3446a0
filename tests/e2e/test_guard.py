"""`careen guard` on a container of a hardened image: what deviates becomes events, metrics and an
exit status, and what was missed comes back with the next plan.
"""

import datetime as dt
import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.e2e.conftest import Service
from tests.support.careen_command import Careen, docker, until
from tests.support.images import docker_archive, file, layer
from tests.support.warm_careen import Running

pytestmark = [pytest.mark.root, pytest.mark.bpf, pytest.mark.docker]
SCHEMA = Path(__file__).parents[2] / "docs" / "schema" / "guard-1.schema.json"
ASK = "python3 -c \"import os, urllib.request as r; r.urlopen(os.environ['BASE_URL'] + '/file{}')\""
MISSED = "/opt/leftover.txt"
DIAL = ("/usr/bin/service", "health", "8001")
ENDPOINT = "connect inet 127.0.0.1:8001"


@dataclass(frozen=True)
class Hardened:
    """A hardened image in docker's store, and the folder with its RBOM and plan."""

    name: str
    original: str
    careen: Careen

    @property
    def folder(self) -> Path:
        return self.careen.folder


@pytest.fixture(scope="module")
def hardened(in_docker: Service, tmp_path_factory: pytest.TempPathFactory) -> Hardened:
    careen = Careen(tmp_path_factory.mktemp("guard"))
    original, name = in_docker.name("original"), in_docker.name("guarded")
    careen("profile", original, "--test", ASK.format("/usr/share/half/used.txt"), "-q")
    careen("plan", original, "--rbom", "rbom.json", "--level", "observed", "-q")
    careen("strip", original, "--plan", "plan.json", "-t", name, "-q")
    return Hardened(name, original, careen)


@dataclass(frozen=True)
class Web:
    """A container of the hardened image, serving."""

    name: str

    def ask(self, path: str) -> int:
        port = docker("port", self.name, "8000").splitlines()[0].rpartition(":")[2]
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0


@pytest.fixture
def web(hardened: Hardened) -> Iterator[Web]:
    running = Web(f"{hardened.name.replace(':', '-')}-web")
    docker("run", "-d", "--name", running.name, "-p", "127.0.0.1::8000", hardened.name)
    try:
        until(lambda: running.ask("/health") == 200)
        yield running
    finally:
        docker("rm", "-f", "-v", running.name)


def events(folder: Path) -> list[dict[str, Any]]:
    path = folder / "events.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def deviations(folder: Path) -> dict[tuple[str, str], dict[str, Any]]:
    found = [event for event in events(folder) if event["event"] == "deviation"]
    by_subject = {(event["kind"], event["subject"]): event for event in found}
    assert len(by_subject) == len(found), "one thing was told twice"
    return by_subject


@contextmanager
def guarding(hardened: Hardened, web: Web, *words: str | Path) -> Iterator[Running]:
    """A guard that has begun to watch."""
    (hardened.folder / "events.jsonl").unlink(missing_ok=True)
    options = ("--report-dir", hardened.folder, "-o", "events.jsonl", "--metrics", "guard.prom")
    with hardened.careen.begun("guard", web.name, *options, *words) as running:
        until(lambda: events(hardened.folder) or running.has_ended())
        assert not running.has_ended()
        yield running


def samples(folder: Path) -> dict[str, str]:
    lines = (folder / "guard.prom").read_text().splitlines()
    return {
        line.partition("{")[0] + line.rpartition("}")[0].rpartition(",")[2]: line.split()[-1]
        for line in lines
        if not line.startswith("#")
    }


def test_each_kind_of_drift_is_told_while_the_container_runs(hardened: Hardened, web: Web) -> None:
    with guarding(hardened, web, "--until-exit") as running:
        assert web.ask(f"/file{MISSED}") == 404
        for _ in range(9):
            assert web.ask(f"/file{MISSED}") == 404
        docker("cp", f"{web.name}:/usr/bin/service", str(hardened.folder / "evil"))
        docker("cp", str(hardened.folder / "evil"), f"{web.name}:/app/evil")
        began = time.time()
        docker("exec", web.name, "/app/evil", "sleep", "1")
        assert subprocess.call(["docker", "exec", web.name, *DIAL]) == 1
        until(lambda: ("executable", "/app/evil") in deviations(hardened.folder), 10)
        until(lambda: ("syscall", "clock_nanosleep") in deviations(hardened.folder), 10)
        until(lambda: ("endpoint", ENDPOINT) in deviations(hardened.folder), 10)
        docker("kill", web.name)
        assert running.status(30) == 2
    found = deviations(hardened.folder)
    missed = found["removed", MISSED]
    assert missed["program"] == "/usr/bin/service"
    assert missed["removed_by"]["code"] == "unused"
    assert missed["errno"] == 2
    assert f"--keep {MISSED}" in missed["fix"]
    evil = found["executable", "/app/evil"]
    assert evil["in_image"] is False
    assert began - 1 <= _seconds(evil["time"]) <= time.time()
    last = events(hardened.folder)[-1]
    counts = {(each["kind"], each["subject"]): each["count"] for each in last["deviations"]}
    assert counts["removed", MISSED] == 10
    assert counts["executable", "/app/evil"] == 1
    assert counts["syscall", "clock_nanosleep"] is None
    assert (last["reason"], last["losses"]) == ("the container ended", {})
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    for event in events(hardened.folder):
        assert [error.message for error in validator.iter_errors(event)] == []
    values = samples(hardened.folder)
    assert values['careen_guard_deviationskind="removed"'] == "1"
    assert values['careen_guard_lost_events_totalreason="ring_full"'] == "0"
    planned = hardened.careen(
        *("plan", hardened.original, "--rbom", "rbom.json", "--level", "observed", "-q"),
        *("-o", "next.json", "--with-events", "events.jsonl"),
    )
    assert planned.out.strip() == "next.json"
    kept = json.loads((hardened.folder / "next.json").read_text())["keep"]
    (reason,) = [each for each in kept if MISSED in each["paths"]]
    assert reason["code"] == "drift"
    assert reason["detail"].startswith(f"missed by /usr/bin/service in container {web.name} at ")


def _seconds(text: str) -> float:
    return dt.datetime.fromisoformat(text).timestamp()


def test_a_program_that_was_replaced_is_told(hardened: Hardened) -> None:
    """Replaced before the guard begins; the container runs it again meanwhile."""
    web = Web(f"{hardened.name.replace(':', '-')}-replaced")
    docker("create", "--name", web.name, hardened.name, "sleep", "60")
    try:
        docker("cp", f"{web.name}:/usr/bin/service", str(hardened.folder / "longer"))
        with (hardened.folder / "longer").open("ab") as stream:
            stream.write(b"more")
        docker("cp", str(hardened.folder / "longer"), f"{web.name}:/usr/bin/service")
        docker("start", web.name)
        with guarding(hardened, web, "--for", "2s") as running:
            assert running.status(30) == 2
    finally:
        docker("rm", "-f", "-v", web.name)
    found = deviations(hardened.folder)["changed", "/usr/bin/service"]
    assert found["in_image"] is True
    assert found["fix"].startswith("its content is not the image's: find out who changed it")


def test_what_the_profile_did_is_no_drift(hardened: Hardened, web: Web) -> None:
    with guarding(hardened, web, "--for", "3s") as running:
        assert web.ask("/file/usr/share/half/used.txt") == 200
        assert web.ask("/file/etc/never-there") == 404
        assert running.status(30) == 0
    assert [event["event"] for event in events(hardened.folder)] == ["start", "end"]
    assert events(hardened.folder)[-1]["reason"] == "the time is over"
    assert samples(hardened.folder)[f'careen_guard_upimage="{hardened.name}"'] == "0"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_watch_with_its_counts(
    hardened: Hardened, web: Web, number: signal.Signals
) -> None:
    with guarding(hardened, web, "--allow", "/nothing/*") as running:
        web.ask(f"/file{MISSED}")
        until(lambda: ("removed", MISSED) in deviations(hardened.folder), 10)
        os.kill(running.pid, number)
        assert running.status(30) == 2
    last = events(hardened.folder)[-1]
    assert (last["event"], last["reason"]) == ("end", "it was told to stop")
    assert last["deviations"] == [{"kind": "removed", "subject": MISSED, "count": 1}]


def test_what_is_allowed_is_no_drift(hardened: Hardened, web: Web) -> None:
    with guarding(hardened, web, "--for", "3s", "--allow", "/opt/*") as running:
        assert web.ask(f"/file{MISSED}") == 404
        assert running.status(30) == 0
    assert deviations(hardened.folder) == {}


def test_events_go_to_standard_output_and_without_a_plan_nothing_is_missed(
    hardened: Hardened, web: Web
) -> None:
    ended = hardened.careen("guard", web.name, "--rbom", "rbom.json", "--for", "1s")
    first, last = map(json.loads, ended.out.splitlines())
    assert first["not_compared"] == {"removed": "no plan was given"}
    assert first["image"]["reference"] == hardened.name
    assert first["profiled_image"]["reference"] == hardened.original
    assert last["event"] == "end"


def test_the_original_is_watched_by_its_rbom_too(hardened: Hardened) -> None:
    name = f"{hardened.name.replace(':', '-')}-original"
    docker("run", "-d", "--name", name, hardened.original)
    try:
        hardened.careen("guard", name, "--rbom", "rbom.json", "--for", "1s", "-q")
    finally:
        docker("rm", "-f", "-v", name)


def test_what_cannot_be_watched_is_told_in_one_line(
    hardened: Hardened, web: Web, tmp_path: Path
) -> None:
    careen = hardened.careen
    said = careen.refused("guard", "not-there", "--rbom", "rbom.json")
    assert said.startswith("no container 'not-there' in docker")
    said = careen.refused("guard", web.name, "--rbom", "nowhere.json")
    assert said == "nowhere.json: cannot be read: No such file or directory"
    other = docker_archive(tmp_path / "other.tar", [layer(file("usr/bin/x", "x"))])
    group = ("--cgroup", _cgroup(web), "--image", f"docker-archive:{other}")
    said = careen.refused("guard", *group, "--rbom", "rbom.json")
    assert f"rbom.json is of {hardened.original} (config sha256:" in said
    assert said.endswith("with --report-dir, or its --rbom and --plan")
    said = careen.refused("guard", "--cgroup", _cgroup(web), "--rbom", "rbom.json")
    assert said.endswith("name it with --image")
    assert careen.refused("guard", web.name, *group, "--rbom", "rbom.json").startswith(
        "name either"
    )
    assert careen.refused("guard", web.name, "--plan", "plan.json").startswith(
        "--plan needs --rbom"
    )
    assert careen.refused("guard", web.name).startswith("no report found in careen-out/")
    docker("kill", web.name)
    said = careen.refused("guard", web.name, "--rbom", "rbom.json")
    assert said.startswith(f"container '{web.name}' does not run")


def test_a_control_group_is_watched_with_the_image_that_is_named(
    hardened: Hardened, web: Web
) -> None:
    words = ("--cgroup", _cgroup(web), "--image", hardened.name, "--rbom", "rbom.json")
    ended = hardened.careen("guard", *words, "--plan", "plan.json", "--for", "1s")
    assert json.loads(ended.out.splitlines()[0])["container"] == _cgroup(web)


def _cgroup(web: Web) -> str:
    pid = docker("inspect", "-f", "{{.State.Pid}}", web.name)
    lines = Path(f"/proc/{pid}/cgroup").read_text().splitlines()
    named = [line.split(":", 2)[1:] for line in lines]
    return next((path for kinds, path in named if "pids" in kinds), named[-1][1])
