"""Layers of a store that another process hashes: the same image, whatever becomes of it."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from careen.engines.stores import digests_beside
from careen.engines.stores.docker_overlay import open_docker_overlay
from careen.engines.stores.split_image import SplitImage
from careen.errors import ImageError
from careen.inventory.measure import measure
from careen.model.packages.package import Inventory
from careen.model.runs.run_budget import RunBudget
from careen.oci.open import Unpacker, open_saved
from tests.support.images import digest, directory, file, layer
from tests.support.overlay_store import overlay

ELF = "\x7fELF" + "x" * 60
LAYERS = (
    layer(directory("etc"), file("etc/os-release", "ID=debian\n"), file("etc/text", "t" * 70)),
    layer(file("etc/motd", "m" * 3_000_000), file("etc/tool", ELF), file("etc/tiny", "\x7f")),
)


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Iterator[ExitStack]:
    monkeypatch.setattr(digests_beside, "MIN_SIZE", 1)
    monkeypatch.setattr(digests_beside, "other_processors", lambda: 1)
    with ExitStack() as stack:
        yield stack


def opened(root: Path, files: ExitStack) -> tuple[SplitImage, Unpacker]:
    unpacker = Unpacker(root, files, RunBudget())
    return open_docker_overlay(root, overlay(root, LAYERS), unpacker), unpacker


def processes(store: SplitImage) -> list[int]:
    return [process.pid for process in store.digests.processes]


def waited(store: SplitImage, name: str) -> tuple[str | None, int]:
    """Return the digest that a process gave for a layer, and how many bytes it told of."""
    extents = store.find(f"{digest(LAYERS[int(name)]).removeprefix('sha256:')}/layer.tar")
    assert extents is not None
    told: list[int] = []
    found = store.hash_beside(extents, told.append)
    return None if found is None else str(found), sum(told)


def test_the_digests_are_those_of_the_layers(tmp_path: Path, files: ExitStack) -> None:
    store, _ = opened(tmp_path, files)
    assert len(processes(store)) == 1
    assert waited(store, "0")[0] == digest(LAYERS[0])
    assert waited(store, "1")[0] == digest(LAYERS[1])


def test_which_files_are_elf_is_known_without_opening_them(
    tmp_path: Path, files: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, unpacker = opened(tmp_path, files)
    with open_saved(store, None, unpacker, "app:1", store.hash_beside) as image:
        root = image.rootfs()
        monkeypatch.setattr(os, "preadv", None)  # reading a file would fail
        assert measure(root, Inventory({}, {}), "app:1", "").elf_files == 1


def test_a_process_that_is_killed_is_done_without(tmp_path: Path, files: ExitStack) -> None:
    store, unpacker = opened(tmp_path, files)
    (pid,) = processes(store)
    os.kill(pid, signal.SIGKILL)
    with open_saved(store, None, unpacker, "app:1", store.hash_beside) as image:
        assert [each.open().read() for each in image.layers] == [*LAYERS]
        assert measure(image.rootfs(), Inventory({}, {}), "app:1", "").elf_files == 1
    assert unpacker.budget.meter.moved == sum(map(len, LAYERS))


def test_the_processes_end_with_their_last_layer(tmp_path: Path, files: ExitStack) -> None:
    store, unpacker = opened(tmp_path, files)
    (pid,) = processes(store)
    with open_saved(store, None, unpacker, "app:1", store.hash_beside):
        assert not Path(f"/proc/{pid}").exists()


def test_a_changed_file_is_found_by_the_digest(tmp_path: Path, files: ExitStack) -> None:
    image_id = overlay(tmp_path, LAYERS)
    (tmp_path / "overlay2" / "cache1" / "diff" / "etc" / "motd").write_bytes(b"n" * 3_000_000)
    unpacker = Unpacker(tmp_path, files, RunBudget())
    store = open_docker_overlay(tmp_path, image_id, unpacker)
    with pytest.raises(ImageError, match="does not match"):
        open_saved(store, None, unpacker, "app:1", store.hash_beside)


@pytest.mark.parametrize("damage", ["shorter", "gone", "a link"])
def test_a_file_that_cannot_be_read_is_reported_as_without_the_process(
    damage: str, tmp_path: Path, files: ExitStack
) -> None:
    image_id = overlay(tmp_path, LAYERS)
    motd = tmp_path / "overlay2" / "cache1" / "diff" / "etc" / "motd"
    if damage == "shorter":
        motd.write_bytes(b"m")
    else:
        motd.unlink()
    if damage == "a link":
        motd.symlink_to("/etc/passwd")
    unpacker = Unpacker(tmp_path, files, RunBudget())
    store = open_docker_overlay(tmp_path, image_id, unpacker)
    with pytest.raises(ImageError, match=r"leave (it|the image) alone"):
        open_saved(store, None, unpacker, "app:1", store.hash_beside)


def test_giving_up_does_not_wait_for_the_process(tmp_path: Path, files: ExitStack) -> None:
    store, _ = opened(tmp_path, files)
    (pid,) = processes(store)
    os.kill(pid, signal.SIGSTOP)

    def moved(_: int) -> None:
        raise KeyboardInterrupt

    extents = store.find(f"{digest(LAYERS[1]).removeprefix('sha256:')}/layer.tar")
    assert extents is not None
    with pytest.raises(KeyboardInterrupt):
        store.hash_beside(extents, moved)


def test_a_small_image_starts_no_process(tmp_path: Path) -> None:
    with ExitStack() as files:
        store, _ = opened(tmp_path, files)
        assert processes(store) == []
        assert waited(store, "0") == (None, 0)
