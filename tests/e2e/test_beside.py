"""The capabilities that deploy/kubernetes names are enough, and each is needed.

careen runs in a container with exactly the rights of the manifests, and watches another container
of its pod from its first exec.
"""

import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from careen.model.rbom import RunKind
from careen.model.runs.trace import Phase, Use
from careen.rbom.store import load_rbom, read_rbom, write_rbom
from tests.e2e.conftest import Service
from tests.support.boms import BOM
from tests.support.careen_command import docker
from tests.support.engine_bench import until
from tests.support.node import BURSTABLE, Node, node

pytestmark = [pytest.mark.root, pytest.mark.bpf, pytest.mark.docker, pytest.mark.slow]

CHECKOUT = Path(__file__).resolve().parents[2]
PLACES = ("/usr", "/bin", "/lib", "/lib64", sys.base_prefix, sys.prefix, CHECKOUT)


def manifest(file: str) -> dict[str, Any]:
    """The container of careen in a manifest."""
    document = yaml.safe_load((CHECKOUT / "deploy/kubernetes" / file).read_text())
    spec = document["spec"].get("template", document)["spec"]
    (found,) = [
        each
        for each in (*spec.get("initContainers", ()), *spec["containers"])
        if each["name"] == "careen"
    ]
    return dict(found)


CAPABILITIES: list[str] = manifest("profile/job.yaml")["securityContext"]["capabilities"]["add"]


@dataclass
class Pod:
    """A pod of docker containers: careen's, and others that start after it."""

    node: Node
    service: Service
    mark: str
    uid: str
    out: Path

    @property
    def parent(self) -> str:
        driver = docker("info", "--format", "{{.CgroupDriver}}")
        if driver == "systemd":
            return f"kubepods-burstable-pod{self.uid.replace('-', '_')}.slice"
        return f"/{BURSTABLE}/pod{self.uid}"

    def careen(
        self,
        *words: str,
        capabilities: list[str] = CAPABILITIES,
        host_pids: bool = True,
        groups: bool = True,
    ) -> str:
        """Start careen with the rights of the manifest; return the container's name."""
        name = f"careen-test-{self.mark}-careen"
        added = [word for each in capabilities for word in ("--cap-add", each)]
        limits = ("--cap-drop", "ALL", *added, "--security-opt", "no-new-privileges", "--read-only")
        mounts = [
            f"{place}:{place}:ro"
            for place in dict.fromkeys(map(str, PLACES))
            if Path(place).exists()
        ]
        if groups:
            mounts.append("/sys/fs/cgroup:/sys/fs/cgroup:ro")
        mounts += [f"{self.service.archive.parent}:/image:ro", f"{self.out}:/out"]
        docker(
            *("run", "--detach", "--name", name, "--user", "0:0", *limits),
            *(("--pid", "host") if host_pids else ()),
            *("--network", "none", "--cgroup-parent", self.parent, "--cgroupns", "private"),
            *("--tmpfs", "/tmp", "--tmpfs", "/var/tmp", "--workdir", "/work"),
            *(word for mount in mounts for word in ("--volume", mount)),
            *("--env", "HOME=/tmp"),
            *("--env", f"PYTHONPATH={CHECKOUT}/src", f"careen-test-{self.mark}:empty"),
            *(sys.executable, "-m", "careen", *words),
        )
        return name

    def start(self, container: str, *words: str) -> str:
        """Start another container of the pod, as the kubelet has it made."""
        name = f"careen-test-{self.mark}-{container}"
        log = f"{self.node.log_of(self.uid, container)}:/dev/termination-log"
        group = ("--cgroup-parent", self.parent, "--network", "none")
        docker(
            "run",
            "--detach",
            "--name",
            name,
            *group,
            "--volume",
            log,
            self.service.name("original"),
            *words,
        )
        return name


@pytest.fixture
def pod(in_docker: Service, tmp_path: Path) -> Iterator[Pod]:
    mark = secrets.token_hex(4)
    empty = f"careen-test-{mark}:empty"
    (tmp_path / "none").mkdir()
    archive = tmp_path / "none.tar"
    archive.write_bytes(b"\0" * 10240)
    docker("import", str(archive), empty)
    out = tmp_path / "out"
    out.mkdir()
    with node(tmp_path / "node") as made:
        uid = made.new_uid()
        made.log_of(uid, "app")
        try:
            yield Pod(made, in_docker, mark, uid, out)
        finally:
            names = docker(
                "ps", "--all", "--quiet", "--filter", f"name=careen-test-{mark}-"
            ).split()
            if names:
                docker("rm", "--force", "--volumes", *names)
            docker("rmi", "--force", empty)


def words(pod: Pod, *more: str) -> tuple[str, ...]:
    image = f"docker-archive:/image/{pod.service.archive.name}"
    target = ("--watching", "/out/watching", "--output", "/out/rbom.json")
    return ("profile", image, "--beside", "app", "--pod", pod.uid, *target, *more)


def test_a_container_is_recorded_from_its_first_exec_with_three_capabilities(pod: Pod) -> None:
    assert CAPABILITIES == ["BPF", "PERFMON", "SYS_PTRACE"]
    (pod.out / "watching").touch()  # of a careen that was started before, and ended
    before = (pod.out / "watching").stat().st_ino, (pod.out / "watching").stat().st_mtime_ns
    name = pod.careen(*words(pod))

    def is_watching() -> bool:
        try:
            found = (pod.out / "watching").stat()
        except FileNotFoundError:
            return False
        return (found.st_ino, found.st_mtime_ns) != before

    until(is_watching, 60)
    app = pod.start("app")
    until(lambda: docker("exec", app, "/usr/bin/service", "health", "8000") is not None, 30)
    pod.start("tests", "cat", "/etc/passwd")
    docker("exec", app, "/usr/bin/service", "cat", "/usr/share/half/used.txt")
    docker("stop", "--time", "2", app)
    until((pod.out / "rbom.json").exists, 60)
    assert docker("inspect", "--format", "{{.State.Running}}", name) == "true"  # till the pod ends
    docker("stop", "--time", "30", name)
    assert docker("inspect", "--format", "{{.State.ExitCode}}", name) == "0"
    bom = load_rbom(pod.out / "rbom.json")
    (run,) = bom.runs
    assert (run.kind, run.workload, run.engine, run.checked) == (
        RunKind.WORKLOAD,
        "pod:app",
        "kubernetes",
        "observation",
    )
    assert run.command == ("/usr/bin/service", "serve", "8000")
    assert run.sensor.complete
    assert bom.saw_start
    uses = {(file.path, use.use) for file in bom.files for use in file.uses}
    assert ("/usr/bin/service", Use.EXECUTED) in uses
    assert ("/usr/share/service/model.bin", Use.OPENED) in uses  # read once, at the start
    assert ("/usr/share/half/used.txt", Use.OPENED) in uses
    assert "execve" in bom.syscalls[Phase.START]
    assert [end.port for end in bom.endpoints if end.direction == "bind"] == [8000]


@pytest.mark.parametrize("missing", ["BPF", "PERFMON", "SYS_PTRACE"])
def test_each_capability_is_needed(pod: Pod, missing: str) -> None:
    some = [each for each in CAPABILITIES if each != missing]
    name = pod.careen(*words(pod), capabilities=some)
    if missing == "SYS_PTRACE":
        until((pod.out / "watching").exists, 60)
        pod.start("app")
    assert docker("wait", name) == "1"
    said = complaint(name)
    assert f"CAP_{missing}" in said
    assert not (pod.out / "rbom.json").exists()


@pytest.mark.parametrize("hidden", ["groups", "processes"])
def test_what_the_node_hides_is_one_line(pod: Pod, hidden: str) -> None:
    name = pod.careen(
        *words(pod, "--for", "20s"), host_pids=hidden != "processes", groups=hidden != "groups"
    )
    if hidden == "processes":
        until((pod.out / "watching").exists, 60)
        pod.start("app")
    assert docker("wait", name) == "1"
    said = complaint(name)
    assert ("hostPID" if hidden == "processes" else "/sys/fs/cgroup") in said
    assert not (pod.out / "rbom.json").exists()
    assert not (pod.out / "watching").exists()


def test_the_recorder_needs_no_working_directory_of_its_own(pod: Pod) -> None:
    (pod.out / "pods.json").write_text('{"items": []}')
    words = [
        word.replace("/rboms", "/out/rboms").replace("$(NODE_NAME)", "n1")
        for word in manifest("recorder/daemonset.yaml")["args"]
        if not word.startswith("--every")  # one pass
    ]
    name = pod.careen(*words, "--pods-from=/out/pods.json")
    assert docker("wait", name) == "1"
    assert "no pod is chosen by 'careen.io/record=true'" in complaint(name)


def test_the_reader_hands_an_rbom_over(pod: Pod) -> None:
    """By the command of docs/kubernetes.md."""
    (pod.out / "app.rbom.json").write_bytes(write_rbom(BOM))
    context = manifest("reader/pod.yaml")["securityContext"]
    assert (context["readOnlyRootFilesystem"], context["capabilities"]) == (True, {"drop": ["ALL"]})
    merging = ("profile", "--merge", "/out/app.rbom.json", "--json")
    name = pod.careen(*merging, capabilities=[], host_pids=False, groups=False)
    assert docker("wait", name) == "0", docker("logs", name)
    assert read_rbom(docker("logs", name).encode()) == BOM


def complaint(name: str) -> str:
    """The one line that a command that failed says at its end."""
    done = subprocess.run(["docker", "logs", name], capture_output=True, text=True, check=True)  # noqa: TID251
    assert done.stdout == ""
    lines = [
        line
        for line in done.stderr.splitlines()
        if not line.startswith(("careen: inspect: ", "careen: record: "))
    ]
    assert len(lines) == 1, lines
    return lines[0]
