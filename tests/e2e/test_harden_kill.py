"""`careen harden` that is killed, interrupted or loses its daemon: nothing promoted, the original
untouched, nothing left after the next command.
"""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Service, loaded, newly_marked
from tests.support.careen_command import (
    Careen,
    containers_of,
    docker,
    images_of,
    mounts_below,
    until,
)
from tests.support.feeds import write_feeds

FETCH = 'curl -fsS "$BASE_URL/file/usr/share/half/used.txt" > /dev/null'

pytestmark = [pytest.mark.root, pytest.mark.bpf]

# What its progress says just before the moment at which it is ended.
MOMENTS = {
    "inspect": "inspect: start",
    "waiting": "profile: workload default: waiting until it is ready",
    "testing": "profile: workload default: test 1 of 1",
    "plan": "plan: start",
    "strip": "strip: start",
    "loading": "verify: loading the new image",
    "verify": "verify: workload default: waiting until it is ready",
    "findings": "findings: start",
    "promote": "promote: start",
    "writing": "promote: writing",
}
HANGS = ("testing",)
TOLD = "verify"  # `careen doctor` cleans up and says so; it looks at the whole machine for that
WRITES = ("promote", "writing")  # many files, so that it is still writing when the signal arrives
NOT_OF_DOCKER = ("plan", "strip", "findings")  # nothing happens there that the engine knows of
SIGNALS = [
    ("testing", signal.SIGINT),
    ("testing", signal.SIGTERM),
    ("testing", signal.SIGHUP),
    ("verify", signal.SIGTERM),
    ("findings", signal.SIGINT),
    ("writing", signal.SIGINT),
]


@dataclass(frozen=True, slots=True)
class Scene:
    """A `careen` to be ended, its image, and where the result would go."""

    careen: Careen
    service: Service
    engine: str

    @property
    def source(self) -> str:
        return (
            self.service.name("original")
            if self.engine == "docker"
            else f"docker-archive:{self.service.archive}"
        )

    def words(self, moment: str) -> tuple[str, ...]:
        test = f"echo $$ > {self.pid}; sleep 876543" if moment in HANGS else FETCH
        tag = ("-t", self.service.name("killed")) if self.engine == "docker" else ()
        outputs = [
            "oci:out",
            "docker-archive:out.tar",
            *(f"oci:more-{number}" for number in range(60) if moment in WRITES),
        ]
        return (
            "harden",
            self.source,
            *(word for output in outputs for word in ("-o", output)),
            *tag,
            "--engine",
            self.engine,
            "--test",
            test,
        )

    @property
    def pid(self) -> Path:
        return self.careen.folder / "pid"

    def assert_clean(self) -> None:
        """Nothing is promoted and nothing left."""
        assert self.careen.runs() == []
        assert mounts_below(self.careen.folder) == []
        assert [
            path.name
            for path in self.careen.folder.iterdir()
            if path.name not in ("work", "careen-out", "pid")
        ] == []
        # A test that is ended as it begins has made its file and written no number.
        if self.pid.exists() and (number := self.pid.read_text().strip()):
            until(lambda: not Path(f"/proc/{number}").exists())
        until(lambda: not processes_with(str(self.careen.work)))
        if self.engine == "docker":
            assert containers_of(self.service.mark) == []
            assert images_of(self.service.mark) == [self.service.name("original")]


def processes_with(text: str) -> list[str]:
    """Command lines of live processes that name a path, or that were started by a run in it."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            told = (entry / "cmdline").read_bytes() + b"\0" + (entry / "environ").read_bytes()
        except OSError:
            continue
        if entry.name != str(os.getpid()) and text.encode() in told:
            found.append(told[:200].decode(errors="replace"))
    return found


@pytest.fixture(scope="module")
def service(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Service:
    """The small image in a repository of these tests alone, which list all of it."""
    return newly_marked(service.image.program, tmp_path_factory.mktemp("service"))


@pytest.fixture(scope="module")
def in_docker(service: Service) -> Iterator[Service]:
    with loaded(service) as there:
        yield there


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("database")
    Careen(folder)("db", "import", write_feeds(folder / "feeds"))
    return folder / "advisories.db"


def on_engines(cases: Collection[tuple[Any, ...]], *not_of_docker: Any) -> list[Any]:
    """Return the cases on the embedded engine, and on docker those whose first value is not
    named.
    """
    embedded = [pytest.param("embedded", *case, marks=[pytest.mark.runc]) for case in cases]
    return embedded + [
        pytest.param("docker", *case, marks=[pytest.mark.docker])
        for case in cases
        if case[0] not in not_of_docker
    ]


@pytest.fixture
def scene(
    request: pytest.FixtureRequest, service: Service, careen: Careen, database: Path
) -> Scene:
    env = {"CAREEN_DB": str(database)}
    if request.param == "docker":
        request.getfixturevalue("in_docker")
    else:
        env["DOCKER_HOST"] = "unix:///nonexistent/docker.sock"
    return Scene(replace(careen, env=env), service, request.param)


@pytest.mark.parametrize(
    ("scene", "moment"),
    on_engines([(moment,) for moment in MOMENTS], *NOT_OF_DOCKER),
    indirect=["scene"],
)
def test_kill(scene: Scene, moment: str) -> None:
    ended = scene.careen.interrupted(*scene.words(moment), when=MOMENTS[moment], by=signal.SIGKILL)
    assert ended.status == -signal.SIGKILL
    assert len(scene.careen.runs()) == 1
    assert not (scene.careen.folder / "out").exists()
    if moment == TOLD:
        rows = {row["name"]: row for row in scene.careen("doctor", "--json").document}
        assert rows["killed runs"]["detail"] == "cleaned up after 1"
    else:
        scene.careen.next_run()
    scene.assert_clean()


@pytest.mark.parametrize(
    ("scene", "moment", "number"), on_engines(SIGNALS, *NOT_OF_DOCKER), indirect=["scene"]
)
def test_a_signal_cleans_up_at_once(scene: Scene, moment: str, number: signal.Signals) -> None:
    ended = scene.careen.interrupted(*scene.words(moment), when=MOMENTS[moment], by=number)
    assert ended.status == 128 + number
    word = "interrupted" if number is signal.SIGINT else "terminated"
    assert ended.complaint == f"careen: {word}; what was not finished is removed"
    assert ended.out == ""
    scene.assert_clean()


@pytest.mark.docker
def test_the_next_harden_cleans_up_and_succeeds(in_docker: Service, careen: Careen) -> None:
    scene = Scene(careen, in_docker, "docker")
    before = docker("image", "inspect", "--format", "{{.Id}}", scene.source)
    careen.interrupted(*scene.words("verify"), when=MOMENTS["verify"], by=signal.SIGKILL)
    assert containers_of(in_docker.mark) != []
    careen(*scene.words("again"))
    tag = in_docker.name("killed")
    try:
        assert containers_of(in_docker.mark) == []
        assert images_of(in_docker.mark) == sorted([in_docker.name("original"), tag])
        assert docker("image", "inspect", "--format", "{{.Id}}", scene.source) == before
        assert (careen.folder / "out" / "index.json").is_file()
        assert (careen.folder / "out.tar").is_file()
    finally:
        docker("image", "rm", tag)


@dataclass(slots=True)
class Daemon:
    """A docker daemon of the test's own: nobody else's containers are in it.

    It has a network of its own too, since a daemon without a bridge removes the one that it finds,
    which is the other daemon's.
    """

    folder: Path
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def host(self) -> str:
        return f"unix://{self.folder}/docker.sock"

    def start(self) -> None:
        argv = [
            "unshare",
            "--net",
            "dockerd",
            "--host",
            self.host,
            "--data-root",
            str(self.folder / "data"),
            "--exec-root",
            str(self.folder / "exec"),
        ]
        argv += [
            "--pidfile",
            str(self.folder / "pid"),
            "--iptables=false",
            "--ip6tables=false",
            "--ip-masq=false",
            "--bridge=none",
            "--log-level=error",
        ]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(argv, stdout=log, stderr=log, start_new_session=True)
        until(
            lambda: (
                subprocess.run(  # noqa: TID251
                    ["docker", "version"], env=self.env, capture_output=True, check=False
                ).returncode
                == 0
            ),
            60,
        )

    @property
    def env(self) -> dict[str, str]:
        return {**os.environ, "DOCKER_HOST": self.host}

    def stop(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(60)

    def ask(self, *words: str) -> str:
        return docker(*words, env={"DOCKER_HOST": self.host})


@pytest.fixture
def daemon(service: Service) -> Iterator[Daemon]:
    folder = Path("/tmp") / f"careen-test-{service.mark}"  # a socket's path must be short
    folder.mkdir(mode=0o700)
    daemon = Daemon(folder)
    try:
        daemon.start()
        yield daemon
        left = daemon.ask("ps", "--all", "--quiet").split()
        assert left == []
    finally:
        daemon.stop(signal.SIGTERM)
        for point in mounts_below(folder):
            # cleaning up must not hide a failure
            subprocess.run(["umount", "--lazy", point], check=False)  # noqa: TID251
        shutil.rmtree(folder)


@pytest.mark.docker
def test_a_daemon_that_dies_in_the_middle(daemon: Daemon, service: Service, tmp_path: Path) -> None:
    careen = Careen(tmp_path, {"DOCKER_HOST": daemon.host})
    daemon.ask("load", "--input", str(service.archive))
    original = daemon.ask("image", "inspect", "--format", "{{.Id}}", service.name("original"))
    words = (
        "harden",
        service.name("original"),
        "-t",
        service.name("new"),
        "-o",
        "oci:out",
        "--ready",
        "log:colour",
        "--engine",
        "docker",
    )
    pid = tmp_path / "daemon"
    assert daemon.process is not None
    pid.write_text(str(daemon.process.pid))
    line = careen.refused_but_dirty(*words, "--test", f"kill -9 $(cat {pid})")
    assert "docker daemon" in line
    assert "could not clean up" in line
    daemon.stop(signal.SIGKILL)
    assert not (tmp_path / "out").exists()
    rows = {row["name"]: row for row in careen("doctor", "--json").document}
    assert rows["killed runs"]["health"] == "limited"
    daemon.start()
    assert daemon.ask("ps", "--all", "--quiet").split() != []
    careen("doctor")
    assert careen.runs() == []
    assert daemon.ask("ps", "--all", "--quiet").split() == []
    assert daemon.ask("images", "--format", "{{.Repository}}:{{.Tag}}").split() == [
        service.name("original")
    ]
    assert (
        daemon.ask("image", "inspect", "--format", "{{.Id}}", service.name("original")) == original
    )
    summary = careen(*words, "--exec", "/usr/bin/service health 8000", "--json").document
    assert summary["tests"]["hardened"]["passed"] is True
    assert (
        json.loads(
            (tmp_path / "careen-out")
            .joinpath(next((tmp_path / "careen-out").iterdir()).name, "summary.json")
            .read_text()
        )
        == summary
    )
