"""Docker's and podman's command lines: what their answers mean. Both are stand-ins here."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from careen.engines.client import client as client_module
from careen.engines.client.client import DOCKER, PODMAN, Client, complaint, full_id
from careen.engines.client.events import read_event
from careen.errors import ToolError

ID = "a" * 64


@pytest.fixture
def says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let a client print text and exit with a status."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    def write(client: Client, out: str = "", err: str = "", status: int = 0) -> None:
        (tmp_path / "out").write_text(out)
        (tmp_path / "err").write_text(err)
        path = tmp_path / client.name
        path.write_text(
            f"#!/bin/sh\ncat '{tmp_path}/out'\ncat '{tmp_path}/err' >&2\nexit {status}\n"
        )
        path.chmod(0o755)

    return write


@pytest.mark.parametrize(
    ("client", "err"),
    [
        (DOCKER, "Error response from daemon: No such image: none\n"),
        (PODMAN, f"Error: {ID}: image not known\n"),
    ],
)
def test_an_image_that_is_not_there(client: Client, err: str, says: Callable[..., None]) -> None:
    says(client, "[]", err, 1)
    assert client.inspect_image("none") is None


def test_podmans_image_id_is_completed(says: Callable[..., None]) -> None:
    says(PODMAN, json.dumps([{"Id": ID}]))
    assert (PODMAN.inspect_image("x") or {})["Id"] == f"sha256:{ID}"
    assert full_id(f"sha256:{ID}") == f"sha256:{ID}"
    assert full_id(None) == ""


@pytest.mark.parametrize(
    ("client", "out", "mapped"),
    [
        (DOCKER, '["name=seccomp,profile=builtin"]', False),
        (DOCKER, '["name=rootless"]', True),
        (DOCKER, '["name=userns"]', True),
        (PODMAN, "false\n", False),
        (PODMAN, "true\n", True),
    ],
)
def test_whether_users_are_mapped(
    client: Client, out: str, says: Callable[..., None], *, mapped: bool
) -> None:
    says(client, out)
    assert client.maps_users() is mapped
    assert bool(client.note()) is mapped


@pytest.mark.parametrize(
    ("err", "said"),
    [
        ("Error: short\n * detail: one\n * detail: two\n", "podman failed (125): Error: short"),
        ("Error: x: container state improper\n", "the container is not running: Error: x"),
        ("Error: no such container y\n", "the container is gone"),
        ("Error: unable to connect to Podman socket: x\n", "podman does not answer"),
    ],
)
def test_podmans_errors_are_one_line(err: str, said: str, says: Callable[..., None]) -> None:
    says(PODMAN, "", err, 125)
    with pytest.raises(ToolError) as caught:
        PODMAN.call("x", doing="trying")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_complaint_of_a_daemon_comes_first() -> None:
    text = "Error: one\nError response from daemon: two\nRun 'docker x'\n"
    assert complaint(text) == "Error response from daemon: two"


@pytest.mark.parametrize("mixed", [False, True])
@pytest.mark.parametrize("runtime", ["runc", "crun"])
def test_podman_cannot_be_used_if_its_runtime_refuses_the_machine(
    runtime: str, says: Callable[..., None], monkeypatch: pytest.MonkeyPatch, *, mixed: bool
) -> None:
    monkeypatch.setattr(client_module, "is_mixed", lambda: mixed)
    says(PODMAN, f"{runtime}\n")
    lack = PODMAN.probe()
    assert (lack is None) is not (mixed and runtime == "crun")
    assert lack is None or "containers.conf" in lack.remedy
    assert PODMAN.probe(runs=False) is None  # its store can be used


@pytest.mark.parametrize(
    ("client", "err", "why", "remedy"),
    [
        (
            DOCKER,
            (
                "permission denied while trying to connect to the Docker daemon socket at"
                ' unix:///var/run/docker.sock: Get "http://x/version": dial unix'
                " /var/run/docker.sock: connect: permission denied"
            ),
            "this user may not use docker's socket (/var/run/docker.sock)",
            "run careen as root, or with a user in the group docker, who can do all that root can",
        ),
        (
            DOCKER,
            (
                "permission denied while trying to connect to the docker API at"
                " unix:///run/user/1000/docker.sock"
            ),
            "this user may not use docker's socket (/run/user/1000/docker.sock)",
            "in the group docker",
        ),
        (
            PODMAN,
            (
                "Error: command required for rootless mode with multiple IDs: exec:"
                ' "newuidmap": executable file not found in $PATH'
            ),
            "rootless podman needs newuidmap and newgidmap, which are not there",
            "run careen as root, or install newuidmap (for example `apt-get install uidmap`)",
        ),
        (
            PODMAN,
            'Error: no subuid ranges found for user "x" in /etc/subuid',
            "rootless podman needs user ids of its own, and /etc/subuid has none for this user",
            "usermod --add-subuids",
        ),
        (PODMAN, "Error: something else", "Error: something else", "`podman info` works"),
    ],
)
def test_what_an_ordinary_user_lacks_is_said_with_its_remedy(
    client: Client, err: str, why: str, remedy: str, says: Callable[..., None]
) -> None:
    says(client, "", err, 125)
    lack = client.probe()
    assert lack is not None
    assert lack.why == why
    assert remedy in lack.remedy


def test_events_of_both_say_the_same() -> None:
    labels = {"io.careen.run": "x"}
    ours = read_event({"Status": "start", "ID": ID, "Image": "web:1", "Attributes": labels})
    dockers = read_event(
        {"Action": "start", "Actor": {"ID": ID, "Attributes": {**labels, "image": "web:1"}}}
    )
    assert (ours.action, ours.container, ours.image) == ("start", ID, "web:1")
    assert (dockers.action, dockers.container, dockers.image) == ("start", ID, "web:1")
    assert set(labels) <= set(ours.labels) & set(dockers.labels)


@pytest.mark.parametrize(
    "odd", [{}, {"Actor": {"Attributes": []}}, {"Attributes": 1, "Image": None}]
)
def test_an_event_without_sense_is_of_no_image(odd: dict[str, object]) -> None:
    assert read_event(odd).image == ""
