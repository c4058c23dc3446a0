"""Where podman answers otherwise than docker, and what careen makes of it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from careen.engines.client import changes
from careen.engines.client import client as client_module
from careen.engines.client.changes import overlay_upper_directory, readable_upper, write_committed
from careen.engines.client.client import DOCKER, PODMAN, Client, full_id
from careen.engines.client.container import ClientContainer
from careen.engines.client.events import ContainerEvent, read_event
from careen.engines.lack import Lack
from careen.engines.leftovers import (
    cleaners,
    container_leftover,
    image_leftover,
    image_name_leftover,
    remove_container,
    remove_unnamed_image,
)
from careen.engines.stores.keep import pinned_image
from careen.engines.stores.place import Place, local_store
from careen.errors import ToolError
from careen.tools.workspace import StillUsedError, Workspace, workspace
from tests.support.images import docker_archive, file, layer
from tests.support.told_docker import Said, ToldDocker, told_docker

BARE = "ab" * 32
USABLE = Lack("", ())
GONE = 'Error: no container with name or ID "web" found: no such container'
DOWN = "Error: unable to connect to Podman socket: dial unix /run/x.sock: connect: no such file"
NO_IMAGE = Said(out="[]\n", err="Error: x: image not known", status=125)


@pytest.fixture
def podman(tmp_path: Path) -> Iterator[ToldDocker]:
    with told_docker(tmp_path / "bin", {}, PODMAN.name) as told:
        yield told


@pytest.fixture
def space(tmp_path: Path) -> Iterator[Workspace]:
    kinds = (container_leftover(PODMAN, "").kind, image_name_leftover(PODMAN, "").kind)
    with workspace(tmp_path / "work", dict.fromkeys(kinds, lambda _: None)) as opened:
        yield opened


# Whether it can be used.


@pytest.mark.parametrize(
    ("client", "words"),
    [
        (DOCKER, "version --format {{.Server.Version}}"),
        (PODMAN, "info --format {{.Host.OCIRuntime.Name}}"),
    ],
)
def test_each_engine_is_asked_what_only_a_working_one_answers(
    client: Client, words: str, tmp_path: Path
) -> None:
    with told_docker(tmp_path / "bin", {}, client.name) as told:
        told.tell({words: Said(out="1.2.3\n")})
        assert client.probe() is None
        assert told.calls == [words]
        told.tell({words: Said(err="first\nError: no\n", status=125)})
        assert (client.probe() or USABLE).why == "Error: no"


@pytest.mark.parametrize(("client", "service"), [(DOCKER, "the docker daemon"), (PODMAN, "podman")])
def test_an_engine_that_does_not_answer_cannot_be_used(
    client: Client, service: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "PROBE_SECONDS", 0.2)
    with told_docker(tmp_path / "bin", {}, client.name) as told:
        told.tell({"": Said(then="sleep 30")})
        assert (client.probe() or USABLE).why == f"{service} does not answer within 0.2 s"


def test_the_runtime_is_podman_s(podman: ToldDocker) -> None:
    podman.tell({"info --format {{.Host.OCIRuntime.Name}}": Said(out="crun\n")})
    assert PODMAN.runtime() == "crun"


# What it says when it fails.


FAILURES: dict[str, tuple[Said, str]] = {
    "service is down": (
        Said(err=DOWN, status=125),
        f"podman does not answer ({DOWN}); start it, or use --engine embedded",
    ),
    "container is gone": (
        Said(err=GONE, status=125),
        "the container is gone, and careen did not remove it; see who cleans up on this machine",
    ),
    "container does not run": (
        Said(err="Error: x is in state created: container state improper", status=125),
        "the container is not running: Error: x is in state created: container state improper",
    ),
    "unknown option": (
        Said(err="Error: unknown flag: --x\nSee 'podman create --help'\n", status=125),
        "podman failed (125): Error: unknown flag: --x",
    ),
    "unknown command": (
        Said(err="Error: unrecognized command\nTry 'podman --help' for more\n", status=125),
        "podman failed (125): Error: unrecognized command",
    ),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failed_call_is_one_line_that_says_what_to_do(name: str, podman: ToldDocker) -> None:
    said, expected = FAILURES[name]
    podman.tell({"kill": said})
    with pytest.raises(ToolError) as caught:
        PODMAN.call("kill", "web", doing="ending it")
    assert str(caught.value).startswith(f"ending it: {expected}")
    assert "\n" not in str(caught.value)
    assert "docker" not in str(caught.value)


def test_a_call_that_does_not_end_names_podman(podman: ToldDocker) -> None:
    podman.tell({"start": Said(then="sleep 30")})
    with pytest.raises(ToolError, match=r"podman did not answer in time; look at podman, or use"):
        PODMAN.call("start", "web", doing="starting it", timeout=0.2)


# Ids without an algorithm, and what does not exist.


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (BARE, f"sha256:{BARE}"),
        (f"sha256:{BARE}", f"sha256:{BARE}"),
        (f"sha512:{BARE}", f"sha512:{BARE}"),
        ("", ""),
        (None, ""),
    ],
)
def test_an_id_has_its_algorithm(found: object, expected: str) -> None:
    assert full_id(found) == expected


def test_the_id_of_a_record_has_its_algorithm(podman: ToldDocker) -> None:
    podman.tell({"image inspect -- app:1": Said(out=json.dumps([{"Id": BARE, "Size": 3}]))})
    assert PODMAN.inspect_image("app:1") == {"Id": f"sha256:{BARE}", "Size": 3}


def test_an_image_that_podman_does_not_know_is_no_failure(podman: ToldDocker) -> None:
    podman.tell({"image": NO_IMAGE})
    assert PODMAN.inspect_image("x") is None
    PODMAN.remove_image("x")


# What a container has changed.


@pytest.mark.parametrize(
    ("client", "driver", "found"),
    [
        (PODMAN, "overlay", True),
        (PODMAN, "overlay2", False),
        (PODMAN, "vfs", False),
        (DOCKER, "overlay", False),
    ],
)
def test_the_upper_directory_is_of_the_engine_s_own_driver(
    client: Client, driver: str, found: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes.os, "geteuid", lambda: 0)  # type: ignore[attr-defined]
    record = {"GraphDriver": {"Name": driver, "Data": {"UpperDir": str(tmp_path)}}}
    assert (overlay_upper_directory(client, record) == tmp_path) is found


@pytest.mark.parametrize(
    ("rootless", "mode", "readable"),
    [
        ("false", "", True),
        ("false", "host", True),
        ("true", "", False),
        ("false", "private", False),
        ("false", "auto", False),
    ],
)
def test_an_upper_directory_with_shifted_owners_is_not_read(
    rootless: str,
    mode: str,
    readable: bool,
    podman: ToldDocker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    podman.tell({"info --format {{.Host.Security.Rootless}}": Said(out=f"{rootless}\n")})
    monkeypatch.setattr(changes.os, "geteuid", lambda: 0)  # type: ignore[attr-defined]
    record = {
        "GraphDriver": {"Name": "overlay", "Data": {"UpperDir": str(tmp_path)}},
        "HostConfig": {"UsernsMode": mode},
    }
    assert (readable_upper(PODMAN, record) == tmp_path) is readable


def test_changes_are_the_layer_on_top_of_an_image_with_a_bare_id(
    podman: ToldDocker, tmp_path: Path, space: Workspace
) -> None:
    base, changed = layer(file("a", "base")), layer(file("b", "changed"))
    archive = docker_archive(tmp_path / "committed.tar", [base, changed], ["careen-changes:x"])
    podman.tell(
        {
            "commit c careen-changes:": Said(),
            "save": Said(then=f'cp {archive} "$3"'),
            "image rm": Said(),
            f"image inspect -- sha256:{BARE}": Said(out='[{"RootFS": {"Layers": ["x"]}}]'),
        }
    )
    write_committed(PODMAN, {"Id": "c", "Image": BARE}, space, tmp_path / "layer.tar")
    assert (tmp_path / "layer.tar").read_bytes() == changed


# Events.


def test_both_forms_of_an_event_are_read() -> None:
    docker = {"Action": "start", "Actor": {"ID": "c", "Attributes": {"image": "app:1", "a": "b"}}}
    podman = {"Status": "start", "ID": "c", "Image": "app:1", "Attributes": {"a": "b"}}
    assert read_event(podman) == ContainerEvent("start", "c", "app:1", {"a": "b"})
    assert read_event(docker) == ContainerEvent("start", "c", "app:1", {"image": "app:1", "a": "b"})


def test_a_label_named_image_is_not_podman_s_image() -> None:
    event = {"Status": "start", "ID": "c", "Image": "app:1", "Attributes": {"image": "other:1"}}
    assert read_event(event).image == "app:1"


@pytest.mark.parametrize("found", [{}, {"Actor": 3}, {"Attributes": []}, {"Actor": {}}])
def test_what_an_event_lacks_is_empty(found: dict[str, object]) -> None:
    assert read_event(found) == ContainerEvent("", "", "", {})


# A container.


def test_a_container_is_set_up_without_its_first_exec(
    podman: ToldDocker, tmp_path: Path, space: Workspace
) -> None:
    def mounted(at: Path, init: Said) -> Path | None:
        driver = {"Name": "overlay", "Data": {"MergedDir": str(at)}}
        record = json.dumps([{"GraphDriver": driver}])
        podman.tell({"init web": init, "container inspect web": Said(out=record)})
        return ClientContainer(PODMAN, BARE, "web", space).mount()

    assert mounted(Path("/proc"), Said()) == Path("/proc")  # a mount on every machine
    assert mounted(tmp_path, Said()) is None
    assert mounted(Path("/proc"), Said(err="Error: no", status=125)) is None
    assert not any(each.startswith("start") for each in podman.calls)


def test_a_container_that_was_stopped_has_ended(podman: ToldDocker, space: Workspace) -> None:
    state = {"Running": False, "Status": "stopped", "ExitCode": 3}
    podman.tell({"container inspect web": Said(out=json.dumps([{"State": state}]))})
    assert ClientContainer(PODMAN, BARE, "web", space).state().exit_code == 3


# Clean-up.


def test_a_container_is_removed_without_waiting_for_its_stop_signal(podman: ToldDocker) -> None:
    podman.tell({"rm": Said()})
    remove_container(PODMAN, "web")
    assert podman.calls == ["rm --time 0 --force --volumes web"]


def test_what_is_gone_already_is_no_error(podman: ToldDocker) -> None:
    podman.tell({"rm": Said(err=GONE, status=1), "image": NO_IMAGE})
    remove_container(PODMAN, "web")
    remove_unnamed_image(PODMAN, "x")
    podman.tell({"rm": Said(err="Error: the disk is full", status=125)})
    with pytest.raises(ToolError, match=r"removing container web: podman failed \(125\)"):
        remove_container(PODMAN, "web")


def test_an_image_in_use_stays(podman: ToldDocker) -> None:
    used = f"Error: image used by {BARE}: image is in use by a container: consider listing"
    podman.tell(
        {"image inspect": Said(out='[{"RepoTags": []}]'), "image rm": Said(err=used, status=2)}
    )
    with pytest.raises(StillUsedError, match="the next run removes it"):
        remove_unnamed_image(PODMAN, "x")


def test_what_podman_leaves_behind_is_not_looked_for_in_docker(
    podman: ToldDocker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    podman.tell({"rm": Said(), "image inspect": NO_IMAGE, "image rm": Said()})
    with told_docker(tmp_path / "other", {}, DOCKER.name) as docker:
        monkeypatch.setenv("PATH", f"{docker.folder}:{podman.folder}:/usr/bin:/bin")
        for left in (
            container_leftover(PODMAN, "a"),
            image_leftover(PODMAN, "b"),
            image_name_leftover(PODMAN, "c"),
        ):
            cleaners()[left.kind](left.name)
        assert docker.calls == []
    assert podman.calls == [
        "rm --time 0 --force --volumes a",
        "image inspect -- b",
        "image rm c",
    ]


def test_an_image_is_kept_by_a_container(podman: ToldDocker, space: Workspace) -> None:
    image = json.dumps([{"Config": {"Volumes": {"/data": {}}}}])
    podman.tell({"image inspect": Said(out=image), "create": Said(), "rm": Said()})
    with pinned_image(PODMAN, "sha256:x", space):
        assert "--mount type=tmpfs,destination=/data" in podman.calls[-1]
    assert podman.calls[-1].startswith("rm --time 0 --force --volumes careen-")


# Where its store is.


def placed(podman: ToldDocker, info: object) -> Place | None:
    podman.tell({"info --format {{json .}}": Said(out=json.dumps(info))})
    return local_store(PODMAN)


def test_a_store_is_on_this_machine_unless_podman_is_remote(podman: ToldDocker) -> None:
    store = {"graphRoot": "/var/lib/x", "graphDriverName": "overlay"}
    here = {"host": {"serviceIsRemote": False}, "store": store}
    assert placed(podman, here) == Place(Path("/var/lib/x"), "overlay")
    assert placed(podman, {**here, "host": {"serviceIsRemote": True}}) is None


@pytest.mark.parametrize(
    "change",
    [
        {"host": {}},
        {"host": None},
        {"store": {}},
        {"store": "/var"},
        {"store": {"graphRoot": "relative"}},
        {"store": {"graphRoot": ["/"]}},
    ],
)
def test_podman_that_does_not_say_has_no_store(
    change: dict[str, object], podman: ToldDocker
) -> None:
    said = {"host": {"serviceIsRemote": False}, "store": {"graphRoot": "/var"}}
    assert placed(podman, said) is not None
    assert placed(podman, {**said, **change}) is None
