"""The watch on what a container of the embedded engine writes to disk."""

import os
import queue
import shutil
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from careen.engines.embedded import disk_watch
from careen.engines.embedded.disk_watch import Bounds, DiskWatch, measure
from careen.errors import ToolError
from careen.tools.process import Finished

GIB = 1 << 30
MIB = 1 << 20


def disk(monkeypatch: pytest.MonkeyPatch, *, total: int, used: int) -> None:
    """Let the file system of the work directory have this size and use."""
    seen = SimpleNamespace(total=total, used=used, free=total - used)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: seen)


def reason(
    monkeypatch: pytest.MonkeyPatch, place: Path, bounds: Bounds, seconds: float = 5.0
) -> str | None:
    """Return why the watch ends the container, or None if it does not in time."""
    monkeypatch.setattr(disk_watch, "EVERY", 0.01)
    ended: queue.Queue[str] = queue.Queue()
    watch = DiskWatch([place], bounds, ended.put)
    try:
        return ended.get(timeout=seconds)
    except queue.Empty:
        return None
    finally:
        watch.close()


@pytest.mark.parametrize(
    ("total", "used", "free"),
    [
        (1000 * GIB, 0, 10 * GIB),
        (100 * GIB, 0, 5 * GIB),
        (100 * GIB, 96 * GIB, GIB),
        (100 * GIB, 100 * GIB, 0),
    ],
)
def test_what_must_stay_free_fits_the_disk(
    total: int, used: int, free: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    disk(monkeypatch, total=total, used=used)
    assert Bounds.of(tmp_path) == Bounds(32 * GIB, free, used)


def test_a_container_that_writes_too_much_is_ended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "big").write_bytes(os.urandom(3 * MIB))
    disk(monkeypatch, total=100 * GIB, used=3 * MIB)
    said = reason(monkeypatch, tmp_path, Bounds(2 * MIB, 0, 0))
    assert said == "it wrote more than 2 MiB to disk"


def test_a_full_disk_ends_the_container_that_fills_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "big").write_bytes(os.urandom(3 * MIB))
    disk(monkeypatch, total=100 * GIB, used=100 * GIB - MIB)
    said = reason(monkeypatch, tmp_path, Bounds(200 * GIB, 2 * MIB, 0))
    assert said == "it wrote 3 MiB, and only 1 MiB of the disk are left"


def test_a_disk_that_others_fill_ends_no_container(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "small").write_bytes(b"x")
    disk(monkeypatch, total=100 * GIB, used=100 * GIB - MIB)
    assert reason(monkeypatch, tmp_path, Bounds(200 * GIB, 2 * MIB, 0), 0.3) is None


def test_growth_of_others_is_no_reason_either(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    disk(monkeypatch, total=100 * GIB, used=50 * GIB)
    assert reason(monkeypatch, tmp_path, Bounds(2 * MIB, 0, 0), 0.3) is None


def test_a_container_that_cannot_be_measured_is_ended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    disk(monkeypatch, total=100 * GIB, used=50 * GIB)
    monkeypatch.setattr(disk_watch, "run", lambda *_, **__: Finished(None, b"", b""))
    said = reason(monkeypatch, tmp_path, Bounds(2 * MIB, 0, 0))
    assert said == "its files cannot be measured in 60 s, and the disk fills"


def test_a_measurement_that_fails_ends_the_container(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    disk(monkeypatch, total=100 * GIB, used=50 * GIB)
    monkeypatch.setattr(disk_watch, "run", lambda *_, **__: Finished(1, b"", b"du: no memory\n"))
    said = reason(monkeypatch, tmp_path, Bounds(2 * MIB, 0, 0))
    assert said is not None
    assert said.startswith("what it writes cannot be measured (")
    assert "du: no memory" in said


def test_close_is_idempotent_and_may_come_from_the_callback(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(disk_watch, "EVERY", 0.01)
    disk(monkeypatch, total=100 * GIB, used=50 * GIB)
    (tmp_path / "big").write_bytes(os.urandom(3 * MIB))
    closed: queue.Queue[str] = queue.Queue()
    made = threading.Event()

    def end(said: str) -> None:
        made.wait(5)
        watch.close()
        closed.put(said)

    watch = DiskWatch([tmp_path], Bounds(2 * MIB, 0, 0), end)
    made.set()
    assert "2 MiB" in closed.get(timeout=5)
    watch.close()
    watch.close()


def test_only_the_blocks_on_disk_count_and_no_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").write_bytes(os.urandom(4 * MIB))
    place = tmp_path / "place"
    place.mkdir()
    (place / "link").symlink_to(tmp_path / "outside")
    with (place / "hole").open("wb") as hole:
        hole.truncate(GIB)
    (place / "one").write_bytes(os.urandom(MIB))
    (place / "two").hardlink_to(place / "one")
    (place / "name\nwith\ttab 9999999999999").write_bytes(os.urandom(MIB))
    found = measure([place])
    assert found is not None
    assert 2 * MIB <= found < 3 * MIB


def test_a_place_that_is_gone_counts_as_nothing(tmp_path: Path) -> None:
    assert measure([tmp_path / "none"]) == 0


def test_two_places_are_added_and_one_named_twice_is_not(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_bytes(os.urandom(MIB))
    found = measure([tmp_path / "a", tmp_path / "b", tmp_path / "a"])
    assert found is not None
    assert 2 * MIB <= found < 3 * MIB


def test_output_without_a_number_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(disk_watch, "run", lambda *_, **__: Finished(1, b"x\ttotal\n", b"du: bad"))
    with pytest.raises(ToolError, match="measuring what a container wrote: du: bad"):
        measure([tmp_path])
