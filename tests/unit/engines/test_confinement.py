"""Limits beyond the defaults, in docker's words and in the runtime specification."""

from pathlib import Path

from careen.engines.client.engine import docker_options
from careen.engines.embedded.accounts import Identity
from careen.engines.embedded.spec import CAPABILITIES, Container, Process, runtime_spec
from careen.model.runs.workload import Confinement, RunOptions

ROOT = Identity(0, 0, (0,), "/root")
OTHER = Identity(7, 7, (7,), "/")
CONTAINER = Container("ab" * 32, "/root", "/net", (), (), 1, read_only=True)


def test_docker_drops_everything_and_gives_back_what_is_needed() -> None:
    asked = Confinement(("CAP_CHOWN", "CAP_KILL"), no_new_privileges=True, seccomp=Path("/p.json"))
    assert docker_options(RunOptions(confinement=asked), ()) == (
        *("--cap-drop", "ALL", "--cap-add", "CHOWN", "--cap-add", "KILL"),
        *("--security-opt", "no-new-privileges", "--security-opt", "seccomp=/p.json"),
    )


def test_docker_gives_the_user_more_groups() -> None:
    asked = Confinement((), no_new_privileges=False, groups=(4242, 44))
    assert docker_options(RunOptions(confinement=asked), ()) == (
        *("--cap-drop", "ALL", "--group-add", "4242", "--group-add", "44"),
    )


def test_docker_keeps_its_own_profile_without_another() -> None:
    asked = Confinement((), no_new_privileges=False)
    assert docker_options(RunOptions(confinement=asked), ()) == ("--cap-drop", "ALL")


def test_the_runtime_gets_the_same() -> None:
    process = Process(("/a",), (), "/", ROOT, ("CAP_CHOWN",), no_new_privileges=True)
    found = runtime_spec(CONTAINER, process)["process"]
    assert found["noNewPrivileges"] is True
    assert found["capabilities"]["bounding"] == found["capabilities"]["effective"] == ["CAP_CHOWN"]


def test_a_user_other_than_root_has_no_capability_in_effect() -> None:
    process = Process(("/a",), (), "/", OTHER)
    found = runtime_spec(CONTAINER, process)["process"]["capabilities"]
    assert (found["effective"], found["bounding"]) == ([], CAPABILITIES)


def test_the_runtime_gets_another_profile_as_it_is() -> None:
    process = Process(("/a",), (), "/", ROOT)
    profile = {"defaultAction": "SCMP_ACT_LOG"}
    other = Container("ab" * 32, "/root", "/net", (), (), 1, read_only=True, seccomp=profile)
    assert runtime_spec(other, process)["linux"]["seccomp"] == profile
    own = runtime_spec(CONTAINER, process)["linux"]["seccomp"]
    assert own["defaultAction"] == "SCMP_ACT_ERRNO"
