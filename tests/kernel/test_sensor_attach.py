"""Attaching to containers that run already: what they have loaded, what they do from then on, who
belongs to them, and that nothing stays behind.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from careen.errors import ToolError
from careen.model.runs.attached import RunningContainer
from careen.model.runs.trace import Phase, Trace, Use
from careen.sensor.ebpf import EbpfSensor
from careen.sensor.fanotify import FanotifySensor
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
NAME = f"{IMAGE}:attach"
WEIRD = "/data/weird\nname (deleted)"
BEFORE = (
    "open:/etc/health",
    "keep:/etc/file",
    "keeprw:/data/one",
    "view:/data/two",
    "map:/lib/library.so",
    "keeprw:/data/gone",
    "unlink:/data/gone",
    "beside:/go/now",
    "chdir:/etc/deep",
    f"keeprw:{WEIRD}",
)
AFTER = (
    "open:er/file",
    "open:/etc/link",
    "stat:/etc/none",
    "run:/bin/script",
    "unix:/tmp.sock",
    "sleep:300",
)


@pytest.fixture(scope="module", autouse=True)
def image() -> Iterator[None]:
    docker("import", "--change", 'ENTRYPOINT ["/bin/act"]', "-", NAME, stdin=rootfs_tar())
    yield
    docker("rmi", "-f", NAME)


def until_there(path: Path) -> None:
    deadline = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} did not come"
        time.sleep(0.01)


@contextmanager
def running(
    folder: Path, *before: str, after: tuple[str, ...] = ("sleep:1",), options: tuple[str, ...] = ()
) -> Iterator[tuple[DockerContainer, RunningContainer]]:
    """A container that has done `before` and does `after` once `folder`/now is there."""
    words = (*before, "write:/go/ready", "wait:/go/now", *after)
    container = create(*words, options=("-v", f"{folder}:/go", *options), image=NAME)
    try:
        container.start()
        until_there(folder / "ready")
        yield (
            container,
            RunningContainer(
                "it",
                int(docker("inspect", "-f", "{{.State.Pid}}", container.id)),
                container.id,
                "docker",
            ),
        )
    finally:
        container.remove()


def attached(
    folder: Path,
    *before: str,
    after: tuple[str, ...] = ("sleep:1",),
    sensor: EbpfSensor | None = None,
) -> Trace:
    """Attach, let it go on, and return the trace of it to its end."""
    with running(folder, *before, after=after) as (container, it):
        watch = (sensor or EbpfSensor()).attach(it)
        try:
            (folder / "now").touch()
            container.wait(30)
            return watch.finish()
        finally:
            watch.close()


@pytest.fixture(scope="module")
def trace(image: None, tmp_path_factory: pytest.TempPathFactory) -> Trace:
    """A container with a past, a child beside its first process, and an exec from outside."""
    folder = tmp_path_factory.mktemp("go")
    with running(folder, *BEFORE, after=AFTER) as (container, it):
        watch = EbpfSensor().attach(it)
        try:
            assert container.exec(("/bin/second", "open:/etc/doomed"), 30).status == 0
            (folder / "now").touch()
            container.wait(30)
            return watch.finish()
        finally:
            watch.close()


def of(
    trace: Trace, given: str, use: Use = Use.OPENED
) -> set[tuple[str, str | None, bool | None, int, str, frozenset[Phase]]]:
    return {
        (t.base, t.resolved, t.on_image, t.errno, t.executable, t.phases)
        for t in trace.touches
        if t.given == given and t.use is use
    }


START, SERVING = frozenset({Phase.START}), frozenset({Phase.SERVING})
ACT = "/bin/act"


def test_nothing_was_lost_and_the_root_is_the_containers(trace: Trace) -> None:
    assert trace.sensor.complete, trace.sensor.losses
    assert (trace.starts, trace.roots) == (1, ("/",))
    assert {"take_process", "take_mapping", "take_file"} <= set(trace.sensor.programs)
    assert trace.sensor.notes[0].startswith("attached to a container that ran already")
    assert "HEALTHCHECK" in trace.sensor.notes[1]


def test_what_was_executed_mapped_and_held_open_before_is_there(trace: Trace) -> None:
    assert of(trace, ACT, Use.EXECUTED) >= {("/", ACT, True, 0, "", START)}
    assert of(trace, "/lib/library.so", Use.MAPPED) == {
        ("/", "/lib/library.so", True, 0, ACT, START)
    }
    assert of(trace, "/data/two") == {
        ("/", "/data/two", True, 0, ACT, START)
    }  # mapped to be read: weights are
    assert Phase.START in {phase for *_, phases in of(trace, "/etc/file") for phase in phases}
    assert (
        of(trace, "/data/one", Use.WRITTEN)
        == of(trace, "/data/one", Use.OPENED)
        == {("/", "/data/one", True, 0, ACT, START)}
    )
    assert Phase.START in {
        phase for *_, phases in of(trace, "/etc/deep", Use.LOOKED_UP) for phase in phases
    }  # where it stands


def test_what_was_closed_before_is_not(trace: Trace) -> None:
    assert not [touch for touch in trace.touches if touch.given == "/etc/health"]


def test_names_that_would_fool_a_reader_of_maps_are_exact(trace: Trace) -> None:
    assert of(trace, WEIRD) == {("/", WEIRD, True, 0, ACT, START)}
    assert {on_image for _, _, on_image, *_ in of(trace, "/data/gone")} == {
        None
    }  # deleted, and held open


def test_what_it_does_from_then_on_is_there(trace: Trace) -> None:
    assert of(trace, "er/file") == {("/etc/deep", "/etc/deep/er/file", True, 0, ACT, SERVING)}
    assert of(trace, "/etc/link") == {("/", "/etc/file", True, 0, ACT, SERVING)}
    assert of(trace, "/etc/none", Use.LOOKED_UP) == {("/", None, None, 2, ACT, SERVING)}
    assert "/bin/script" in seen(trace, Use.EXECUTED)
    assert {(e.family, e.address, e.executable) for e in trace.endpoints} == {
        ("unix", "/tmp.sock", ACT)
    }
    assert "exit_group" in trace.syscalls[Phase.SERVING]


def test_a_child_that_was_there_before_is_watched_too_and_what_it_executes(trace: Trace) -> None:
    assert of(trace, "/etc/other") == {("/", "/etc/other", True, 0, ACT, SERVING)}
    assert {touch.executable for touch in trace.touches if touch.given == "/etc/by-child"} == {
        "/bin/second"
    }


def test_an_exec_from_outside_is_inside_and_the_runtime_is_not(trace: Trace) -> None:
    assert of(trace, "/etc/doomed") == {("/", "/etc/doomed", True, 0, "/bin/second", SERVING)}
    assert not [
        touch for touch in trace.touches if "runc" in touch.executable or "docker" in touch.given
    ]


def test_volumes_are_off_the_image(trace: Trace) -> None:
    assert {on_image for _, _, on_image, *_ in of(trace, "/go/now", Use.LOOKED_UP)} == {False}


def test_the_times_are_of_the_recording(tmp_path: Path) -> None:
    began = time.monotonic()
    with running(tmp_path, "keep:/etc/file") as (container, it):
        attached_at = time.monotonic()
        watch = EbpfSensor().attach(it)
        (tmp_path / "now").touch()
        container.wait(30)
        trace = watch.finish()
    held = [touch for touch in trace.touches if touch.given == "/etc/file"]
    assert began < attached_at
    assert [
        touch.first is not None and attached_at - 0.001 <= touch.first <= time.monotonic()
        for touch in held
    ] == [True]


@pytest.mark.parametrize("variant", ["loader", "core"])
def test_the_programs_of_older_kernels_attach_too(tmp_path: Path, variant: str) -> None:
    trace = attached(
        tmp_path,
        "map:/lib/library.so",
        after=("open:/etc/link",),
        sensor=EbpfSensor(variant=variant),
    )
    assert "/lib/library.so" in seen(trace, Use.MAPPED)
    assert "/etc/file" in seen(trace, Use.OPENED)


def test_processes_that_fork_while_it_attaches_do_not_escape(tmp_path: Path) -> None:
    with running(tmp_path, *("chain:/go/now",) * 8, after=("sleep:1500",)) as (container, it):
        watch = EbpfSensor().attach(it)
        (tmp_path / "now").touch()
        container.wait(30)
        trace = watch.finish()
    recording = watch.recording
    assert recording is not None
    ends = [
        tally.count
        for key, tally in recording.name_tallies.items()
        if recording.names[key].given == "/etc/end-of-chain"
    ]
    assert ends == [8]
    assert trace.sensor.complete, trace.sensor.losses


def test_by_its_process_alone_without_an_id_execs_are_inside_by_their_mount_namespace(
    tmp_path: Path,
) -> None:
    with running(tmp_path) as (container, it):
        watch = EbpfSensor().attach(RunningContainer("it", it.pid, "", "none"))
        assert container.exec(("/bin/second", "open:/etc/doomed"), 30).status == 0
        trace = watch.finish()
    assert of(trace, "/etc/doomed") == {("/", "/etc/doomed", True, 0, "/bin/second", SERVING)}


def test_a_process_in_a_mount_namespace_of_its_own_belongs_to_it(tmp_path: Path) -> None:
    """An exec from outside that has left the container's namespace before anybody attached: its
    parent is the runtime's, its cgroup the container's.
    """
    options = (
        "--cap-add",
        "SYS_ADMIN",
        "--security-opt",
        "seccomp=unconfined",
        "--security-opt",
        "apparmor=unconfined",
    )
    with running(tmp_path, after=("sleep:1500",), options=options) as (container, it):
        docker(
            "exec",
            "-d",
            container.id,
            "/bin/second",
            "unshare:",
            "write:/go/inside",
            "wait:/go/now",
            "stat:/etc/from-private",
        )
        until_there(tmp_path / "inside")
        watch = EbpfSensor().attach(it)
        (tmp_path / "now").touch()
        container.wait(30)
        trace = watch.finish()
    assert {touch.executable for touch in trace.touches if touch.given == "/etc/from-private"} == {
        "/bin/second"
    }


def test_two_containers_at_once_are_two_traces(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    with (
        running(folders[0], "keep:/etc/file", after=("stat:/etc/first",)) as (one, it_one),
        running(folders[1], after=("stat:/etc/second",)) as (two, it_two),
    ):
        watches = [EbpfSensor().attach(it) for it in (it_one, it_two)]
        for folder, container in zip(folders, (one, two), strict=True):
            (folder / "now").touch()
            container.wait(30)
        first, second = (watch.finish() for watch in watches)

    def names(trace: Trace) -> set[str]:
        return {touch.given for touch in trace.touches} & {"/etc/first", "/etc/second", "/etc/file"}

    assert (names(first), names(second)) == ({"/etc/first", "/etc/file"}, {"/etc/second"})


def test_a_sensor_that_waits_for_a_start_says_nothing_of_the_iterators() -> None:
    trace = watch_run(EbpfSensor(), "stat:/etc/file", image=NAME)
    assert not {"take_process", "take_mapping", "take_file"} & set(trace.sensor.programs)


def test_a_snapshot_that_does_not_fit_is_counted(tmp_path: Path) -> None:
    trace = attached(
        tmp_path,
        "keep:/etc/file",
        "keep:/etc/other",
        "view:/data/two",
        "map:/lib/library.so",
        sensor=EbpfSensor({"files": 3}),
    )
    assert trace.sensor.losses["files_full"] >= 2
    assert not trace.sensor.complete


def test_it_says_how_full_it_is_before_anything_is_lost(tmp_path: Path) -> None:
    with running(tmp_path, after=("many:/etc:950",)) as (container, it):
        watch = EbpfSensor({"names": 1000}).attach(it)
        assert watch.used() < 0.1
        (tmp_path / "now").touch()
        container.wait(30)
        assert 0.95 <= watch.used() <= 1.0
        assert watch.finish().sensor.complete


def test_what_has_ended_or_is_no_container_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with running(tmp_path) as (container, it):
        (tmp_path / "now").touch()
        container.wait(30)
        with pytest.raises(
            ToolError,
            match=(
                f"attaching to 'it': process {it.pid} is not there any more: the container has"
                " ended"
            ),
        ):
            EbpfSensor().attach(it)
    with pytest.raises(
        ToolError,
        match=(
            f"process {os.getpid()} has the mount namespace of careen or of this machine, so it is"
            " in no container"
        ),
    ):
        EbpfSensor().attach(RunningContainer("this", os.getpid(), "", "none"))
    with pytest.raises(
        ToolError, match="fanotify cannot see what a running container has loaded already"
    ):
        FanotifySensor().attach(it)


def bpf_objects() -> set[str]:
    """The programs and links in the kernel that are a sensor's."""
    lines: list[str] = []
    for kind in ("prog", "link"):
        lines += [
            f"{kind} {line}"
            for line in (
                subprocess.check_output(["/usr/sbin/bpftool", kind, "show"]).decode().splitlines()
            )
            if line[:1].isdigit()
        ]
    return {line.partition(":")[0] for line in lines}


def bpf_objects_of(pid: int) -> set[str]:
    """Those that a process holds open: other sensors may start at the same time."""
    found: set[str] = set()
    for info in Path(f"/proc/{pid}/fdinfo").iterdir():
        for line in info.read_text().splitlines():
            key, _, number = line.partition(":")
            if key in ("prog_id", "link_id"):
                found.add(f"{key.removesuffix('_id')} {number.strip()}")
    return found


def state_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


@pytest.mark.parametrize("killed", [False, True])
def test_nothing_stays_in_the_kernel(tmp_path: Path, *, killed: bool) -> None:
    with running(tmp_path) as (_, it):
        watch = EbpfSensor().attach(it)
        ours = bpf_objects_of(watch.helper_pid)
        assert len(ours) > 10
        assert ours <= bpf_objects()
        if killed:
            os.kill(watch.helper_pid, signal.SIGKILL)
            deadline = time.monotonic() + 10
            while state_of(watch.helper_pid) != "Z" and time.monotonic() < deadline:
                time.sleep(0.02)
            with pytest.raises(ToolError, match="the helper ended"):
                watch.used()
        else:
            assert watch.used() < 0.01
            watch.finish()
        watch.close()
    deadline = time.monotonic() + 10
    while ours & bpf_objects() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not ours & bpf_objects()
