"""The options mean the same on all engines; where podman has defaults of its own, on the other two."""

import os
import socket
import stat
import threading
import time
from pathlib import Path

import pytest

from careen.errors import CareenError, InputError, ToolError
from careen.model.runs.workload import RunOptions
from tests.support.engine_bench import AnyContainer, Bench, until

DOCKERS_CAPABILITIES = "00000000a80425fb"


def values(lines: list[str]) -> dict[str, str]:
    pairs = (line.partition(":") for line in lines)
    return {key: " ".join(value.split()) for key, _, value in pairs}


def test_root_has_dockers_rights_and_pid_1(docker_like: Bench) -> None:
    seen = values(docker_like.run().lines)
    assert seen == {
        "Uid": "0 0 0 0",
        "Gid": "0 0 0 0",
        "Groups": "0",
        "CapInh": "0000000000000000",
        "CapPrm": DOCKERS_CAPABILITIES,
        "CapEff": DOCKERS_CAPABILITIES,
        "CapBnd": DOCKERS_CAPABILITIES,
        "CapAmb": "0000000000000000",
        "NoNewPrivs": "0",
        "Seccomp": "2",
        "cwd": "/",
        "umask": "22",
        "pid": "1",
    }


@pytest.mark.parametrize(
    ("user", "uid", "gid", "groups"),
    [
        ("worker", "1000", "1001", "1001 2000 2001"),
        ("1000", "1000", "1001", "1001 2000 2001"),
        ("worker:extra", "1000", "2000", "2000"),
        ("1234", "1234", "0", "0"),
        ("1234:5678", "1234", "5678", "5678"),
        ("0:2001", "0", "2001", "2001"),
    ],
)
def test_user_by_name_and_number(
    docker_like: Bench, user: str, uid: str, gid: str, groups: str
) -> None:
    seen = values(docker_like.run(user=user).lines)
    assert (seen["Uid"].split()[0], seen["Gid"].split()[0], seen["Groups"]) == (uid, gid, groups)
    assert seen["CapBnd"] == DOCKERS_CAPABILITIES
    assert seen["CapEff"] == (DOCKERS_CAPABILITIES if uid == "0" else "0000000000000000")


def test_the_images_user_is_taken_and_can_be_overridden(bench: Bench) -> None:
    other = bench.with_config(User="worker", Cmd=["env"])
    assert "HOME=/home/worker" in other.run().lines
    assert "HOME=/root" in other.run("env", user="root").lines


def test_an_image_without_a_command_says_where_to_give_one(bench: Bench) -> None:
    other = bench.with_config(Entrypoint=None, Cmd=None)
    with (
        pytest.raises(
            InputError, match="neither an ENTRYPOINT nor a CMD; give a command after `--`"
        ),
        other.container(RunOptions()),
    ):
        pass


def test_an_unknown_user_is_named_in_the_error(bench: Bench) -> None:
    with (
        pytest.raises(CareenError, match="nobody-knows"),
        bench.container(RunOptions(user="nobody-knows")) as made,
    ):
        made.start()


def test_environment(docker_like: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FROM_HOST", "host value")
    monkeypatch.delenv("NOT_ON_HOST", raising=False)
    other = docker_like.with_config(
        Env=["PATH=/opt/bin:/bin", "A=image", "NOT_ON_HOST=image", "SPACES=a b=c"], Cmd=["env"]
    )
    seen = set(other.run(env=("A=mine", "B=", "FROM_HOST", "NOT_ON_HOST", "HOSTNAME=named")).lines)
    assert seen == {
        "PATH=/opt/bin:/bin",
        "A=mine",
        "B=",
        "SPACES=a b=c",
        "FROM_HOST=host value",
        "HOSTNAME=named",
        "HOME=/root",
    }


def test_hostname_is_the_short_id(bench: Bench) -> None:
    with bench.container(RunOptions(args=("env",))) as made:
        made.start()
        assert made.wait(60) == 0
        assert len(made.id) == 64
        assert f"HOSTNAME={made.id[:12]}" in made.logs().splitlines()
    with bench.container(RunOptions(args=("wait",))) as made:
        made.start()
        assert made.exec(("/bin/probe", "cat", "/etc/hostname"), 20).output == f"{made.id[:12]}\n"
        hosts = [
            line.split()
            for line in made.exec(("/bin/probe", "cat", "/etc/hosts"), 20).output.splitlines()
        ]
        assert ["127.0.0.1", "localhost"] in hosts
        assert any(made.id[:12] in words[1:] for words in hosts)


def test_working_directory_is_made(bench: Bench) -> None:
    assert values(bench.with_config(WorkingDir="/srv/new").run("id").lines)["cwd"] == "/srv/new"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (RunOptions(), ["/bin/probe", "args", "from-image"]),
        (RunOptions(args=("args", "mine")), ["/bin/probe", "args", "mine"]),
        (
            RunOptions(entrypoint="/bin/probe", args=("args", "--flag", "a b")),
            ["/bin/probe", "args", "--flag", "a b"],
        ),
        (RunOptions(entrypoint="probe", args=("args",)), ["probe", "args"]),
        (RunOptions(entrypoint="", args=("/bin/probe", "args")), ["/bin/probe", "args"]),
    ],
)
def test_entrypoint_and_arguments(bench: Bench, options: RunOptions, expected: list[str]) -> None:
    with bench.with_config(Cmd=["args", "from-image"]).container(options) as made:
        made.start()
        assert made.wait(60) == 0
        assert made.logs().splitlines() == expected


def test_entrypoint_drops_the_images_command(bench: Bench) -> None:
    with bench.with_config(Cmd=["args"]).container(RunOptions(entrypoint="/bin/probe")) as made:
        made.start()
        assert made.wait(60) == 2
        assert "no verb" in made.logs()


def test_no_command_at_all_is_an_error(bench: Bench) -> None:
    with (
        pytest.raises(CareenError, match="command"),
        bench.with_config(Entrypoint=None, Cmd=None).container(),
    ):
        pass


def test_a_program_that_is_not_there_is_an_error_of_start(bench: Bench) -> None:
    with (
        bench.container(RunOptions(entrypoint="/bin/missing")) as made,
        pytest.raises(ToolError, match="/bin/missing"),
    ):
        made.start()


@pytest.mark.parametrize(
    ("args", "status"), [(("exit", "0"), 0), (("exit", "7"), 7), (("exit", "255"), 255)]
)
def test_exit_status(bench: Bench, args: tuple[str, ...], status: int) -> None:
    ran = bench.run(*args)
    assert (ran.status, ran.state.exit_code, ran.state.running, ran.state.oom_killed) == (
        status,
        status,
        False,
        False,
    )


def test_read_only(docker_like: Bench) -> None:
    ran = docker_like.run("put", "/tmp/file", "text", read_only=True)
    assert (ran.status, ran.output) == (1, "/tmp/file: EROFS\n")
    assert docker_like.run("put", "/dev/shm/file", "text", read_only=True).status == 0
    assert docker_like.run("put", "/tmp/file", "text").status == 0


def test_tmpfs(docker_like: Bench) -> None:
    options, size = docker_like.run(
        "mount", "/scratch", read_only=True, tmpfs=("/scratch",)
    ).output.split()
    assert {"rw", "nosuid", "nodev", "noexec"} <= set(options.split(","))
    options, size = docker_like.run(
        "mount", "/scratch", tmpfs=("/scratch:size=16m,exec,mode=0700",)
    ).output.split()
    assert {"rw", "nosuid", "nodev"} <= set(options.split(","))
    assert "noexec" not in options
    assert int(size) == 16 * 1024 * 1024
    assert (
        docker_like.run("stat", "/scratch", tmpfs=("/scratch:mode=0700",)).output == "40700 0:0 0\n"
    )


@pytest.mark.parametrize(
    ("given", "expected"), [(None, 64), ("16m", 16), ("1g", 1024), ("33554432", 32)]
)
def test_shm_size(docker_like: Bench, given: str | None, expected: int) -> None:
    _, size = docker_like.run("mount", "/dev/shm", shm_size=given).output.split()
    assert int(size) == expected * 1024 * 1024


def test_a_bad_size_is_an_error(bench: Bench) -> None:
    with pytest.raises(CareenError, match="shm"), bench.container(RunOptions(shm_size="large")):
        pass


def test_bind_volume(docker_like: Bench, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "in").write_text("from the host\n")
    data = str(tmp_path / "data")
    assert (
        docker_like.run("cat", "/data/in", volumes=(f"{data}:/data:ro",)).output
        == "from the host\n"
    )
    assert (
        docker_like.run("put", "/data/out", "x", volumes=(f"{data}:/data:ro",)).output
        == "/data/out: EROFS\n"
    )
    assert docker_like.run("put", "/data/out", "written", volumes=(f"{data}:/data",)).status == 0
    assert (tmp_path / "data" / "out").read_text() == "written"
    assert (
        docker_like.run("cat", "/etc/one", volumes=(f"{data}/in:/etc/one",)).output
        == "from the host\n"
    )
    assert docker_like.run("ls", "/new", volumes=(f"{tmp_path}/made/here:/new",)).status == 0
    assert (tmp_path / "made" / "here").is_dir()


def test_declared_volumes_start_with_the_images_content(bench: Bench) -> None:
    files = {"/data/deep/file": (b"content\n", 0o640, 1000, 1001)}
    other = bench.with_files(files).with_config(Volumes={"/data": {}})
    other.image = type(other.image)(other.image.probe, other.image.run, files)
    assert other.run("cat", "/data/deep/file").output == "content\n"
    assert other.run("stat", "/data/deep/file").output == f"{stat.S_IFREG | 0o640:o} 1000:1001 8\n"
    assert other.run("mount", "/data").output.startswith("rw")
    assert other.run("put", "/data/new", "x", read_only=True).status == 0


def test_a_volume_that_the_image_has_nothing_for_is_open_to_all_whatever_the_umask(
    docker_like: Bench,
) -> None:
    before = os.umask(0o077)
    try:
        assert (
            docker_like.with_config(Volumes={"/fresh": {}})
            .run("stat", "/fresh", user="1234")
            .output.startswith("40755 0:0 ")
        )
    finally:
        os.umask(before)


def test_a_bad_volume_is_an_error(bench: Bench) -> None:
    for text in ("relative:path", "/a:/b:nonsense", "/host:/"):
        with pytest.raises(CareenError), bench.container(RunOptions(volumes=(text,))):
            pass


def exchange(port: int, data: bytes) -> bytes:
    """Send all, say so, and read to the end."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:

        def send() -> None:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)

        sender = threading.Thread(target=send)
        sender.start()
        got = bytearray()
        while chunk := connection.recv(65536):
            got += chunk
        sender.join()
    return bytes(got)


def test_published_port_carries_a_megabyte_both_ways_and_half_closes(bench: Bench) -> None:
    before = threading.active_count()
    with bench.container(RunOptions(args=("serve", "8000")), (8000,)) as made:
        assert made.host_port(9999) is None
        made.start()
        until(lambda: "listening" in made.logs())
        port = made.host_port(8000)
        assert port is not None
        data = bytes(range(256)) * 4096
        assert exchange(port, data) == data + b"end"
        results: list[bytes] = []
        threads = [
            threading.Thread(target=lambda: results.append(exchange(port, b"x" * 100_000)))
            for _ in range(32)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert results == [b"x" * 100_000 + b"end"] * 32
    until(lambda: threading.active_count() == before)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_a_connection_that_nothing_accepts_inside_is_closed(bench: Bench) -> None:
    with bench.container(RunOptions(args=("wait",)), (8000,)) as made:
        made.start()
        port = made.host_port(8000)
        assert port is not None
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
                assert connection.recv(1) == b""
        except (ConnectionRefusedError, ConnectionResetError):
            pass


def test_a_port_of_the_users_choice(bench: Bench) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        free = int(holder.getsockname()[1])
    with bench.container(
        RunOptions(args=("serve", "8000"), ports=(f"127.0.0.1:{free}:8000",))
    ) as made:
        made.start()
        until(lambda: "listening" in made.logs())
        assert made.host_port(8000) == free
        assert exchange(free, b"hello") == b"helloend"


def running(bench: Bench, how: str = "polite", **options: str) -> AnyContainer:
    given = RunOptions(args=("wait", how), **options)  # type: ignore[arg-type]
    made: AnyContainer = bench.engine.create(bench.prepared(), given, ())
    made.start()
    until(lambda: "waiting" in made.logs())
    return made


def test_exec_is_the_containers_user_environment_and_directory(docker_like: Bench) -> None:
    other = docker_like.with_config(
        User="worker", WorkingDir="/home/worker", Env=["PATH=/bin", "MARK=yes"]
    )
    made = running(other)
    try:
        seen = values(made.exec(("probe", "id"), 20).output.splitlines())
        assert (seen["Uid"], seen["Groups"], seen["cwd"]) == (
            "1000 1000 1000 1000",
            "1001 2000 2001",
            "/home/worker",
        )
        assert (seen["CapEff"], seen["CapBnd"]) == ("0000000000000000", DOCKERS_CAPABILITIES)
        assert set(made.exec(("/bin/probe", "env"), 20).output.splitlines()) == {
            "PATH=/bin",
            "MARK=yes",
            f"HOSTNAME={made.id[:12]}",
            "HOME=/home/worker",
        }
        assert made.exec(("probe", "exit", "9"), 20).status == 9
        assert sorted(made.exec(("probe", "both"), 20).output.splitlines()) == [
            "to stderr",
            "to stdout",
        ]
        assert made.exec(("nowhere",), 20).status == 127
        assert made.exec(("/etc/passwd",), 20).status == 126
        assert made.exec(("probe", "sleep", "60"), 1).status is None
        assert made.state().running
    finally:
        made.remove()


def test_exec_after_the_end_is_an_error(bench: Bench) -> None:
    made = running(bench)
    made.stop(5)
    with pytest.raises(ToolError, match=r"has ended|not running|state improper"):
        made.exec(("/bin/probe", "id"), 20)
    made.remove()


def test_stop_signal(bench: Bench) -> None:
    for signal_name, number in (("SIGTERM", 15), ("SIGINT", 2), ("3", 3)):
        made = running(bench.with_config(StopSignal=signal_name))
        assert made.state().running
        assert made.wait(0.1) is None
        made.stop(20)
        made.stop(20)
        assert made.wait(5) == 40 + number
        assert made.state().exit_code == 40 + number
        assert f"signal {number}" in made.logs()
        made.remove()
        made.remove()


def test_who_does_not_listen_is_killed_after_the_grace(bench: Bench) -> None:
    made = running(bench, "deaf")
    assert made.ignores("SIGTERM")
    made.stop(1)
    assert made.wait(5) == 137
    made.remove()


def test_logs_have_both_streams_and_are_bounded(bench: Bench) -> None:
    assert sorted(bench.run("both").lines) == ["to stderr", "to stdout"]
    ran = bench.run("print", "300000")  # 71 bytes each: 21 MB
    assert 16 * 1024 * 1024 - 65536 <= len(ran.output) <= 16 * 1024 * 1024 + 65536
    assert ran.output.endswith(
        "\n0123456789012345678901234567890123456789012345678901234567890123456789\n"
    )


def test_rootfs_is_seen_from_the_host_while_it_runs(bench: Bench) -> None:
    made = running(bench)
    root = made.rootfs()
    assert root is not None
    assert (root / "bin/probe").read_bytes() == bench.image.probe
    assert any(
        line.split()[1] == str(root) and line.split()[0] == "overlay"
        for line in Path("/proc/mounts").read_text().splitlines()
    )
    made.stop(5)
    assert made.rootfs() is None
    made.remove()
    assert not (root / "bin").exists()


def test_a_program_whose_name_the_kernel_cuts_within_a_letter(bench: Bench) -> None:
    """The kernel keeps 15 bytes of the name: here not all of the last letter."""
    name = f"/bin/{'a' * 14}é"
    other = bench.with_files({name: (bench.image.probe, 0o755, 0, 0)})
    with other.container(RunOptions(entrypoint=name, args=("sleep", "60"))) as made:
        begun = time.monotonic()
        made.start()
        assert made.state().running
        assert time.monotonic() - begun < 30


def test_the_cgroup_ends_with_the_id(bench: Bench) -> None:
    made = running(bench)
    lines = made.exec(("/bin/probe", "cat", "/proc/self/cgroup"), 20).output.splitlines()
    made.remove()
    names = [line.split(":")[2] for line in lines if ":pids:" in line or line.startswith("0::")]
    assert any(name.endswith(made.id) for name in names) or names == ["/"]


@pytest.mark.parametrize("user", [None, "worker"])
def test_refused_system_calls(docker_like: Bench, user: str | None) -> None:
    answers = {
        "io_uring": "EPERM",
        "unshare": "EPERM",
        "clone3": "ENOSYS",
        "keyctl": "EPERM",
        "mount": "EPERM",
        "vsock": "EPERM",
    }
    assert (
        dict(line.split() for line in docker_like.run("try", *answers, user=user).lines) == answers
    )


def test_kernel_files_are_masked(bench: Bench) -> None:
    made = running(bench)

    def ran(*words: str) -> str:
        return made.exec(("/bin/probe", *words), 20).output

    for path in ("/proc/keys", "/proc/timer_list", "/proc/kcore"):
        if Path(path).exists():
            assert ran("cat", path) == ""
    assert ran("put", "/proc/sys/kernel/hostname", "x") == "/proc/sys/kernel/hostname: EROFS\n"
    assert ran("ls", "/sys/firmware") == ""
    devices = {
        "fd",
        "full",
        "mqueue",
        "null",
        "ptmx",
        "pts",
        "random",
        "shm",
        "stderr",
        "stdin",
        "stdout",
        "tty",
        "urandom",
        "zero",
    }
    assert (
        set(ran("ls", "/dev").splitlines()) - {"core"} == devices
    )  # core is a link to /proc/kcore, where the kernel has one
    made.remove()
