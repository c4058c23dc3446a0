"""The compose documents that careen makes of a user's file: for the neighbours of a service, and
for each container of it.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from careen.engines.client import client
from careen.engines.client.client import DOCKER
from careen.engines.client.engine import ClientEngine
from careen.engines.compose import file, project
from careen.engines.compose.file import document_of, image_of, ports_of, read_compose
from careen.engines.compose.neighbours import check_service, needed, neighbours_document
from careen.engines.compose.project import _trouble, is_alone, remove_project
from careen.engines.compose.watched import Wanted, watched_document
from careen.errors import InputError, ToolError
from careen.model.runs.compose import ComposeService
from careen.model.runs.engine import PreparedImage
from careen.model.runs.workload import Confinement, RunOptions
from careen.tools.process import Finished, Program
from careen.tools.workspace import workspace

SERVICES: dict[str, Any] = {
    "api": {
        "build": {"context": "."},
        "image": "shop/api:1",
        "command": ["serve", "$$HOME"],
        "container_name": "shop-api",
        "depends_on": {
            "db": {"condition": "service_healthy", "required": True},
            "mail": {"condition": "service_started", "required": False},
        },
        "deploy": {"replicas": 3, "resources": {"limits": {"memory": "1g", "cpus": "1"}}},
        "environment": {"KEY": "$$x", "TOKEN": None},
        "expose": ["9000", "53/udp"],
        "healthcheck": {"test": ["CMD", "x"]},
        "links": ["db:database"],
        "networks": {"default": None, "back": {"aliases": ["a"]}},
        "ports": [{"target": 80, "protocol": "tcp", "published": "8080"}],
        "restart": "always",
        "ulimits": {"nofile": 10},
        "volumes": [
            {"type": "bind", "source": "/home/x", "target": "/x"},
            {"type": "volume", "source": "data", "target": "/data"},
            {"type": "volume", "source": "theirs", "target": "/theirs"},
        ],
    },
    "db": {
        "build": {"context": "db"},
        "container_name": "shop-db",
        "depends_on": {"disk": {"condition": "service_started"}},
        "networks": {"back": None},
        "ports": [{"target": 5432, "published": "5432"}],
        "profiles": ["x"],
        "pull_policy": "build",
        "restart": "unless-stopped",
    },
    "disk": {"image": "disk", "networks": {"back": None}},
    "mail": {"image": "mail", "network_mode": "none"},
    "other": {"image": "other", "depends_on": {"api": {}}},
}
DOCUMENT: dict[str, Any] = {
    "name": "shop",
    "services": SERVICES,
    "networks": {"default": {"name": "shop_default"}, "back": {"name": "b", "internal": True}},
    "volumes": {"data": {"name": "shop-data"}, "theirs": {"name": "theirs", "external": True}},
}
SHARED: dict[str, Any] = {
    "name": "shop",
    "services": {
        name: {"image": name, "networks": {"default": None, "users": {"aliases": [f"{name}-1"]}}}
        for name in ("api", "db")
    },
    "networks": {"default": {"name": "shop_default"}, "users": {"name": "u", "external": True}},
}
SERVICE = ComposeService("api", "/srv", json.dumps(DOCUMENT))
WANTED = Wanted("sha256:00", "careen-0", (8000,), {"io.careen.run": "run-1"}, "careenhold0")
PLAIN = RunOptions(ports=("127.0.0.1::80",), compose=SERVICE)


@pytest.fixture(autouse=True)
def docker(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests need no docker: what it would answer stands in them."""
    monkeypatch.setattr(Program, "path", lambda _: "/usr/bin/docker")


def watched(options: RunOptions = PLAIN) -> dict[str, Any]:
    service = options.compose or SERVICE
    made = watched_document(service, options, WANTED)
    (only,) = made["services"].values()
    found: dict[str, Any] = only
    return found


def test_the_watched_service_keeps_what_the_file_says_but_for_what_careen_decides() -> None:
    found = watched()
    assert found["command"] == ["serve", "$$HOME"]
    assert found["environment"] == {"KEY": "$$x", "TOKEN": None}
    assert found["ulimits"] == {"nofile": 10}
    assert found["ports"] == ["127.0.0.1::80", "127.0.0.1::8000"]
    assert (found["image"], found["container_name"]) == ("sha256:00", "careen-0")
    assert (found["restart"], found["healthcheck"]) == ("no", {"disable": True})
    assert found["cgroup_parent"] == "careenhold0"
    assert {"build", "depends_on", "links"}.isdisjoint(found)
    assert "replicas" not in found["deploy"]
    aliases = {name: network["aliases"] for name, network in found["networks"].items()}
    assert aliases == {"default": ["api", "shop-api"], "back": ["a", "api", "shop-api"]}


def test_names_of_the_user_are_not_those_of_careens_project() -> None:
    made = watched_document(SERVICE, PLAIN, WANTED)
    assert made["networks"] == {"default": {}, "back": {"internal": True}}
    assert made["volumes"] == {"data": {}, "theirs": {"name": "theirs", "external": True}}


def test_options_of_a_run_add_to_the_file() -> None:
    options = replace(
        PLAIN,
        env=("KEY=a$b", "LANG"),
        args=("--x", "$HOME"),
        user="12345",
        read_only=True,
        tmpfs=("/tmp",),
        memory="100m",
        dns=("192.0.2.1",),
        confinement=Confinement(("CAP_CHOWN",), seccomp=Path("/p.json"), groups=(7,)),
    )
    found = watched(options)
    assert found["environment"] == {"KEY": "a$$b", "TOKEN": None, "LANG": None}
    assert found["command"] == ["--x", "$$HOME"]
    assert (found["user"], found["read_only"], found["tmpfs"]) == ("12345", True, ["/tmp"])
    assert found["mem_limit"] == "100m"
    assert found["deploy"]["resources"]["limits"] == {"cpus": "1"}
    assert (found["cap_drop"], found["cap_add"], found["group_add"]) == (["ALL"], ["CHOWN"], ["7"])
    assert found["security_opt"] == ["no-new-privileges:true", "seccomp:/p.json"]


def test_a_container_without_a_network_is_in_none_and_publishes_nothing() -> None:
    found = watched(replace(PLAIN, network="none"))
    assert found["network_mode"] == "none"
    assert {"networks", "ports"}.isdisjoint(found)


def test_another_entrypoint_drops_the_command_of_the_file() -> None:
    found = watched(replace(PLAIN, entrypoint="/bin/x", args=("-h",)))
    assert (found["entrypoint"], found["command"]) == (["/bin/x"], ["-h"])


def test_an_experiment_writes_nothing_of_the_user() -> None:
    options = replace(PLAIN, compose=replace(SERVICE, throwaway=True))
    read_only = [each.get("read_only", False) for each in watched(options)["volumes"]]
    assert read_only == [True, False, True]


def test_gpus_are_what_the_file_says() -> None:
    with pytest.raises(InputError, match="deploy"):
        watched(replace(PLAIN, gpus="all"))


def test_neighbours_are_what_a_service_depends_on() -> None:
    assert needed(DOCUMENT, "api") == ("db", "disk", "mail")
    assert needed(DOCUMENT, "db") == ("disk",)


def test_without_dependencies_all_that_do_not_depend_on_it_are_neighbours() -> None:
    assert needed(DOCUMENT, "disk") == ("mail",)


def test_a_neighbour_has_no_name_and_no_port_of_this_machine() -> None:
    made = neighbours_document(DOCUMENT, "api", {"io.careen.run": "run-1"})
    assert sorted(made["services"]) == ["db", "disk", "mail"]
    db = made["services"]["db"]
    assert {"build", "container_name", "ports", "profiles"}.isdisjoint(db)
    assert (db["image"], db["restart"], db["pull_policy"]) == ("shop-db", "on-failure", "missing")
    assert db["networks"] == {"back": {"aliases": ["db", "database", "shop-db"]}}
    assert db["depends_on"] == {"disk": {"condition": "service_started"}}
    assert "networks" not in made["services"]["mail"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"network_mode": "host"}, "network_mode 'host'"),
        ({"network_mode": "service:db"}, "network_mode 'service:db'"),
        ({"pid": "service:db"}, "cannot be watched apart"),
        ({"volumes_from": ["db"]}, "volumes_from"),
        ({"secrets": [{"source": "tok"}]}, "it has to be a file"),
    ],
)
def test_what_cannot_be_watched_is_refused(more: dict[str, Any], said: str) -> None:
    document = {
        "services": {"api": {"image": "x", **more}},
        "secrets": {"tok": {"environment": "TOK"}},
    }
    with pytest.raises(InputError, match=said):
        check_service(document, "api")


def test_an_unknown_service_is_named_beside_those_of_the_file() -> None:
    with pytest.raises(InputError, match="service 'ap': not in the compose file, which has api"):
        check_service(DOCUMENT, "ap")


def test_images_and_ports_are_those_of_the_service() -> None:
    assert (image_of(DOCUMENT, "api"), image_of(DOCUMENT, "db")) == ("shop/api:1", "shop-db")
    assert ports_of(DOCUMENT, "api") == (80, 9000)


@pytest.mark.parametrize(
    ("condition", "state", "trouble"),
    [
        ("service_started", {"Running": True}, None),
        ("service_started", {"Status": "exited", "ExitCode": 1}, None),
        ("service_completed_successfully", {"Running": True}, ""),
        ("service_completed_successfully", {"Status": "created"}, ""),
        ("service_completed_successfully", {"Status": "exited", "ExitCode": 0}, None),
        (
            "service_completed_successfully",
            {"Status": "exited", "ExitCode": 3},
            "ended with exit status 3",
        ),
        ("service_healthy", {"Running": True, "Health": {"Status": "healthy"}}, None),
        ("service_healthy", {"Running": True, "Health": {"Status": "starting"}}, ""),
        ("service_healthy", {"Running": True, "Health": {"Status": "unhealthy"}}, "is unhealthy"),
        ("service_healthy", {"Status": "exited", "ExitCode": 1}, "ended with exit status 1"),
        ("service_healthy", {"Running": True}, "has no health check"),
        ("service_started", None, "there is no container of it"),
    ],
)
def test_a_condition_is_met_or_not_yet_or_never(
    condition: str, state: dict[str, Any] | None, trouble: str | None
) -> None:
    found = _trouble(condition, state)
    assert found is None if trouble is None else found is not None and found.startswith(trouble)
    assert (found == "") == (trouble == "")


def test_only_containers_that_serve_have_neighbours() -> None:
    thrown = replace(PLAIN, compose=replace(SERVICE, throwaway=True))
    assert not is_alone(PLAIN)
    assert not is_alone(replace(PLAIN, entrypoint="/bin/x"))
    assert not is_alone(thrown)
    assert is_alone(replace(thrown, entrypoint="/bin/x"))
    assert is_alone(replace(PLAIN, network="none"))


@pytest.mark.parametrize("name", ["shop", "careen-1", "careen-0123456789abcdef --all", ""])
def test_only_projects_of_careen_are_removed(name: str) -> None:
    with pytest.raises(ToolError, match="not a compose project of ours"):
        remove_project(DOCKER, name)


@pytest.mark.parametrize(
    ("done", "error", "said"),
    [
        (
            Finished(1, b"", b"docker: 'compose' is not a docker command.\n"),
            ToolError,
            "not installed",
        ),
        (
            Finished(1, b"", b'msg="The \\"TAG\\" variable is not set."\nno image\n'),
            InputError,
            "no image; not set here: TAG",
        ),
        (Finished(0, b"{", b""), ToolError, "not JSON"),
        (Finished(0, b"[]", b""), ToolError, "no services"),
        (Finished(None, b"", b""), ToolError, "did not answer"),
    ],
)
def test_what_compose_says_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    done: Finished,
    error: type[Exception],
    said: str,
) -> None:
    monkeypatch.setattr(file, "run", lambda *_, **__: done)
    (tmp_path / "c.yaml").touch()
    with pytest.raises(error, match=said):
        read_compose([tmp_path / "c.yaml"])


def test_a_project_is_removed_until_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """The daemon may still make a container when compose was ended."""
    name, asked = "careen-0123456789abcdef", []
    left = {"ps": [["a"], ["b"], []], "network": [["n"], ["n"], []], "volume": [["v"], [], []]}

    def answer(argv: tuple[str, ...], **_: object) -> Finished:
        words = argv[1:]
        asked.append(words[:2])
        if words[1] == "rm" or words[0] == "rm":
            return Finished(1 if words[-1] == "n" else 0, b"", b"network n has active endpoints")
        return Finished(0, " ".join(left[words[0]].pop(0)).encode(), b"")

    monkeypatch.setattr(project, "run", answer)
    monkeypatch.setattr(client, "run", answer)
    monkeypatch.setattr(project, "_PAUSE", 0.0)
    remove_project(DOCKER, name)
    assert left == {"ps": [], "network": [], "volume": []}
    assert asked.count(("rm", "--force")) == 2
    left.update({"ps": [["a"]] * 9, "network": [[]] * 9, "volume": [[]] * 9})
    with pytest.raises(ToolError, match="still has something of it"):
        remove_project(DOCKER, name)


def test_a_missing_compose_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_compose([tmp_path / "c.yaml"])


def test_variables_that_nothing_sets_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    err = b'msg="The \\"TAG\\" variable is not set. Defaulting to a blank string."\n'
    monkeypatch.setattr(file, "run", lambda *_, **__: Finished(0, b'{"services": {}}', err))
    (tmp_path / "c.yaml").touch()
    read = read_compose([tmp_path / "c.yaml"])
    assert (document_of(read.text), read.unset) == ({"services": {}}, ("TAG",))


def test_no_container_takes_a_name_in_an_external_network() -> None:
    """There the user's own containers answer to it."""
    service = ComposeService("api", "/srv", json.dumps(SHARED))
    (found,) = watched_document(service, PLAIN, WANTED)["services"].values()
    db = neighbours_document(SHARED, "api", {})["services"]["db"]
    assert found["networks"] == {"default": {"aliases": ["api"]}, "users": {}}
    assert db["networks"] == {"default": {"aliases": ["db"]}, "users": {}}


def test_a_failed_clean_up_does_not_hide_the_first_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(error: Exception) -> Callable[..., None]:
        def raises(*_: object, **__: object) -> None:
            raise error

        return raises

    monkeypatch.setattr(project.ComposeProject, "begin", fails(InputError("no such neighbour")))
    monkeypatch.setattr(project.ComposeProject, "end", fails(ToolError("docker went away")))
    with workspace(tmp_path / "work", {"docker-container": lambda _: None}) as space:
        engine = ClientEngine(space, DOCKER)
        with pytest.raises(InputError, match="no such neighbour") as raised:
            engine.create(PreparedImage("shop/api:1", "sha256:00"), PLAIN, ())
    assert raised.value.__notes__ == ["docker went away"]
