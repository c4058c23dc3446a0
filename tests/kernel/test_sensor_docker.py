"""The eBPF sensor on real docker containers: what it must see, and what it must not."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from careen.errors import ToolError
from careen.model.runs.trace import Phase, Touch, Trace, Use
from careen.sensor.ebpf import EbpfSensor
from careen.sensor.select import choose
from tests.support.watched import (
    HEALTH,
    IMAGE,
    DockerContainer,
    create,
    docker,
    rootfs_tar,
    seen,
    watch_run,
)

pytestmark = [pytest.mark.docker, pytest.mark.bpf, pytest.mark.root]


@pytest.fixture(scope="module", autouse=True)
def image() -> Iterator[None]:
    docker("import", "--change", 'ENTRYPOINT ["/bin/act"]', "-", IMAGE, stdin=rootfs_tar())
    docker(
        "import",
        "--change",
        'ENTRYPOINT ["/bin/act"]',
        "--change",
        HEALTH,
        "-",
        f"{IMAGE}:health",
        stdin=rootfs_tar(),
    )
    yield
    docker("rmi", "-f", IMAGE, f"{IMAGE}:health")


@pytest.fixture(scope="module")
def trace(image: None) -> Trace:
    """One run that does a bit of everything."""
    words = (
        "open:/etc/file rdwr:/etc/other write:/etc/new stat:/etc/link readlink:/etc/link"
        " access:/etc/nothing open:/etc/link chdir:/etc/deep open:er/file stat:../file"
        " at:/etc:deep/er/file list:/data unlink:/etc/doomed fstat:/data/one open:/data/two"
        " map:/lib/library.so emptyat:/etc/health run:/bin/second run:/bin/script connect:4711"
        " message:4712 unix:/tmp.sock badpath open:/proc/self/status stat:/proc/uptime"
    )
    with closing(choose(None)) as sensor:
        return watch_run(sensor, *words.split())


def one(trace: Trace, use: Use, given: str) -> Touch:
    (touch,) = {touch for touch in trace.touches if touch.use is use and touch.given == given}
    return touch


def test_nothing_was_lost(trace: Trace) -> None:
    # the numbers belong to the message
    assert trace.sensor.losses and trace.sensor.complete, trace.sensor.losses  # noqa: PT018
    assert trace.starts == 1


def test_the_first_exec_is_seen_and_comes_from_no_program_of_the_image(trace: Trace) -> None:
    executed = {
        (touch.executable, touch.resolved)
        for touch in trace.touches
        if touch.use is Use.EXECUTED and touch.given == "/bin/act"
    }
    assert executed == {
        ("", "/bin/act"),
        ("/bin/act", "/bin/act"),
    }  # the container's command, and the script's interpreter


def test_scripts_show_themselves_and_their_interpreter(trace: Trace) -> None:
    executed = {touch.given for touch in trace.touches if touch.use is Use.EXECUTED}
    assert executed == {"/bin/act", "/bin/second", "/bin/script"}
    assert one(trace, Use.EXECUTED, "/bin/script").executable == "/bin/act"
    assert "/etc/from-script" in seen(trace, Use.LOOKED_UP, 2)


def test_each_use_says_which_program_it_was(trace: Trace) -> None:
    by = {
        touch.executable
        for touch in trace.touches
        if touch.given == "/etc/in-child" and touch.use is Use.LOOKED_UP
    }
    assert by == {"/bin/second", "/bin/act"}  # run directly, and as the script's interpreter
    assert one(trace, Use.OPENED, "/etc/file").executable == "/bin/act"


def test_reading_and_writing_are_told_apart(trace: Trace) -> None:
    assert "/etc/file" in seen(trace, Use.OPENED) - seen(trace, Use.WRITTEN)
    assert "/etc/new" in seen(trace, Use.WRITTEN) - seen(trace, Use.OPENED)
    assert "/etc/other" in seen(trace, Use.OPENED) & seen(trace, Use.WRITTEN)
    assert "/etc/doomed" in seen(trace, Use.WRITTEN)


def test_a_link_keeps_the_name_as_given_and_where_it_led(trace: Trace) -> None:
    opened = one(trace, Use.OPENED, "/etc/link")
    assert (opened.resolved, opened.on_image) == ("/etc/file", True)
    assert one(trace, Use.LOOKED_UP, "/etc/link").errno == 0


def test_what_is_not_there_is_recorded_with_its_error(trace: Trace) -> None:
    missing = one(trace, Use.LOOKED_UP, "/etc/nothing")
    assert (missing.errno, missing.resolved) == (2, None)


def test_relative_names_have_their_directory(trace: Trace) -> None:
    assert (one(trace, Use.OPENED, "er/file").base, one(trace, Use.OPENED, "er/file").resolved) == (
        "/etc/deep",
        "/etc/deep/er/file",
    )
    assert one(trace, Use.LOOKED_UP, "../file").base == "/etc/deep"
    assert one(trace, Use.OPENED, "deep/er/file").base == "/etc"


def test_hard_links_are_two_files(trace: Trace) -> None:
    assert {"/data/one", "/data/two"} <= seen(trace, Use.OPENED)


def test_descriptors_show_files_listings_and_mappings(trace: Trace) -> None:
    assert "/data" in seen(trace, Use.LISTED)
    assert "/lib/library.so" in seen(trace, Use.MAPPED)
    assert {"/data/one", "/etc/health"} <= seen(
        trace, Use.LOOKED_UP
    )  # fstat, and fstatat of the empty name


def test_other_file_systems_are_not_the_image(trace: Trace) -> None:
    assert one(trace, Use.OPENED, "/proc/self/status").on_image is False
    assert one(trace, Use.LOOKED_UP, "/proc/uptime").on_image is False


def test_endpoints_of_connect_sendmsg_and_bind(trace: Trace) -> None:
    assert {(e.direction, e.family, e.address, e.port) for e in trace.endpoints} == {
        ("connect", "inet", "127.0.0.1", 4711),
        ("send", "inet", "127.0.0.1", 4712),
        ("bind", "unix", "/tmp.sock", 0),
    }
    assert {e.executable for e in trace.endpoints} == {"/bin/act"}


def test_a_pointer_that_the_kernel_refused_too_is_no_loss(trace: Trace) -> None:
    assert trace.sensor.losses["fault"] == 0


def test_nothing_of_the_host_or_the_runtime(trace: Trace) -> None:
    programs = {touch.executable for touch in trace.touches}
    assert programs == {"", "/bin/act", "/bin/second"}
    assert not [
        touch
        for touch in trace.touches
        if "runc" in touch.given or "docker" in touch.given or touch.given.startswith("/var/lib")
    ]
    assert {touch.use for touch in trace.touches if touch.executable == ""} == {Use.EXECUTED}


def test_system_calls_have_names(trace: Trace) -> None:
    assert {"execve", "openat", "exit_group", "sendmsg", "unlink", "getdents64"} <= set(
        trace.syscalls[Phase.START]
    )
    assert "ptrace" not in trace.syscalls[Phase.START]
    assert trace.syscalls[Phase.SERVING] == ()


def test_phases_split_before_and_after(image: None, tmp_path: Path) -> None:
    began = time.monotonic()
    container = create(
        "stat:/etc/early",
        "wait:/go/now",
        "stat:/etc/late",
        "again:/etc/file:2",
        options=("-v", f"{tmp_path}:/go"),
    )
    watch = EbpfSensor().watch(container)
    try:
        container.start()
        watch.started()
        watch.set_phase(Phase.SERVING)
        released = time.monotonic()
        (tmp_path / "now").touch()
        container.wait(30)
        ended = time.monotonic()
        trace = watch.finish()
    finally:
        watch.close()
        container.remove()
    early, late = (
        one(trace, Use.LOOKED_UP, "/etc/early").first,
        one(trace, Use.LOOKED_UP, "/etc/late").first,
    )
    assert early is not None
    assert late is not None
    assert (
        began < early < released < late + 0.001 < ended + 0.001
    )  # times are cut to the millisecond
    assert one(trace, Use.LOOKED_UP, "/etc/early").phases == {Phase.START}
    assert one(trace, Use.LOOKED_UP, "/etc/late").phases == {Phase.SERVING}
    assert {touch.on_image for touch in trace.touches if touch.given == "/go/now"} == {
        False
    }  # a volume
    assert "exit_group" in trace.syscalls[Phase.SERVING]


def test_docker_exec_and_the_health_check_are_inside(image: None) -> None:
    def enter(container: DockerContainer) -> None:
        assert container.exec(("/bin/second", "open:/etc/other"), 30).status == 0

    trace = watch_run(EbpfSensor(), "sleep:3500", image=f"{IMAGE}:health", meanwhile=enter)
    assert one(trace, Use.OPENED, "/etc/other").executable == "/bin/second"
    assert "/etc/health" in seen(trace, Use.OPENED)
    assert not [touch for touch in trace.touches if "runc" in touch.executable]


def test_only_the_health_check_and_its_children_are_in_its_phase(
    image: None, tmp_path: Path
) -> None:
    words = ("wait:/go/now", "stat:/etc/late", "sleep:1500")
    container = create(*words, options=("-v", f"{tmp_path}:/go"))
    watch = EbpfSensor().watch(container)
    try:
        container.start()
        watch.started()
        with watch.health_check():
            check = ("/bin/second", "run:/bin/script", "stat:/etc/of-the-check")
            assert container.exec(check, 30).status == 0
            (tmp_path / "now").touch()
            time.sleep(0.3)  # what was there before goes on within the block
        assert container.exec(("/bin/act", "stat:/etc/of-a-test"), 30).status == 0
        container.wait(30)
        trace = watch.finish()
    finally:
        watch.close()
        container.remove()
    health = frozenset({Phase.HEALTH})
    assert one(trace, Use.LOOKED_UP, "/etc/of-the-check").phases == health
    assert one(trace, Use.LOOKED_UP, "/etc/from-script").phases == health
    assert {t.phases for t in trace.touches if t.given == "/bin/second"} == {health}
    assert {t.phases for t in trace.touches if t.given == "/bin/script"} == {health}
    assert one(trace, Use.LOOKED_UP, "/etc/late").phases == {Phase.START}
    assert one(trace, Use.LOOKED_UP, "/etc/of-a-test").phases == {Phase.START}
    assert {"execve", "exit_group"} <= set(trace.syscalls[Phase.HEALTH])


def test_a_restart_is_the_same_container(image: None) -> None:
    container = create("open:/etc/file", "again:/etc/link:1")
    watch = EbpfSensor().watch(container)
    try:
        for _ in range(2):
            container.start()
            container.wait(30)
        trace = watch.finish()
    finally:
        watch.close()
        container.remove()
    assert trace.starts == 2
    assert {touch.on_image for touch in trace.touches if touch.given == "/etc/file"} == {True}


def test_a_container_beside_it_is_not_seen(image: None) -> None:
    other = create("stat:/etc/of-the-other")
    try:
        trace = watch_run(EbpfSensor(), "sleep:600", meanwhile=lambda _: other.start())
    finally:
        other.remove()
    assert not [touch for touch in trace.touches if touch.given == "/etc/of-the-other"]


def test_a_container_that_never_starts_is_an_error_not_an_empty_trace(image: None) -> None:
    container = create("stat:/etc/file")
    watch = EbpfSensor().watch(container)
    try:
        with pytest.raises(ToolError, match="first exec was not seen"):
            watch.started()
    finally:
        watch.close()
        container.remove()
