"""What docker says when it does not do what it should, and what careen makes of it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from careen.engines.client import changes
from careen.engines.client.changes import overlay_upper_directory, readable_upper, write_committed
from careen.engines.client.client import DOCKER
from careen.engines.client.container import ClientContainer
from careen.engines.leftovers import (
    container_leftover,
    image_name_leftover,
    remove_container,
    remove_unnamed_image,
)
from careen.engines.stores.keep import pinned_image
from careen.errors import InputError, ToolError
from careen.model.runs.engine import ContainerState
from careen.tools.process import Program
from careen.tools.workspace import StillUsedError, Workspace, workspace
from tests.support.images import docker_archive, file, layer
from tests.support.told_docker import Said, ToldDocker, told_docker

DOWN = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is it running?"
GONE = "Error response from daemon: No such container: web"


@pytest.fixture
def docker(tmp_path: Path) -> Iterator[ToldDocker]:
    with told_docker(tmp_path / "bin", {}) as told:
        yield told


@pytest.fixture
def space(tmp_path: Path) -> Iterator[Workspace]:
    kinds = (container_leftover(DOCKER, "").kind, image_name_leftover(DOCKER, "").kind)
    with workspace(tmp_path / "work", dict.fromkeys(kinds, lambda _: None)) as opened:
        yield opened


@pytest.fixture
def web(space: Workspace) -> ClientContainer:
    return ClientContainer(DOCKER, "ab" * 32, "web", space)


FAILURES: dict[str, tuple[Said, str]] = {
    "daemon is down": (
        Said(err=DOWN, status=1),
        f"the docker daemon does not answer ({DOWN}); start it, or use --engine embedded",
    ),
    "container is gone": (
        Said(err=GONE, status=1),
        "the container is gone, and careen did not remove it; see who cleans up on this machine",
    ),
    "answer of the daemon": (
        Said(
            err="docker: Error response from daemon: no space left on device.\n"
            "See 'docker run --help'.\n",
            status=125,
        ),
        "docker failed (125): docker: Error response from daemon: no space left on device.",
    ),
    "last line without hints": (
        Said(err="first\nsecond\nRun 'docker --help' for more\n\n", status=2),
        "docker failed (2): second",
    ),
    "words on standard output": (Said(out="said here", status=1), "docker failed (1): said here"),
    "nothing": (Said(status=1), "docker failed (1): no output"),
    "endless line": (Said(err="x" * 5000, status=1), "docker failed (1): " + "x" * 500),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failed_call_is_one_line_that_says_what_to_do(name: str, docker: ToldDocker) -> None:
    said, expected = FAILURES[name]
    docker.tell({"start web": said})
    with pytest.raises(ToolError) as caught:
        DOCKER.call("start", "web", doing="starting it")
    assert str(caught.value).startswith(f"starting it: {expected}")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 700


def test_a_call_that_does_not_end_is_ended(docker: ToldDocker) -> None:
    docker.tell({"start": Said(then="sleep 30")})
    with pytest.raises(ToolError, match=r"starting it: docker did not answer in time; look at the"):
        DOCKER.call("start", "web", doing="starting it", timeout=0.2)


def test_an_object_that_does_not_exist_is_no_failure(docker: ToldDocker) -> None:
    docker.tell(
        {
            "image rm a": Said(err="Error response from daemon: No such image: a", status=1),
            "image rm b": Said(err=DOWN, status=1),
            "image rm c": Said(out="Untagged: c"),
        }
    )
    assert DOCKER.try_call("image", "rm", "a", doing="x", absent=("no such image",)) is None
    done = DOCKER.try_call("image", "rm", "c", doing="x", absent=("no such image",))
    assert done is not None
    assert done.text == "Untagged: c"
    with pytest.raises(ToolError, match="x: the docker daemon does not answer"):
        DOCKER.try_call("image", "rm", "b", doing="x", absent=("no such image",))


@pytest.mark.parametrize("said", ["No such image: a", "unrecognized image ID sha256:a"])
def test_an_image_that_somebody_else_removes_is_gone(docker: ToldDocker, said: str) -> None:
    docker.tell({"image rm a": Said(err=f"Error response from daemon: {said}", status=1)})
    DOCKER.remove_image("a")
    assert docker.calls == ["image rm a"]
    docker.tell({"image rm a": Said(err="Error response from daemon: unrecognized", status=1)})
    with pytest.raises(ToolError, match="removing image a"):
        DOCKER.remove_image("a")


@pytest.mark.parametrize("text", [b"", b"null", b"3", b"[]", b"[1]", b"[{}, {}]", b"{", b"\xff"])
def test_an_answer_that_is_no_object_is_refused(text: bytes) -> None:
    with pytest.raises(ToolError, match="x: docker's answer is not"):
        DOCKER.document_of(text, "x")


def test_an_object_may_be_alone_in_a_list() -> None:
    assert (
        DOCKER.document_of(b'{"a": 1}', "x") == DOCKER.document_of(b'[{"a": 1}]', "x") == {"a": 1}
    )


@pytest.mark.parametrize("name", ["", "-it", "--help", "a b", "a\n", "\u2003"])
def test_a_name_that_could_be_an_option_is_not_passed_on(name: str, docker: ToldDocker) -> None:
    with pytest.raises(InputError, match="not an image name"):
        DOCKER.inspect_image(name)
    assert docker.calls == []


# A container.


def inspected(docker: ToldDocker, **record: object) -> None:
    docker.tell({"container inspect web": Said(out=json.dumps([record]))})


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (
            {"Running": True, "Status": "running", "ExitCode": 0},
            ContainerState(running=True, exit_code=None, oom_killed=False, error=""),
        ),
        (
            {"Running": False, "Status": "exited", "ExitCode": 137, "OOMKilled": True},
            ContainerState(running=False, exit_code=137, oom_killed=True, error=""),
        ),
        (
            {"Running": False, "Status": "created", "ExitCode": 127, "Error": "not found"},
            ContainerState(running=False, exit_code=None, oom_killed=False, error="not found"),
        ),
        ({}, ContainerState(running=False, exit_code=None, oom_killed=False, error="")),
    ],
)
def test_the_state_is_docker_s(
    state: dict[str, object], expected: ContainerState, docker: ToldDocker, web: ClientContainer
) -> None:
    inspected(docker, State=state)
    assert web.state() == expected


@pytest.mark.parametrize(
    ("bindings", "port"),
    [
        ([{"HostIp": "127.0.0.1", "HostPort": "8080"}], 8080),
        ([{"HostIp": "192.0.2.1", "HostPort": "1"}, {"HostIp": "0.0.0.0", "HostPort": "2"}], 2),
        ([{"HostIp": "192.0.2.1", "HostPort": "1"}], None),
        ([{"HostIp": "", "HostPort": ""}], None),
        (None, None),
    ],
)
def test_a_port_must_be_reached_from_this_machine(
    bindings: object, port: int | None, docker: ToldDocker, web: ClientContainer
) -> None:
    inspected(docker, NetworkSettings={"Ports": {"80/tcp": bindings}})
    assert web.host_port(80) == port
    assert web.host_port(81) is None


@pytest.mark.parametrize(
    ("said", "status", "output"),
    [
        (Said(out="fine"), 0, "fine"),
        (Said(out="bad", status=3), 3, "bad"),
        (
            Said(
                out='OCI runtime exec failed: exec failed: "x": executable file not found in $PATH',
                status=126,
            ),
            127,
            'OCI runtime exec failed: exec failed: "x": executable file not found in $PATH',
        ),
        (Said(out="executable file not found", status=126), 126, "executable file not found"),
    ],
)
def test_a_command_s_status_is_its_own(
    said: Said, status: int, output: str, docker: ToldDocker, web: ClientContainer
) -> None:
    running = json.dumps([{"State": {"Running": True}}])
    docker.tell({"exec web x y": said, "container inspect": Said(out=running)})
    done = web.exec(("x", "y"), 10)
    assert (done.status, done.output) == (status, output)


def test_a_command_in_a_container_that_has_ended_is_an_error(
    docker: ToldDocker, web: ClientContainer
) -> None:
    ended = json.dumps([{"State": {"Running": False}}])
    docker.tell({"exec web x": Said(status=1), "container inspect": Said(out=ended)})
    with pytest.raises(ToolError, match="running 'x' in container web: the container has ended"):
        web.exec(("x",), 10)


def test_the_environment_of_a_command_is_not_on_the_command_line(
    docker: ToldDocker, web: ClientContainer
) -> None:
    docker.tell({"exec": Said(out="done")})
    web.exec(("x",), 10, env={"TOKEN": "secret"})
    assert "secret" not in "".join(docker.calls)


@pytest.mark.parametrize("answer", ["", "x", "-1", "1 2"])
def test_a_wait_without_a_status_is_an_error(
    answer: str, docker: ToldDocker, web: ClientContainer
) -> None:
    docker.tell({"wait web": Said(out=answer)})
    with pytest.raises(ToolError, match="waiting for container web: docker failed"):
        web.wait(10)


def test_a_wait_ends_with_the_status_or_in_time(docker: ToldDocker, web: ClientContainer) -> None:
    docker.tell({"wait web": Said(out="137\n")})
    assert web.wait(10) == 137
    docker.tell({"wait web": Said(then="sleep 30")})
    assert web.wait(0.2) is None


def test_logs_that_cannot_be_read_are_an_error(docker: ToldDocker, web: ClientContainer) -> None:
    docker.tell({"logs --tail 1000000 web": Said(out="one", err="two")})
    assert sorted(web.logs()) == sorted("onetwo")
    docker.tell({"logs": Said(err="configured logging driver does not support reading", status=1)})
    with pytest.raises(ToolError, match="reading the logs of container web: configured logging"):
        web.logs()


def test_a_stop_rounds_its_time_up(docker: ToldDocker, web: ClientContainer) -> None:
    stopped = json.dumps([{"State": {"Pid": 0}}])
    docker.tell({"stop": Said(), "container inspect": Said(out=stopped)})
    web.stop(0.2)
    web.stop(-1)
    assert [each for each in docker.calls if each.startswith("stop")] == [
        "stop --time 1 web",
        "stop --time 0 web",
    ]


# What a container has changed.


@pytest.mark.parametrize(
    ("driver", "found"),
    [
        ({"Name": "overlay2", "Data": {"UpperDir": "{upper}"}}, True),
        ({"Name": "overlay2", "Data": {"UpperDir": "{upper}/gone"}}, False),
        ({"Name": "overlay2", "Data": None}, False),
        ({"Name": "btrfs", "Data": {"UpperDir": "{upper}"}}, False),
        (None, False),
    ],
)
def test_the_upper_directory_is_overlay2_s(
    driver: object, found: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = json.loads(json.dumps({"GraphDriver": driver}).replace("{upper}", str(tmp_path)))
    monkeypatch.setattr(changes.os, "geteuid", lambda: 0)  # type: ignore[attr-defined]
    assert (overlay_upper_directory(DOCKER, record) == tmp_path) is found
    monkeypatch.setattr(changes.os, "geteuid", lambda: 1000)  # type: ignore[attr-defined]
    assert overlay_upper_directory(DOCKER, record) is None


@pytest.mark.parametrize(
    ("options", "readable"),
    [
        ('["name=seccomp,profile=builtin"]', True),
        ('["name=userns"]', False),
        ('["name=rootless"]', False),
        ("null", True),
    ],
)
def test_an_upper_directory_with_shifted_owners_is_not_read(
    options: str,
    readable: bool,
    docker: ToldDocker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    docker.tell({"info": Said(out=options)})
    monkeypatch.setattr(changes.os, "geteuid", lambda: 0)  # type: ignore[attr-defined]
    record = {"GraphDriver": {"Name": "overlay2", "Data": {"UpperDir": str(tmp_path)}}}
    assert (readable_upper(DOCKER, record) == tmp_path) is readable


BASE, CHANGED = layer(file("a", "base")), layer(file("b", "changed"))


def committed(
    docker: ToldDocker, tmp_path: Path, space: Workspace, layers: list[bytes], below: int = 1
) -> Path:
    archive = docker_archive(tmp_path / "committed.tar", layers, ["careen-changes:x"])
    image = json.dumps([{"RootFS": {"Layers": ["x"] * below}}])
    docker.tell(
        {
            "commit": Said(),
            "save": Said(then=f'cp {archive} "$3"'),
            "image rm": Said(),
            "image inspect": Said(out=image),
        }
    )
    out = tmp_path / "layer.tar"
    write_committed(DOCKER, {"Id": "c", "Image": "i"}, space, out)
    return out


def test_changes_are_the_layer_on_top_of_the_image(
    docker: ToldDocker, tmp_path: Path, space: Workspace
) -> None:
    assert committed(docker, tmp_path, space, [BASE, CHANGED]).read_bytes() == CHANGED
    assert committed(docker, tmp_path, space, [BASE]).read_bytes() == bytes(1024)
    assert [each.split()[0] for each in docker.calls][:3] == ["commit", "save", "image"]
    assert not list(space.path.glob("changes*"))


def test_another_number_of_layers_is_an_error(
    docker: ToldDocker, tmp_path: Path, space: Workspace
) -> None:
    with pytest.raises(
        ToolError, match="the engine made 3 layers of 1 and the changes; expected 2"
    ):
        committed(docker, tmp_path, space, [BASE, CHANGED, CHANGED])
    assert any(each.startswith("image rm careen-changes:") for each in docker.calls)


def test_an_image_that_is_gone_is_an_error(
    docker: ToldDocker, tmp_path: Path, space: Workspace
) -> None:
    archive = docker_archive(tmp_path / "committed.tar", [BASE], ["careen-changes:x"])
    docker.tell(
        {
            "commit": Said(),
            "save": Said(then=f'cp {archive} "$3"'),
            "image rm": Said(),
            "image inspect": Said(err="Error: No such image: i", status=1),
        }
    )
    with pytest.raises(ToolError, match="docker no longer has the container's image"):
        write_committed(DOCKER, {"Id": "c", "Image": "i"}, space, tmp_path / "out")


# Clean-up.


def test_what_is_gone_already_is_no_error(docker: ToldDocker) -> None:
    docker.tell(
        {
            "rm": Said(err="Error response from daemon: No such container: x", status=1),
            "image inspect": Said(err="Error: No such image: x", status=1),
        }
    )
    remove_container(DOCKER, "x")
    remove_unnamed_image(DOCKER, "x")


def test_an_image_with_a_name_or_in_use_stays(docker: ToldDocker) -> None:
    docker.tell({"image inspect": Said(out='[{"RepoTags": ["app:1"]}]')})
    remove_unnamed_image(DOCKER, "x")
    assert not any(each.startswith("image rm") for each in docker.calls)
    used = "Error response from daemon: conflict: unable to delete x - image is being used by c"
    docker.tell(
        {"image inspect": Said(out='[{"RepoTags": []}]'), "image rm": Said(err=used, status=1)}
    )
    with pytest.raises(StillUsedError, match="the next run removes it"):
        remove_unnamed_image(DOCKER, "x")


def test_an_image_is_kept_by_a_container_without_its_volumes(
    docker: ToldDocker, space: Workspace
) -> None:
    image = json.dumps([{"Config": {"Volumes": {"/data": {}, "/var/x y": {}}}}])
    docker.tell({"image inspect": Said(out=image), "create": Said(), "rm": Said()})
    with pinned_image(DOCKER, "sha256:x", space):
        (made,) = [each for each in docker.calls if each.startswith("create")]
        assert "--network none" in made
        assert "--mount type=tmpfs,destination=/data" in made
        assert "--mount type=tmpfs,destination=/var/x y" in made
        assert not any(each.startswith("rm") for each in docker.calls)
    assert docker.calls[-1].startswith("rm --force --volumes careen-")


@pytest.mark.parametrize(
    ("volumes", "expected"),
    [
        ({"/a,readonly": {}}, "its volume '/a,readonly' cannot be named"),
        ({'/a"b': {}}, "cannot be named"),
        ({"/a\nb": {}}, "cannot be named"),
        ({f"/{number}": {} for number in range(101)}, "it has 101 volumes"),
    ],
)
def test_a_volume_that_could_be_an_option_is_refused(
    volumes: dict[str, object], expected: str, docker: ToldDocker, space: Workspace
) -> None:
    docker.tell({"image inspect": Said(out=json.dumps([{"Config": {"Volumes": volumes}}]))})
    with (
        pytest.raises(ToolError, match="keeping the image from removal: ") as caught,
        pinned_image(DOCKER, "sha256:x", space),
    ):
        pass
    assert expected in str(caught.value)
    assert not any(each.startswith("create") for each in docker.calls)


def test_docker_that_is_not_installed_is_named() -> None:
    missing = replace(DOCKER, program=Program(("careen-no-docker",), "docker.io"))
    with pytest.raises(ToolError, match=r"not found on this machine; install it .*docker\.io"):
        missing.call("info", doing="asking")
    lack = missing.probe()
    assert lack is not None
    assert lack.why == "the docker command is not installed (package docker.io)"
