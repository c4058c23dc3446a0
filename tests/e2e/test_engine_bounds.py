"""A container that takes without end is stopped, and says so: output, processes, disk."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from careen.engines import bounds
from careen.engines.embedded import disk_watch
from careen.engines.embedded.engine import EmbeddedEngine
from careen.engines.leftovers import cleaners
from careen.engines.output import CUT
from careen.model.runs.workload import RunOptions
from careen.tools.process import TAIL
from careen.tools.workspace import workspace
from careen.workload.waiting import describe_end
from tests.support.engine_bench import Bench

MIB = 1024 * 1024
LINE = 71
ENDED = "careen ended the container: it wrote"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a work directory on a file system of 200 MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.check_call(["mount", "-t", "tmpfs", "-o", "size=200m", "careen-test", str(place)])
    yield place / "work"
    subprocess.check_call(["umount", str(place)])


@pytest.mark.runc
def test_only_the_last_of_the_output_is_kept_and_that_is_said(tmp_path: Path, probe: bytes) -> None:
    with workspace(tmp_path / "work", cleaners()) as space:
        bench = Bench(EmbeddedEngine(space), probe)
        ran = bench.run("print", str(3 * TAIL // LINE))
        assert ran.status == 0
        assert ran.output.startswith(CUT)
        assert len(ran.output) == len(CUT) + TAIL
        assert ran.output.endswith("0123456789\n"[-2:])
        whole = bench.run("print", str(TAIL // LINE))
        assert len(whole.output) == TAIL // LINE * LINE


@pytest.mark.runc
def test_what_is_printed_takes_no_disk(tmp_path: Path, probe: bytes) -> None:
    with workspace(tmp_path / "work", cleaners()) as space:
        bench = Bench(EmbeddedEngine(space), probe)
        with bench.container(RunOptions(args=("print", str(64 * MIB // LINE)))) as made:
            made.start()
            assert made.wait(60) == 0
            assert (disk_watch.measure([space.path]) or 0) < 16 * MIB


def test_processes_are_limited(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "PROCESSES", 64)
    ran = bench.run("forks", "300")
    word, number = ran.output.split()
    assert word == "forked"
    assert 32 < int(number) < 64


def test_a_container_is_the_first_that_the_kernel_ends(bench: Bench) -> None:
    assert bench.run("cat", "/proc/self/oom_score_adj").output == f"{bounds.OOM_SCORE}\n"


@pytest.mark.runc
@pytest.mark.root
@pytest.mark.parametrize("path", ["/file", "/volume/file", "/etc/hosts", "/named/file"])
def test_a_container_that_fills_the_disk_is_ended(
    small_disk: Path, probe: bytes, path: str
) -> None:
    with workspace(small_disk, cleaners()) as space:
        bench = Bench(EmbeddedEngine(space), probe).with_config(Volumes={"/volume": {}})
        with bench.container(RunOptions(args=("fill", path), volumes=("data:/named",))) as made:
            made.start()
            assert made.wait(60) == 137
            end = describe_end(made, made.state())
            assert ENDED in end
            assert "of the disk are left" in end


@pytest.mark.runc
@pytest.mark.root
def test_a_container_has_a_limit_of_what_it_writes(
    small_disk: Path, probe: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk_watch, "MOST_WRITTEN", 32 * MIB)
    monkeypatch.setattr(disk_watch, "RESERVE", 0)
    with workspace(small_disk, cleaners()) as space:
        bench = Bench(EmbeddedEngine(space), probe)
        with bench.container(RunOptions(args=("fill", "/file"))) as made:
            made.start()
            assert made.wait(60) == 137
            assert made.state().error == f"{ENDED} more than 32 MiB to disk"


@pytest.mark.runc
@pytest.mark.root
def test_a_container_is_not_ended_for_what_others_write(small_disk: Path, probe: bytes) -> None:
    with workspace(small_disk, cleaners()) as space:
        bench = Bench(EmbeddedEngine(space), probe)
        with bench.container(RunOptions(args=("wait",))) as made:
            made.start()
            (small_disk / "of-others").write_bytes(bytes(190 * MIB))
            assert made.wait(3) is None
            (small_disk / "of-others").unlink()
            assert made.state().running
