"""Which process is the first one of the container in a control group, whatever its processes are
called.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from careen.engines import attached
from careen.engines.attached import ExitWatch, find_cgroup, find_container
from careen.engines.client.client import DOCKER
from careen.errors import InputError, ToolError
from careen.model.runs.attached import RunningContainer

ID = "ab" * 32
Add = Callable[..., None]


@pytest.fixture
def groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One hierarchy of control groups, and a /proc in which this process has the mount namespace
    `host`.
    """
    base = tmp_path / "cgroup"
    base.mkdir()
    (base / "cgroup.procs").write_text("")
    (tmp_path / "proc").mkdir()
    monkeypatch.setattr(attached, "PROC", tmp_path / "proc")
    monkeypatch.setattr(attached, "HIERARCHIES", base)
    monkeypatch.setattr(attached, "hierarchies", lambda: [base])
    return base


@pytest.fixture
def add(groups: Path, tmp_path: Path) -> Add:
    """Add a process: its group below the hierarchy, the name of its mount namespace, its numbers in
    process namespaces, when it was started.
    """
    (tmp_path / "namespaces").mkdir()

    def make(
        pid: int,
        group: str,
        namespace: str,
        numbers: str,
        *,
        started: int = 100,
        command: bytes = b"app\0--serve\0",
        name: str = "app",
    ) -> None:
        directory = groups / group
        directory.mkdir(parents=True, exist_ok=True)
        for above in directory.relative_to(groups).parents:
            (groups / above / "cgroup.procs").touch()
        with (directory / "cgroup.procs").open("a") as stream:
            stream.write(f"{pid}\n")
        process = tmp_path / "proc" / str(pid)
        (process / "ns").mkdir(parents=True)
        inode = tmp_path / "namespaces" / namespace
        inode.touch()
        os.link(inode, process / "ns" / "mnt")
        (process / "status").write_text(f"Name:\t{name}\nNSpid:\t{numbers}\n")
        (process / "stat").write_text(
            f"{pid} ({name}) S " + " ".join(["0"] * 18) + f" {started} 0 0\n"
        )
        (process / "cmdline").write_bytes(command)

    make(os.getpid(), "host", "host", str(os.getpid()))
    return make


def test_the_first_process_is_the_one_that_is_1_inside(groups: Path, add: Add) -> None:
    add(70, f"docker/{ID}", "web", "70 9", started=10)
    add(71, f"docker/{ID}", "web", "71 1", started=20, command=b"python\0-m\0app\0")
    found = find_cgroup(Path(f"/docker/{ID}"))
    assert found == RunningContainer(
        f"/docker/{ID}", 71, ID, "none", command=("python", "-m", "app")
    )
    assert find_cgroup(groups / "docker" / ID).pid == 71


@pytest.mark.parametrize(
    "name", [f"docker-{ID}.scope", f"libpod-{ID}", f"cri-containerd-{ID}.scope", ID]
)
def test_the_id_is_in_the_name_of_the_group(add: Add, name: str) -> None:
    add(70, f"pod/{name}", "web", "70 1")
    assert find_cgroup(Path(f"/pod/{name}")).container_id == ID


def test_a_group_of_another_name_has_no_id_and_groups_below_it_count(add: Add) -> None:
    add(70, "machine/web/payload/init.scope", "web", "70 1")
    found = find_cgroup(Path("/machine/web"))
    assert (found.pid, found.container_id) == (70, "")


def test_without_a_process_namespace_of_its_own_the_oldest_is_first(add: Add) -> None:
    add(80, "job", "web", "80", started=30)
    add(81, "job", "web", "81", started=20)
    assert find_cgroup(Path("/job")).pid == 81


def test_the_runtimes_own_processes_and_containers_inside_do_not_count(add: Add) -> None:
    add(60, "c", "host", "60 1", started=1)
    add(61, "c", "web", "61 1", started=2)
    add(62, "c/inner", "inner", "62 40 1", started=3)
    assert find_cgroup(Path("/c")).pid == 61


def test_a_name_made_to_look_like_fields_is_no_field(add: Add) -> None:
    add(70, "c", "web", "70", started=9, name="x) S 1 1 1 (")
    add(71, "c", "web", "71", started=5)
    assert find_cgroup(Path("/c")).pid == 71


def test_several_containers_in_one_group_are_named(add: Add) -> None:
    add(70, "pod/one", "web", "70 1")
    add(71, "pod/two", "db", "71 1")
    with pytest.raises(
        InputError,
        match=(
            r"'/pod' holds 2 containers \(process 70 \('app --serve'\), process 71 \('app"
            r" --serve'\)\): name"
        ),
    ):
        find_cgroup(Path("/pod"))


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/nothing", "no control group '/nothing': give a container's directory below"),
        ("/", "no control group '/'"),
        ("/host/../docker", "no control group"),
        ("/etc", "no control group '/etc'"),
        (
            "/host",
            (
                "control group '/host' has 1 processes, all in the mount namespace of this machine,"
                " so no container"
            ),
        ),
        ("/void", "control group '/void' has no process"),
    ],
)
def test_what_is_no_container_is_refused(groups: Path, add: Add, path: str, message: str) -> None:
    (groups / "void").mkdir()
    (groups / "void" / "cgroup.procs").write_text("")
    with pytest.raises(InputError) as caught:
        find_cgroup(Path(path))
    assert str(caught.value).startswith(message)


def test_the_machines_own_mount_namespace_is_no_container_either(add: Add) -> None:
    """Careen itself may have another one."""
    add(1, "init.scope", "machine", "1", started=1)
    add(70, "system/web.service", "machine", "70")
    with pytest.raises(
        InputError, match="has 1 processes, all in the mount namespace of this machine"
    ):
        find_cgroup(Path("/system/web.service"))


def test_groups_below_without_end_are_not_followed(
    groups: Path, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attached, "_GROUPS", 3)
    deep = groups / "c" / "1" / "2" / "3" / "4"
    deep.mkdir(parents=True)
    for here in (deep, *deep.parents):
        if here.is_relative_to(groups):
            (here / "cgroup.procs").touch()
    add(70, "c/1/2/3/4", "web", "70 1")
    with pytest.raises(InputError, match="has no process"):
        find_cgroup(Path("/c"))


@pytest.mark.parametrize("name", ["", "-it", "a b"])
def test_a_name_that_docker_would_take_for_an_option_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="not a container's name"):
        find_container(name, (DOCKER,))


def test_a_lifeline_to_nobody_is_refused() -> None:
    with pytest.raises(InputError, match="container 'web' has ended"):
        ExitWatch(RunningContainer("web", 2**22 + 1, "", "none"))  # above the kernel's largest
    with pytest.raises(InputError, match="container 'web' has ended"):
        ExitWatch(
            RunningContainer("web", os.getpid(), ID, "docker")
        )  # the number is somebody else's now


def test_processes_that_this_user_may_not_look_at_are_not_called_missing(
    add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(71, f"docker/{ID}", "c", "71 1")
    seen = Path.stat

    def stat(path: Path, **more: bool) -> os.stat_result:
        if path.parts[-3:] == ("71", "ns", "mnt"):
            raise PermissionError
        return seen(path, **more)

    monkeypatch.setattr(Path, "stat", stat)
    with pytest.raises(ToolError, match=r"another user's .* run as root, or with CAP_SYS_PTRACE"):
        find_cgroup(Path(f"/docker/{ID}"))
