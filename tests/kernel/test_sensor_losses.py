"""What is lost is counted: full maps, a full ring, a helper that dies; and under load nothing is
lost.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from careen.errors import ToolError
from careen.model.runs.trace import Use
from careen.sensor.ebpf import EbpfSensor
from careen.sensor.helper import Helper, helper_path
from careen.sensor.recording import Recording
from careen.sensor.wire import (
    ENDPOINT_KEY,
    FILE_KEY,
    FILE_TALLY,
    KINDS,
    LOSSES,
    NAME_KEY,
    OTHER_COUNTERS,
    PHASES,
    SIGHT,
    SYSCALLS,
    TALLY,
)
from tests.support.watched import IMAGE, create, docker, rootfs_tar, seen, watch_run

pytestmark = [pytest.mark.docker, pytest.mark.bpf, pytest.mark.root]


@pytest.fixture(scope="module", autouse=True)
def image() -> Iterator[None]:
    docker(
        "import", "--change", 'ENTRYPOINT ["/bin/act"]', "-", f"{IMAGE}:losses", stdin=rootfs_tar()
    )
    yield
    docker("rmi", "-f", f"{IMAGE}:losses")


def programs_of(pid: int) -> set[str]:
    """The ids of the BPF programs that a process holds open."""
    texts = [path.read_text() for path in Path(f"/proc/{pid}/fdinfo").iterdir()]
    return {
        line.split()[1]
        for text in texts
        for line in text.splitlines()
        if line.startswith("prog_id:")
    }


def programs_in_the_kernel() -> set[str]:
    listed = subprocess.check_output(
        ["bpftool", "prog", "show"], env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    ).decode()
    return {line.partition(":")[0] for line in listed.splitlines() if line[:1].isdigit()}


def test_the_layout_is_what_the_decoder_reads() -> None:
    lines = subprocess.check_output([str(helper_path()), "--layout"]).decode().splitlines()
    stated = {name: int(value) for name, value in (line.split() for line in lines)}
    sizes = {
        "file_key": FILE_KEY.size,
        "name_key": NAME_KEY.size,
        "endpoint_key": ENDPOINT_KEY.size,
        "tally": TALLY.size,
        "file_tally": FILE_TALLY.size,
        "sight": SIGHT.size,
        "PHASES": PHASES,
        "SYSCALLS": SYSCALLS,
        "KINDS": KINDS,
        "COUNTERS": len(LOSSES) + len(OTHER_COUNTERS),
        "sight.file": 8,
        "sight.name": 8 + FILE_KEY.size,
        "sight.when_ns": 8 + FILE_KEY.size + NAME_KEY.size,
        "name_key.error": NAME_KEY.size - 4,
        "name_key.directory": 8,
        "endpoint_key.address": 12,
        "tally.seen": 16,
        "file_tally.seen": 16,
        "sight.unhashed": SIGHT.size - 4,
    }
    assert {name: stated[name] for name in sizes} == sizes


def recorded(
    words: tuple[str, ...], sizes: dict[str, int] | None = None, containers: int = 1
) -> list[Recording]:
    """Run as many containers at once, each with its own sensor, and return the raw recordings."""
    made = [create(*words, image=f"{IMAGE}:losses") for _ in range(containers)]
    watches = [EbpfSensor(sizes).watch(container) for container in made]
    try:
        for container in made:
            container.start()
        for container in made:
            container.wait(300)
        out: list[Recording] = []
        for watch in watches:
            watch.finish()
            assert watch.recording is not None
            out.append(watch.recording)
        return out
    finally:
        for watch in watches:
            watch.close()
        for container in made:
            container.remove()


def test_more_names_than_the_map_holds_are_counted_and_make_the_trace_incomplete() -> None:
    trace = watch_run(EbpfSensor({"names": 1000}), "many:/etc:100000", image=f"{IMAGE}:losses")
    assert not trace.sensor.complete
    assert 98_900 <= trace.sensor.losses["names_full"] <= 99_010
    assert len(seen(trace, Use.LOOKED_UP, 2)) + trace.sensor.losses["names_full"] >= 100_000


def test_names_that_take_more_memory_than_there_is_room_for_are_counted() -> None:
    names, room = 2_000, 1 << 20
    trace = watch_run(EbpfSensor({"text": room}), f"flood:{names}", image=f"{IMAGE}:losses")
    recorded = seen(trace, Use.LOOKED_UP, 2)
    assert not trace.sensor.complete
    assert trace.sensor.losses["names_full"] >= names - room // 3_900
    assert 200 <= sum(len(name) > 3_000 for name in recorded) <= room // 3_900
    assert len(recorded) + trace.sensor.losses["names_full"] >= names


def test_a_name_that_changes_during_the_call_makes_the_trace_incomplete() -> None:
    trace = watch_run(EbpfSensor(), "swap:/data/fifo:/etc/decoy", image=f"{IMAGE}:losses")
    assert trace.sensor.losses["fault"] == 1
    assert not trace.sensor.complete


def test_a_name_that_stays_during_a_call_that_waits_is_no_fault() -> None:
    trace = watch_run(EbpfSensor(), "swap:/data/fifo:/data/fifo", image=f"{IMAGE}:losses")
    assert trace.sensor.complete, trace.sensor.losses


def test_a_full_ring_is_counted_and_nothing_is_recorded_without_its_name() -> None:
    with_pause = EbpfSensor({"ring": 4096 * 2})
    container = create("many:/etc:100000", image=f"{IMAGE}:losses")
    watch = with_pause.watch(container)
    try:
        os.kill(watch.helper_pid, signal.SIGSTOP)
        try:
            container.start()
            container.wait(120)
        finally:
            os.kill(watch.helper_pid, signal.SIGCONT)
        trace = watch.finish()
    finally:
        watch.close()
        container.remove()
    assert trace.sensor.losses["ring_full"] > 99_000
    assert trace.sensor.losses["unnamed"] == 0
    assert not trace.sensor.complete


def test_a_hundred_thousand_names_fit() -> None:
    trace = watch_run(EbpfSensor(), "many:/etc:100000", image=f"{IMAGE}:losses")
    assert trace.sensor.complete, trace.sensor.losses
    assert len(seen(trace, Use.LOOKED_UP, 2)) == 100_000


def test_two_processes_opening_as_fast_as_they_can_lose_nothing_and_the_counts_add_up() -> None:
    times = 500_000
    for recording in recorded((f"again:/etc/file:{times}",), containers=2):
        assert not any(recording.losses.values()), recording.losses
        counts = sorted(
            recording.name_tallies[key].count
            for key, sight in recording.names.items()
            if sight.given == "/etc/file"
        )
        assert counts == [times]
        assert (
            sum(tally.count for tally in recording.name_tallies.values())
            + sum(tally.count for tally in recording.file_tallies.values())
            >= times
        )


def test_the_helper_ends_and_detaches_when_its_input_closes() -> None:
    helper = Helper()
    ours = programs_of(helper.pid)
    assert len(ours) >= 5
    assert ours <= programs_in_the_kernel()
    helper.close()
    deadline = time.monotonic() + 10
    while ours & programs_in_the_kernel() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not ours & programs_in_the_kernel()
    assert not Path(f"/proc/{helper.pid}").exists()


def test_a_helper_that_was_killed_is_an_error_not_a_short_trace() -> None:
    container = create("stat:/etc/file", image=f"{IMAGE}:losses")
    watch = EbpfSensor().watch(container)
    try:
        container.start()
        container.wait(30)
        os.kill(watch.helper_pid, signal.SIGKILL)
        with pytest.raises(ToolError, match="helper ended"):
            watch.finish()
    finally:
        watch.close()
        container.remove()
