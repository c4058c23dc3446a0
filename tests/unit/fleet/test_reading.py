"""Documents read by several processes: the same store, and nobody left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import pytest

from careen.errors import ToolError
from careen.fleet.store.place import opened
from careen.model.runs.trace import Use
from careen.pipeline.fleet import reading
from careen.pipeline.fleet.images import Content
from careen.pipeline.fleet.index import index
from careen.pipeline.fleet.sources import Source
from careen.report.terminal_output.progress import SilentProgress
from tests.support.fleet import LOG4J, Fleet, rbom, sbom, used

TABLES = ("image", "package", "unit", "unit_package", "unit_file", "image_package", "document")
PACKAGES = [LOG4J, *(f"pkg:deb/debian/lib{number}@1.{number}" for number in range(300))]


def documents(fleet: Fleet, count: int) -> None:
    """Write SBOMs and RBOMs of images, and one document that cannot be read."""
    for number in range(count):
        fleet.write(f"{number}.json", sbom(number, PACKAGES))
        fleet.write(f"{number}-rbom.json", rbom(number, [used("/x.jar", Use.MAPPED, LOG4J)]))
    fleet.write("bad.json", b"{")


def rows(store: str) -> dict[str, int]:
    """Return the rows of each table."""
    with opened(store, write=False) as database:
        return {
            table: int(database.rows(f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608
            for table in TABLES
        }


def test_the_store_is_the_same_whoever_reads(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    documents(fleet, 5)
    several = index(str(tmp_path / "2.db"), (fleet.folder,), SilentProgress(), 2)
    alone = index(str(tmp_path / "1.db"), (fleet.folder,), SilentProgress(), 1)
    assert (several.images, several.refused) == (alone.images, alone.refused)
    assert len(alone.refused) == 1
    assert rows(str(tmp_path / "2.db")) == rows(str(tmp_path / "1.db"))


def test_sources_are_passed_on_together_and_a_live_one_at_once() -> None:
    asked: list[str] = []

    def found() -> Iterator[tuple[Source, Content]]:
        for name in ("a/1", "live", *(f"{folder}/{n}" for folder in "bc" for n in range(11))):
            asked.append(name)
            source = Source(name, (), live=name == "live")
            yield source, Content({Path(name): b"x" * (9 << 20 if name == "c/10" else 5)})

    batches = reading._batches(found())
    first, size = next(batches)
    assert ([source.where for source, _ in first], size) == (["a/1", "live"], 10)
    assert asked == ["a/1", "live"]
    # Those of one directory stay together, if they are not too many or too large.
    assert [len(batch) for batch, _ in batches] == [11, 10, 1]


class _Broken:
    """A pool whose processes are gone."""

    def __init__(self, *_: Any) -> None:
        self.down = False

    def submit(self, *_: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_exception(BrokenProcessPool("gone"))
        return future

    def shutdown(self, **_: Any) -> None:
        self.down = True


def test_a_process_that_was_ended_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet = Fleet(tmp_path)
    documents(fleet, 4)
    monkeypatch.setattr(reading, "ProcessPoolExecutor", _Broken)
    with pytest.raises(ToolError, match="run again with --jobs 1"):
        index(fleet.store, (fleet.folder,), SilentProgress(), 2)
    assert index(fleet.store, (fleet.folder,), SilentProgress(), 1).fleet == 4


def _children(process: int) -> list[int]:
    try:
        text = Path(f"/proc/{process}/task/{process}/children").read_text()
    except OSError:
        return []
    return [int(word) for word in text.split()]


def _is_there(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"  # its new parent may not have waited for it


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_who_reads_ends_with_who_writes(tmp_path: Path, number: signal.Signals) -> None:
    fleet = Fleet(tmp_path)
    documents(fleet, 12)
    words = ["-m", "careen", "fleet", "index", str(fleet.folder), "--jobs", "2"]
    with subprocess.Popen(
        [sys.executable, *words, "--store", fleet.store],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        while len(children := _children(process.pid)) < 2 and process.poll() is None:
            time.sleep(0.01)
        assert process.poll() is None
        os.kill(process.pid, number)
        process.wait(60)
    deadline = time.monotonic() + 30
    while any(map(_is_there, children)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert [child for child in children if _is_there(child)] == []
    assert index(fleet.store, (fleet.folder,), SilentProgress(), 1).fleet == 12
