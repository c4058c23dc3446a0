"""The corners of the system call interface on real containers: each ends where the RBOM needs it,
or in a number that says what is missing.
"""

from collections.abc import Iterator

import pytest

from careen.model.runs.trace import Phase, Trace, Use
from careen.sensor.ebpf import EbpfSensor
from careen.sensor.helper import Helper
from careen.sensor.recording import read_recording
from careen.sensor.wire import NAME_KEY
from tests.support.watched import (
    IMAGE,
    DockerContainer,
    create,
    docker,
    rootfs_tar,
    seen,
    watch_run,
)

pytestmark = [pytest.mark.docker, pytest.mark.bpf, pytest.mark.root]
NAME = f"{IMAGE}:corners"
FREE = (
    "--security-opt",
    "seccomp=unconfined",
    "--security-opt",
    "apparmor=unconfined",
    "--cap-add",
    "SYS_ADMIN",
)
WORDS = (
    "sleep:200 messages:5000 spawn:/bin/second vfork:/bin/second thread:/bin/second"
    " execfd:/bin/second memfd:/bin/act run:/bin/nested signal:3 refused:1 deleted:/data/gone"
    " outside:uptime root:/inner:/etc/deep private:/private:/private/new mkdir:/data/made"
    " rename:/data/made:/data/moved execcheck:/bin/script fileattr:/etc/by-fileattr"
    " write:/data/moved/file long:4095 long:4096 rawname:/etc/raw chdir:/etc chdir:deep chdir:er"
    " open:file futimens:/etc/other"
)


@pytest.fixture(scope="module", autouse=True)
def image() -> Iterator[None]:
    docker("import", "--change", 'ENTRYPOINT ["/bin/act"]', "-", NAME, stdin=rootfs_tar())
    yield
    docker("rmi", "-f", NAME)


@pytest.fixture(scope="module")
def trace(image: None) -> Trace:
    return watch_run(EbpfSensor(), *WORDS.split(), "stat:/etc/new\nline", image=NAME, options=FREE)


def of(
    trace: Trace, given: str, use: Use = Use.LOOKED_UP
) -> set[tuple[str, str | None, bool | None, int, str]]:
    """Base, end, whether on the image, error and program of every such touch."""
    return {
        (t.base, t.resolved, t.on_image, t.errno, t.executable)
        for t in trace.touches
        if t.given == given and t.use is use
    }


def test_none_of_it_is_a_loss(trace: Trace) -> None:
    assert trace.sensor.complete, trace.sensor.losses


@pytest.mark.parametrize("mark", ["by-spawn", "by-vfork", "after-thread", "after-execfd"])
def test_children_and_other_ways_to_execute(trace: Trace, mark: str) -> None:
    """posix_spawn, vfork, exec by a second thread (which takes the process over), execveat of a
    descriptor: what they did is the new program's.
    """
    assert of(trace, f"/etc/{mark}") == {("/", None, None, 2, "/bin/second")}
    assert "/bin/second" in seen(trace, Use.EXECUTED)


def test_calls_of_new_kernels_are_looked_up_too(trace: Trace) -> None:
    """AT_EXECVE_CHECK (6.14) succeeds like an exec and executes nothing; file_getattr is of 6.17.
    An older kernel refuses both before it looks.
    """
    assert {touch.use for touch in trace.touches if touch.given == "/bin/script"} == {Use.LOOKED_UP}
    assert {touch.use for touch in trace.touches if touch.given == "/etc/by-fileattr"} == {
        Use.LOOKED_UP
    }


def test_a_program_in_memory_is_never_a_file_of_the_image_but_the_file_it_came_from_is_read(
    trace: Trace,
) -> None:
    assert of(trace, "/etc/after-memfd") == {("/", None, None, 2, "/memfd:copied")}
    assert {t.on_image for t in trace.touches if t.resolved == "/memfd:copied"} == {False}
    assert "/bin/act" in seen(trace, Use.OPENED)


def test_of_nested_scripts_the_first_and_the_last_program_are_seen(trace: Trace) -> None:
    executed = {touch.given for touch in trace.touches if touch.use is Use.EXECUTED}
    assert {"/bin/nested", "/bin/act"} <= executed
    assert "/bin/script" not in executed
    assert any(
        "nested interpreters are taken from the files" in note for note in trace.sensor.notes
    )


def test_each_message_of_sendmmsg_has_its_address(trace: Trace) -> None:
    assert {(e.direction, e.address, e.port) for e in trace.endpoints} == {
        ("send", "127.0.0.1", 5000),
        ("send", "127.0.0.1", 5001),
    }


def test_a_directory_that_is_gone_and_one_outside_the_image(trace: Trace) -> None:
    assert of(trace, "lost") == {("/data/gone", None, None, 2, "/bin/act")}
    assert of(trace, "uptime", Use.OPENED) == {("/proc", "/proc/uptime", False, 0, "/bin/act")}


def test_names_after_chroot_start_at_the_new_root_and_chroots_own_at_the_old(trace: Trace) -> None:
    assert of(trace, "/etc/deep") >= {("/inner", None, None, 0, "/bin/act")}
    assert of(trace, "etc/deep", Use.OPENED) == {("/inner", "/inner/etc/deep", True, 0, "/bin/act")}
    assert of(trace, "/inner") == {
        ("/", None, None, 0, "/bin/act"),
        ("/", "/inner", True, 0, "/bin/act"),
    }


def test_a_change_of_directory_starts_from_the_one_before_it(trace: Trace) -> None:
    assert of(trace, "deep") == {("/etc", None, None, 0, "/bin/act")}
    assert of(trace, "er") == {("/etc/deep", None, None, 0, "/bin/act")}
    assert of(trace, "file", Use.OPENED) == {
        ("/etc/deep/er", "/etc/deep/er/file", True, 0, "/bin/act")
    }
    assert {"/etc/deep", "/etc/deep/er"} <= seen(trace, Use.LOOKED_UP)


def test_what_lies_on_a_mount_made_inside_is_not_the_image(trace: Trace) -> None:
    assert {t.on_image for t in trace.touches if t.given == "/private/new"} == {False}
    assert "/etc/other" in seen(trace, Use.OPENED)  # opened in the same private namespace


def test_a_renamed_directory_has_its_new_name_from_then_on(trace: Trace) -> None:
    assert {"/data/made", "/data/moved", "/data/moved/file"} <= seen(trace, Use.WRITTEN)


def test_the_longest_path_is_whole_and_a_longer_one_was_never_looked_up(trace: Trace) -> None:
    lengths = {len(t.given): t.errno for t in trace.touches if t.given.startswith("/etc/./")}
    assert lengths[4095] == 2
    assert 0 in lengths.values()
    assert max(lengths) == 4095


def test_any_bytes_are_a_name(trace: Trace) -> None:
    assert of(trace, "/etc/raw\udcff\udcfe") == {("/", None, None, 2, "/bin/act")}
    assert of(trace, "/etc/new\nline") == {("/", None, None, 2, "/bin/act")}


def test_calls_that_do_not_return_are_listed_and_refused_ones_are_not(trace: Trace) -> None:
    calls = set(trace.syscalls[Phase.START])
    assert {
        "execve",
        "execveat",
        "exit_group",
        "rt_sigreturn",
        "vfork",
        "clone3",
        "chroot",
        "unshare",
    } <= calls
    assert not {"kexec_load", "exit"} & calls


def test_opens_by_io_uring_are_named_and_their_unknown_end_makes_the_trace_incomplete() -> None:
    trace = watch_run(EbpfSensor(), "uring:/etc/file", image=NAME, options=FREE)
    assert "on_uring" in trace.sensor.programs
    assert "/etc/file" in {t.given for t in trace.touches if t.use is Use.OPENED}
    assert trace.sensor.losses["uring_outcome_unknown"] == 1
    assert not trace.sensor.complete
    refused = watch_run(EbpfSensor(), "uring:/etc/file", image=NAME)  # by docker's own filter
    assert refused.sensor.complete
    assert "io_uring_setup" not in refused.syscalls[Phase.START]


def test_calls_by_32_bit_numbers_make_the_trace_incomplete() -> None:
    trace = watch_run(EbpfSensor(), "compat:/etc/file", "open:/etc/other", image=NAME, options=FREE)
    assert trace.sensor.losses["compat32"] == 1
    assert not trace.sensor.complete
    assert seen(trace, Use.OPENED) == {"/etc/other"}


@pytest.mark.parametrize("variant", ["loader", "core"])
def test_the_programs_for_older_kernels_see_the_same_files(variant: str) -> None:
    words = ("open:/etc/link", "run:/bin/script", "chdir:/etc", "stat:file")
    full = watch_run(EbpfSensor(), *words, image=NAME)
    older = watch_run(EbpfSensor(variant=variant), *words, image=NAME)
    assert older.sensor.complete, older.sensor.losses
    assert "on_uring" not in older.sensor.programs
    assert ("on_loader" in older.sensor.programs) == (variant == "loader")
    assert {t for t in older.touches if t.use is not Use.MAPPED} == {
        t for t in full.touches if t.use is not Use.MAPPED
    }
    assert any("io_uring_submit_req" in note for note in older.sensor.notes)


@pytest.mark.parametrize("variant", ["loader", "core"])
def test_without_the_io_uring_program_a_ring_is_a_loss(variant: str) -> None:
    trace = watch_run(EbpfSensor(variant=variant), "uring:/etc/file", image=NAME, options=FREE)
    assert trace.sensor.losses["uring_unwatched"] == 1
    assert not trace.sensor.complete


def test_the_runtimes_own_set_up_is_no_use_by_the_workload() -> None:
    """The runtime reads passwd for a user's name, joins the container for `exec`, and docker-init
    stands before the command.
    """

    def enter(container: DockerContainer) -> None:
        docker("exec", "--workdir", "/etc", container.id, "/bin/second", "stat:file")

    trace = watch_run(
        EbpfSensor(),
        "sleep:1500",
        image=NAME,
        options=("--init", "--workdir", "/data", "--user", "1000:1000"),
        meanwhile=enter,
    )
    assert {(t.use, t.given) for t in trace.touches if t.executable == ""} == {
        (Use.EXECUTED, "/sbin/docker-init"),
        (Use.EXECUTED, "/bin/second"),
    }
    assert not {"/etc/passwd", "/etc/group"} & {t.given for t in trace.touches}
    assert of(trace, "file") == {("/etc", None, None, 0, "/bin/second")}
    assert {"/data", "/etc"} <= seen(
        trace, Use.LOOKED_UP
    )  # the working directories have to be there


def test_two_sensors_at_once_each_see_their_own_container() -> None:
    """Two runs of careen beside each other: both traces are right, though each kernel part sees
    every system call of the machine.
    """
    pair = [
        create(
            "wait:/proc/self/stat", f"again:/etc/{name}:20000", f"stat:/etc/of-{name}", image=NAME
        )
        for name in ("file", "other")
    ]
    watches = [EbpfSensor().watch(container) for container in pair]
    try:
        for container, watch in zip(pair, watches, strict=True):
            container.start()
            watch.started()
        for container in pair:
            container.wait(60)
        traces = [watch.finish() for watch in watches]
    finally:
        for watch in watches:
            watch.close()
        for container in pair:
            container.remove()
    for trace, own, foreign in zip(traces, ("file", "other"), ("other", "file"), strict=True):
        assert trace.sensor.complete, trace.sensor.losses
        assert trace.starts == 1
        assert f"/etc/{own}" in seen(trace, Use.OPENED)
        assert f"/etc/of-{own}" in seen(trace, Use.LOOKED_UP, 2)
        assert not [t for t in trace.touches if foreign in t.given]


def test_one_helper_watches_several_containers() -> None:
    """The format knows sixteen scopes: what two armed containers do is kept apart by its number."""
    pair = [create(f"stat:/etc/of-{name}", image=NAME) for name in ("first", "second")]
    helper = Helper()
    try:
        for container in pair:
            helper.command(f"arm {container.id}")
        for container in pair:
            container.start()
            container.wait(30)
        helper.command("finish")
        with helper.trace() as stream:
            recording = read_recording(stream)
    finally:
        helper.close()
        for container in pair:
            container.remove()
    scopes = {
        sight.given: NAME_KEY.unpack(key)[0] >> 16
        for key, sight in recording.names.items()
        if "/of-" in sight.given
    }
    assert scopes == {"/etc/of-first": 1, "/etc/of-second": 2}
    assert not any(recording.losses.values())
