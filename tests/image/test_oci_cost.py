"""An image of N bytes costs at most what docs/limits.md states: bombs of every kind, each read by a
process of its own whose peak is measured.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from careen.errors import BudgetError, CareenError, ImageError
from careen.formats.zip_reader import ZipBudget
from careen.model.digest import Digest
from careen.model.runs import run_budget
from careen.model.runs.run_budget import GIB, MIB, RunBudget
from careen.oci.extents import Extents
from careen.oci.hashing import digest_of_extents
from careen.oci.open import open_image
from careen.oci.reference import DockerArchive, OciLayout
from careen.oci.tar.read import Member, read_members
from tests.support.bombs import BOMBS, OS_RELEASE, many_layers_of_zeros, one_layer_many_times
from tests.support.images import docker_archive, file, layer, oci_layout

ROOT = Path(__file__).parents[2]
MEMORY, MEMORY_RATIO = GIB, 40  # as docs/limits.md states

REFUSED = {
    "many layers of zeros": "unpack to more than",
    "many names": "entries",
    "long names": "bytes of names and attributes",
    "many attributes": "bytes of names and attributes",
}


def size_of(path: Path) -> int:
    return sum(each.stat().st_size for each in path.rglob("*") if each.is_file())


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_costs_no_more_than_stated(tmp_path: Path, name: str) -> None:
    layout, scratch = BOMBS[name](tmp_path / "image"), tmp_path / "scratch"
    scratch.mkdir()
    argv = [sys.executable, "-m", "tests.support.measured", str(layout), str(scratch)]
    # the subject, whose memory is measured
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=500, check=True)  # noqa: TID251
    seen, size = json.loads(done.stdout), size_of(layout)
    assert REFUSED.get(name, "") in seen["error"]
    assert bool(seen["error"]) == (name in REFUSED)
    assert seen["memory"] < MEMORY + MEMORY_RATIO * size
    assert seen["disk"] < run_budget.FREE_DISK + run_budget.DISK_RATIO * size
    assert list(scratch.iterdir()) == []


def test_a_layer_that_is_named_a_thousand_times_is_unpacked_once(tmp_path: Path) -> None:
    budget = RunBudget()
    with open_image(
        OciLayout(one_layer_many_times(tmp_path / "image", MIB)), None, tmp_path, budget=budget
    ) as image:
        assert len(image.layers) == 1000
        assert budget.unpacked == image.layers[0].size
        assert len(image.rootfs()) == 2


def test_a_layer_that_is_named_often_is_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind its one entry lie zeros, and a thousand times gigabytes of them are hours."""
    read: list[str] = []

    def noted(layer: Extents, where: str, limit: int) -> Iterator[Member]:
        read.append(where)
        return read_members(layer, where, limit)

    monkeypatch.setattr("careen.oci.tree.merge.read_members", noted)
    with open_image(
        OciLayout(one_layer_many_times(tmp_path / "image", MIB)), None, tmp_path
    ) as image:
        assert len(image.rootfs()) == 2
    assert read == ["layers[0]"]


def test_entries_of_a_layer_that_is_named_often_count_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_budget, "MAX_ENTRIES", 10)
    path = oci_layout(tmp_path / "image", [layer(*(file(f"{number}") for number in range(4)))] * 3)
    with (
        open_image(OciLayout(path), None, tmp_path) as image,
        pytest.raises(ImageError, match=r"layers\[2\]: more than 2 entries"),
    ):
        image.rootfs()


def test_a_layer_that_a_docker_archive_names_twice_is_checked_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []

    def noted(extents: Extents) -> Digest:
        read.append(extents.size)
        return digest_of_extents(extents)

    monkeypatch.setattr("careen.oci.open.digest_of_extents", noted)
    saved = docker_archive(tmp_path / "saved.tar", [OS_RELEASE])
    members = json.loads(_member(saved, "manifest.json"))
    config = json.loads(_member(saved, members[0]["Config"]))
    config["rootfs"]["diff_ids"] *= 3
    again = [{"Config": "config.json", "RepoTags": None, "Layers": members[0]["Layers"] * 3}]
    items = [
        file("manifest.json", json.dumps(again)),
        file("config.json", json.dumps({**config, "history": []})),
        file(members[0]["Layers"][0], OS_RELEASE),
    ]
    saved.write_bytes(layer(*items))
    with open_image(DockerArchive(saved), None, tmp_path) as image:
        assert len(image.layers) == 3
    assert read == [len(OS_RELEASE)]


def _member(archive: Path, name: str) -> bytes:
    argv = ["tar", "-xOf", str(archive), name]
    return subprocess.run(argv, capture_output=True, check=True).stdout  # noqa: TID251 — set-up


def test_layers_share_one_budget_of_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them alone is within it."""
    monkeypatch.setattr(run_budget, "FREE_DISK", 3 * MIB)
    monkeypatch.setattr(run_budget, "DISK_RATIO", 10)
    with pytest.raises(
        BudgetError, match=r"layers\[\d\]: images of \d+ bytes unpack to more than \d+; docs"
    ):
        open_image(OciLayout(many_layers_of_zeros(tmp_path / "image", MIB)), None, tmp_path)


def test_images_of_one_run_share_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_budget, "FREE_DISK", 3 * MIB)
    monkeypatch.setattr(run_budget, "DISK_RATIO", 0)
    paths = [
        oci_layout(tmp_path / str(number), [layer(file(f"{number}", bytes(2 * MIB)))])
        for number in range(2)
    ]
    budget = RunBudget()
    open_image(OciLayout(paths[0]), None, tmp_path, budget=budget).close()
    with pytest.raises(BudgetError, match="unpack to more than"):
        open_image(OciLayout(paths[1]), None, tmp_path, budget=budget)
    open_image(OciLayout(paths[1]), None, tmp_path, budget=RunBudget()).close()


def test_the_last_of_a_file_system_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = os.statvfs_result((4096, 4096, 100, 4, 4, 0, 0, 0, 0, 255))
    monkeypatch.setattr(os, "fstatvfs", lambda _: full)
    path = oci_layout(tmp_path / "image", [layer(file("a", bytes(80 * MIB)))])
    with pytest.raises(
        CareenError,
        match=(
            r"unpacking .*: less than 5% of the file system of the work directory .* is left; free"
            r" some space .* --work-dir"
        ),
    ):
        open_image(OciLayout(path), None, tmp_path)


def test_archives_of_all_readers_share_one_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_budget, "FREE_INFLATED", 1000)
    run = RunBudget()
    ZipBudget(run=run).take_bytes(600, "a.jar")
    with pytest.raises(
        BudgetError, match=r"b\.whl: archives inside images of 0 bytes unpack to more than 1000"
    ):
        ZipBudget(run=run).take_bytes(600, "b.whl")
    with pytest.raises(ImageError, match="passed over"):
        ZipBudget(100, run=RunBudget()).take_bytes(600, "c.jar")


def test_reading_ends_in_time_and_waiting_costs_nothing() -> None:
    now = [0.0]
    run = RunBudget(lambda: now[0])
    now[0] += 10 * run_budget.FREE_SECONDS  # a container runs, nothing is read
    run.check("a")
    for _ in range(2):
        with run.reading(), run.reading():
            now[0] += 0.4 * run_budget.FREE_SECONDS
            run.check("a")
    with run.reading():
        now[0] += 0.4 * run_budget.FREE_SECONDS
        with pytest.raises(
            BudgetError, match="a: reading images of 0 bytes took more than 1800 seconds"
        ):
            run.check("a")


def test_reading_of_two_threads_may_overlap() -> None:
    now = [0.0]
    run = RunBudget(lambda: now[0])
    with ExitStack() as one, ExitStack() as two:
        one.enter_context(run.reading())
        two.enter_context(run.reading())
        now[0] += 0.6 * run_budget.FREE_SECONDS
        one.close()
        now[0] += 0.6 * run_budget.FREE_SECONDS
        with pytest.raises(BudgetError, match="took more than 1800 seconds"):
            run.check("a")
    now[0] += 10 * run_budget.FREE_SECONDS  # nothing is read
    run.check("a")


def test_a_larger_image_may_cost_more() -> None:
    run = RunBudget()
    before = (run.max_entries, run.max_text, run.max_unpacked)
    run.admit(MIB)
    assert (run.max_entries, run.max_text, run.max_unpacked) == (
        before[0] + MIB // 64,
        before[1] + 4 * MIB,
        before[2] + 1000 * MIB,
    )
    run.admit(1 << 50)
    assert (run.max_entries, run.max_text, run.max_unpacked) == (2_000_000, 512 * MIB, 512 * GIB)
