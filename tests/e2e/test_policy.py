"""`careen policy` on a small image: the policy from its RBOM, tests and probes under it, an image
for another user.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from careen.engines.embedded.spec import CAPABILITIES
from careen.model.runs.trace import Phase
from careen.model.runs.workload import Confinement, RunOptions
from careen.pipeline.confining.prove import INSIDE
from careen.policy.files.seccomp import seccomp_profile
from careen.policy.probes import PROGRAM, probe_program, read_results
from careen.tools.process import run
from tests.e2e.conftest import Service
from tests.support.careen_command import Careen, containers_of, docker
from tests.support.engine_bench import Bench
from tests.support.engine_cases import ENGINES
from tests.support.policies import bom_of, policy_of, subject_of

SCHEMA = Path(__file__).parents[2] / "docs" / "schema" / "policy-1.schema.json"
TEST = (
    'curl -fsS "$BASE_URL/file/usr/share/half/used.txt" | grep -q "half of it" && echo "2 passed in'
    ' 0.1s"'
)


@dataclass(frozen=True, slots=True)
class Profiled:
    """The image with an RBOM, and the words that name the engine."""

    careen: Careen
    image: str
    engine: tuple[str, ...]

    def policy(self, *words: str, status: int = 0) -> Any:
        """Run it, and return policy.json, which its schema and its output agree with."""
        common = (*self.engine, "--rbom", "rbom.json", "--json")
        printed = self.careen("policy", self.image, *common, *words, status=status).document
        written = json.loads((self.careen.folder / "policy" / "policy.json").read_text())
        assert printed == written
        jsonschema.validate(written, json.loads(SCHEMA.read_text()))
        return written


@pytest.fixture(params=ENGINES)
def profiled(request: pytest.FixtureRequest, service: Service, tmp_path: Path) -> Profiled:
    return profile(service, tmp_path, request.param)


def profile(service: Service, folder: Path, engine: str) -> Profiled:
    """Profile the image by an engine."""
    found = Profiled(Careen(folder), f"./{service.archive.name}", ("--engine", engine))
    shutil.copyfile(service.archive, folder / service.archive.name)
    found.careen("profile", found.image, *found.engine, "--test", TEST, "-o", "rbom.json")
    document = folder / "rbom.json"
    rbom = json.loads(document.read_text())
    spool = {"path": "/var/spool", "kind": "directory", "layer": 0, "uses": []}
    spool["uses"] = [{"use": "written", "phases": ["start"], "executable": 0, "origin": 0}]
    rbom["files"] = sorted([*rbom["files"], spool], key=lambda each: each["path"])
    document.write_text(json.dumps(rbom))
    return found


def probes_of(policy: Any) -> dict[str, Any]:
    return {each["name"]: each for each in policy["proof"]["probes"]}


def test_tests_pass_under_the_policy_and_probes_do_not(profiled: Profiled) -> None:
    policy = profiled.policy("--prove", "--test", TEST)
    mounts = {each["path"]: (each["by"], each["uid"]) for each in policy["writable"]}
    assert mounts == {"/data": ("tmpfs", 0), "/var/spool": ("tmpfs", 65534)}
    (tests,) = policy["proof"]["tests"]
    assert (tests["passed"], tests["cases"], tests["reason"]) == (True, 2, "")
    probes = probes_of(policy)
    by_seccomp = [name for name, each in probes.items() if each["blocked_by"] == "seccomp"]
    assert len(by_seccomp) >= 10
    for name in ("ptrace", "mount", "user-namespace", "bpf", "keyctl", "io-uring", "module"):
        assert probes[name]["blocked_by"] == "seccomp", probes[name]
    assert probes["write-usr"]["blocked_by"] == "read-only root"
    assert probes["gain-privileges"]["blocked_by"] == "no-new-privileges"
    assert not probes["ptrace"]["already"]
    for place in ("/data", "/var/spool"):
        written = probes[f"run-written:{place}"]
        assert (written["blocked_by"], written["under"]) == ("a mount without execution", "EACCES")
    # the shell of this image is a script of its program
    assert probes["shell"]["blocked_by"] is None


@pytest.mark.parametrize("user", ["0:0", "65534:65534"])
@pytest.mark.parametrize("sealed", [True, False])
def test_the_floor_is_enough_to_start_and_to_enter_a_container(
    bench: Bench, user: str, sealed: bool, tmp_path: Path
) -> None:
    """What the runtime calls after it has installed the filter, which is later with
    no-new-privileges. The probe of the tests waits, so that a command can be run beside it.
    """
    calls = {Phase.START: ("execve",)}
    subject = subject_of(bom_of(syscalls=calls))
    profile = tmp_path / "seccomp.json"
    profile.write_bytes(seccomp_profile(policy_of(subject), subject.defaults))
    confinement = Confinement((), no_new_privileges=sealed, seccomp=profile)
    options = RunOptions(args=("wait",), user=user, read_only=True, confinement=confinement)
    with bench.container(options) as container:
        container.start()
        assert container.exec(("/bin/probe", "id"), 30).status == 0
        assert container.state().running


def test_the_other_groups_of_a_user_are_given_to_it(bench: Bench) -> None:
    confinement = Confinement((), groups=(4242, 44))
    options = RunOptions(args=("id",), user="1000:1000", confinement=confinement)
    with bench.container(options) as container:
        container.start()
        assert container.wait(30) == 0
        (line,) = (text for text in container.logs().splitlines() if text.startswith("Groups:"))
    assert {"4242", "44"} <= set(line.split()[1:])


def test_an_audit_profile_refuses_nothing_that_docker_allows(
    docker_like: Bench, tmp_path: Path
) -> None:
    subject = subject_of(user=(0, 0))
    profile = tmp_path / "seccomp.json"
    profile.write_bytes(seccomp_profile(policy_of(subject, audit=True), subject.defaults))
    audit = Confinement(tuple(CAPABILITIES), no_new_privileges=False, seccomp=profile)
    without, under = (results_of(docker_like, each) for each in (None, audit))
    refused = {name for name, result in under.items() if without[name] == "ok" != result}
    assert without["chroot"] == "ok"
    # docker's default profile refuses AF_ALG since 2026, that of an older engine does not
    assert refused <= {"crypto-socket"}


def results_of(bench: Bench, confinement: Confinement | None) -> Mapping[str, str]:
    """Return what careen's own probes do as root."""
    options = RunOptions(
        user="0:0",
        volumes=(f"{probe_program().parent}:{INSIDE}:ro",),
        entrypoint=f"{INSIDE}/{PROGRAM}",
        confinement=confinement,
    )
    with bench.container(options) as container:
        container.start()
        assert container.wait(60) == 0
        return read_results(container.logs())


@pytest.mark.docker
@pytest.mark.root
@pytest.mark.bpf
def test_exploration_is_repeated_under_the_policy(service: Service, tmp_path: Path) -> None:
    profiled = profile(service, tmp_path, "docker")
    proof = profiled.policy("--prove", "--explore", "safe", "--test", TEST)["proof"]
    explored = proof["explored"]
    assert explored["experiments"] >= 1
    assert explored["answers"] >= 5
    assert (explored["differences"], explored["differing"]) == (0, [])
    assert not [text for text in proof["not_applied"] if "exploration" in text]


@pytest.mark.docker
@pytest.mark.root
@pytest.mark.bpf
def test_what_breaks_a_test_is_named_and_the_status_is_3(service: Service, tmp_path: Path) -> None:
    profiled = profile(service, tmp_path, "docker")
    rbom = json.loads((tmp_path / "rbom.json").read_text())
    for names in rbom["syscalls"].values():
        names[:] = [name for name in names if not name.startswith("accept")]
    (tmp_path / "rbom.json").write_text(json.dumps(rbom))
    policy = profiled.policy("--prove", "--ready-timeout", "5s", "--test", TEST, status=3)
    (tests,) = policy["proof"]["tests"]
    assert not tests["passed"]
    assert tests["reason"].endswith("it passes without the seccomp profile")


@pytest.mark.docker
@pytest.mark.root
@pytest.mark.bpf
@pytest.mark.parametrize("mode", [(), ("--audit",)])
def test_docker_takes_the_written_flags(
    in_docker: Service, careen: Careen, mode: tuple[str, ...]
) -> None:
    image = in_docker.name("original")
    careen("profile", image, "--test", TEST, "-o", "rbom.json")
    careen("policy", image, "--rbom", "rbom.json", *mode)
    folder = careen.folder / "policy"
    flags = (folder / "docker-flags.txt").read_text().split()
    done = run(
        ["docker", "run", "--rm", *flags, image, "cat", "/app/current/settings.txt"],
        timeout=60,
        cwd=str(folder),
    )
    assert (done.status, done.text) == (0, "colour = teal\n"), done.complaint


@pytest.mark.docker
@pytest.mark.root
@pytest.mark.bpf
def test_an_image_for_another_user_gets_its_name_when_tests_pass(
    in_docker: Service, careen: Careen
) -> None:
    image, tag = in_docker.name("original"), in_docker.name("as-user")
    careen("profile", image, "--test", TEST, "-o", "rbom.json")
    words = ("policy", image, "--rbom", "rbom.json", "--user", "10001", "-t", tag, "--prove")
    careen(*words, "--test", "false", "--json", status=1)
    assert docker("images", "--quiet", tag) == ""
    policy = careen(*words, "--test", TEST, "--json").document
    user = {"uid": 10001, "gid": 10001, "groups": [], "home": "/", "source": "--user"}
    assert policy["user"] == user
    assert docker("image", "inspect", tag, "--format", "{{.Config.User}}") == "10001:10001"
    said = docker("run", "--rm", tag, "cat", "/etc/passwd")
    assert said.splitlines()[-1] == "app:x:10001:10001::/home/app:/sbin/nologin"
    docker("image", "rm", tag)
    assert containers_of(in_docker.mark) == []


@pytest.mark.docker
@pytest.mark.root
@pytest.mark.bpf
def test_bad_input_gets_one_line_and_writes_nothing(in_docker: Service, careen: Careen) -> None:
    image = in_docker.name("original")
    careen("profile", image, "--test", TEST, "-o", "rbom.json")
    rbom = ("policy", image, "--rbom", "rbom.json")
    cases = {
        (*rbom, "--audit", "--prove", "--test", TEST): "an audit policy refuses nothing",
        (*rbom, "--test", TEST): "which only --prove does",
        (*rbom, "--explore", "safe"): "--explore: describes how to run the image",
        (*rbom, "-t", in_docker.name("x")): "give --user UID and --prove, too",
        (*rbom, "--prove"): "no tests: give --test",
        (*rbom, "--name", "///"): "expected letters or digits",
        (*rbom, "--name", ""): "expected letters or digits",
        (*rbom, "--user", "no-such-user"): "has no 'no-such-user'",
        ("policy", image, "--rbom", "missing.json"): "cannot be read",
        ("policy", image, "--rbom", "policy-test.txt"): "policy-test.txt",
    }
    (careen.folder / "policy-test.txt").write_text('{"format": "other"}')
    for words, expected in cases.items():
        assert expected in careen.refused(*words)
    assert not (careen.folder / "policy").exists()
    taken = careen.folder / "mine" / "seccomp.json"
    taken.parent.mkdir()
    taken.write_text("mine")
    # The folder is checked before the tests run.
    said = careen.refused(*rbom, "--policy-dir", "mine", "--prove", "--test", "false")
    assert "without the policy.json of an earlier policy" in said
    assert taken.read_text() == "mine"
