"""Reading ahead: other processes read what a plan needs, and the plan stays the same."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pytest

from careen.model.entry import Entry
from careen.model.packages.package import Inventory
from careen.model.paths import ImagePath
from careen.model.plan import Level, Plan
from careen.oci.extents import BytesPart, Extents, FilePart
from careen.oci.tree.rootfs import Rootfs
from careen.plan.ahead import read_ahead
from careen.plan.ahead.answers import answer, answers_in, job_about
from careen.plan.ahead.read_ahead import ReadAhead, reading_ahead
from careen.plan.core.readings import DIGEST, Readings
from careen.plan.core.rules import load_rules
from careen.plan.core.sources import OF_MODULES
from careen.plan.decide import Policy, decide
from tests.support.plans import scene_of
from tests.unit.plan.test_readings import FAST, SITE, Remembered, case

SOURCE = ImagePath(f"{SITE}/a/core.py")


class InOneFile:
    """The content of an image in one file on disk; counts what this process opens."""

    def __init__(self, rootfs: Rootfs, path: Path) -> None:
        self._places: dict[ImagePath, tuple[int, int]] = {}
        self.opened: list[ImagePath] = []
        with path.open("wb") as file:
            for entry in rootfs:
                if entry.is_file:
                    self._places[entry.path] = (file.tell(), entry.size)
                    file.write(rootfs.read(entry.path, entry.size))
        self._file = path.open("rb")

    def extents(self, entry: Entry) -> Extents:
        offset, size = self._places[entry.path]
        return Extents([FilePart(self._file.fileno(), offset, size)])

    def open(self, entry: Entry) -> BinaryIO:
        self.opened.append(entry.path)
        return self.extents(entry).open()

    def close(self) -> None:
        self._file.close()


@contextmanager
def image(path: Path) -> Iterator[tuple[Rootfs, InOneFile]]:
    rootfs, _, _, _ = scene_of(case())
    content = InOneFile(rootfs, path / "content")
    try:
        yield Rootfs({entry.path: entry for entry in rootfs}, content), content
    finally:
        content.close()


def planned(rootfs: Rootfs, ahead: ReadAhead | None, values: Remembered | None = None) -> Plan:
    _, inventory, bom, config = scene_of(case())
    policy = Policy(Level.CLOSURE, (), (), load_rules(), "a" * 64)
    readings = Readings(values, [f"sha256:{number}" for number in range(3)], "1", ahead)
    return decide(rootfs, inventory, bom, config, policy, readings=readings)


def inventory() -> Inventory:
    return scene_of(case())[1]


@pytest.fixture
def _from_the_first_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_ahead, "MIN_FILES", 1)
    monkeypatch.setattr(read_ahead, "other_processors", lambda: 1)


@pytest.mark.usefixtures("_from_the_first_file")
@pytest.mark.parametrize("processes", [1, 3])
@pytest.mark.parametrize("values", [None, Remembered()])
def test_the_plan_is_the_same(processes: int, values: Remembered | None, tmp_path: Path) -> None:
    with image(tmp_path) as (rootfs, content):
        plain = planned(rootfs, None)
        alone = len(content.opened)
        content.opened.clear()
        ahead = ReadAhead(rootfs, inventory(), processes)
        try:
            assert planned(rootfs, ahead, values) == plain
        finally:
            ahead.close()
        assert len(content.opened) < alone


@pytest.mark.usefixtures("_from_the_first_file")
def test_what_was_read_ahead_is_remembered(tmp_path: Path) -> None:
    values = Remembered()
    with image(tmp_path) as (rootfs, content):
        plain = planned(rootfs, None, plainly := Remembered())
        with reading_ahead(rootfs, inventory()) as ahead:
            planned(rootfs, ahead, values)
        assert values == plainly
        content.opened.clear()
        assert planned(rootfs, None, values) == plain
        assert SOURCE not in content.opened


@pytest.mark.usefixtures("_from_the_first_file")
def test_what_is_known_is_not_read_ahead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with image(tmp_path) as (rootfs, _):
        planned(rootfs, None, values := Remembered())
        monkeypatch.setattr(read_ahead, "Beside", None)  # none can be started
        ahead = ReadAhead(rootfs, inventory(), 1)
        planned(rootfs, ahead, values)
        ahead.close()


@pytest.mark.usefixtures("_from_the_first_file")
def test_a_process_that_is_killed_leaves_its_files_to_this_one(tmp_path: Path) -> None:
    with image(tmp_path) as (rootfs, _):
        plain = planned(rootfs, None)
        ahead = ReadAhead(rootfs, inventory(), 1)
        ahead.expect(rootfs[SOURCE])
        (process,) = ahead.processes
        os.kill(process.pid, signal.SIGKILL)
        assert ahead.take(rootfs[SOURCE], DIGEST) is None
        assert planned(rootfs, ahead) == plain
        ahead.close()


def test_a_small_image_is_read_by_this_process_alone(tmp_path: Path) -> None:
    with image(tmp_path) as (rootfs, _), reading_ahead(rootfs, inventory()) as ahead:
        planned(rootfs, ahead)
        assert not ahead.processes


@pytest.mark.usefixtures("_from_the_first_file")
def test_no_process_is_left_when_a_plan_fails(tmp_path: Path) -> None:
    with image(tmp_path) as (rootfs, _):
        started: list[int] = []

        def interrupted() -> None:
            with reading_ahead(rootfs, inventory()) as ahead:
                ahead.expect(rootfs[SOURCE])
                started.extend(each.pid for each in ahead.processes)
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            interrupted()
        assert [Path(f"/proc/{pid}").exists() for pid in started] == [False]


@pytest.mark.usefixtures("_from_the_first_file")
def test_content_that_is_in_no_file_is_not_handed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def in_memory(_content: InOneFile, _entry: Entry) -> Extents:
        return Extents([BytesPart(b"import x\n")])

    with image(tmp_path) as (rootfs, _):
        monkeypatch.setattr(InOneFile, "extents", in_memory)
        with reading_ahead(rootfs, inventory()) as ahead:
            ahead.expect(rootfs[SOURCE])
            assert ahead.take(rootfs[SOURCE], DIGEST) is None


def test_an_answer_names_what_each_reader_found(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_bytes(b"import y\n")
    wanted = [reader.name for reader in OF_MODULES]
    with (tmp_path / "x.py").open("rb") as file:
        found = answers_in(answer(job_about(wanted, [(0, 7, 1), (0, 0, 9)]), [file.fileno()]))
    assert found.keys() == {DIGEST, *wanted}
    assert answers_in(b"") == {}


@pytest.mark.usefixtures("_from_the_first_file")
def test_a_compiled_module_is_read_ahead(tmp_path: Path) -> None:
    with image(tmp_path) as (rootfs, _):
        entry = rootfs[ImagePath(f"{SITE}/a/{FAST}")]
        with reading_ahead(rootfs, inventory()) as ahead:
            ahead.expect(entry)
            names = ("ELF", "library names", "data paths", "compiled names")
            assert all(ahead.take(entry, each) for each in names)
            assert ahead.take(entry, "ELF") is None


@pytest.mark.usefixtures("_from_the_first_file")
def test_what_is_asked_later_is_read_ahead_although_the_headers_were_read_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with image(tmp_path) as (rootfs, _):
        entry = rootfs[ImagePath(f"{SITE}/a/{FAST}")]
        with reading_ahead(rootfs, inventory()) as ahead:
            monkeypatch.setattr(read_ahead, "MIN_FILES", 2)
            ahead.expect(entry)  # waits
            assert ahead.take(entry, "ELF") is None
            assert ahead.take(entry, "library names") is None
            ahead.expect(rootfs[SOURCE])  # now there are enough files
            assert ahead.take(entry, "compiled names")
            assert ahead.take(entry, "data paths")


@pytest.mark.usefixtures("_from_the_first_file")
def test_a_reader_of_few_files_is_read_ahead_when_it_is_expected(tmp_path: Path) -> None:
    with image(tmp_path) as (rootfs, _), reading_ahead(rootfs, inventory()) as ahead:
        assert ahead.take(rootfs[SOURCE], DIGEST) is None
        ahead.expect(rootfs[SOURCE], ("library commands",))
        assert ahead.take(rootfs[SOURCE], "library commands")
