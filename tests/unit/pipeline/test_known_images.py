"""What earlier runs found inside an image counts only while the image lies there as it did."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from careen.model.image import Platform
from careen.model.packages.package import Inventory
from careen.model.rbom import ImageRef
from careen.oci.reference import DockerArchive, OciLayout
from careen.pipeline.run import known_images as module
from careen.pipeline.run.known_images import (
    KnownImages,
    known_images,
    place_in_store,
    place_of_files,
)
from tests.support.trees import tree
from tests.support.triage import package

pytestmark = pytest.mark.slow

REF = ImageRef(
    "img:1", "sha256:" + "c" * 64, "sha256:" + "a" * 64, ("sha256:" + "b" * 64,), "linux/amd64"
)
FILES = tree({"/usr/bin/git": "x"})
GIT = package("git", "/usr/bin/git")


@pytest.fixture
def known(tmp_path: Path) -> KnownImages:
    return known_images(tmp_path / "cache")


@pytest.fixture
def layout(tmp_path: Path) -> Path:
    folder = tmp_path / "layout"
    (folder / "blobs" / "sha256").mkdir(parents=True)
    for name in ("index.json", "blobs/sha256/one", "blobs/sha256/two"):
        (folder / name).write_text(name)
    time.sleep(2 * module._SETTLED)
    return folder


def refuse(entry: Any) -> Any:
    raise AssertionError(entry)


def test_an_image_is_known_by_its_digest(known: KnownImages) -> None:
    assert known.index(REF.config_digest) is None
    known.keep(REF, FILES, Inventory({GIT.purl: GIT}, {}))
    found = known.index(REF.config_digest)
    assert found is not None
    assert list(found.rootfs) == list(FILES)
    assert found.inventory.packages == {GIT.purl: GIT}
    assert known.index("sha256:" + "d" * 64) is None


def test_an_image_of_very_many_names_is_read_anew(
    known: KnownImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("_MAX_ENTRIES", 1), ("_MAX_TEXT", 5), ("_MAX_DOCUMENT", 50)):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, value)
            known.keep(REF, FILES, Inventory({}, {}))
            assert known.index(REF.config_digest) is None


def test_stock_is_taken_once(known: KnownImages, monkeypatch: pytest.MonkeyPatch) -> None:
    first = known.stock(REF, FILES, Inventory({GIT.purl: GIT}, {}))
    monkeypatch.setattr(module, "scan_contents", refuse)
    assert known.stock(REF, FILES, Inventory({}, {})).packages == first.packages


def test_a_damaged_entry_is_dropped_and_taken_anew(known: KnownImages) -> None:
    known.keep(REF, FILES, Inventory({}, {}))
    assert known.cache is not None
    for path in known.cache.directory.iterdir():
        path.write_bytes(path.read_bytes()[:-3])
    assert known.index(REF.config_digest) is None
    assert list(known.cache.directory.iterdir()) == []


def swap(folder: Path) -> None:
    other = folder / "blobs" / "sha256" / "other"
    other.write_text("blobs/sha256/one")
    other.replace(folder / "blobs" / "sha256" / "one")


CHANGES: tuple[Callable[[Path], object], ...] = (
    lambda folder: (folder / "blobs/sha256/one").write_text("blobs/sha256/0ne"),
    lambda folder: (folder / "blobs/sha256/three").write_text("x"),
    lambda folder: (folder / "blobs/sha256/two").unlink(),
    lambda folder: os.chmod(folder / "index.json", 0o600),  # noqa: PTH101 — ctime alone
    swap,
)


@pytest.mark.parametrize("change", CHANGES)
def test_a_layout_that_was_changed_is_another_place(
    known: KnownImages, layout: Path, change: Callable[[Path], object]
) -> None:
    place = place_of_files(OciLayout(layout), None)
    known.note(place, REF)
    assert known.at(place_of_files(OciLayout(layout), None)) == REF
    assert known.at(place_of_files(OciLayout(layout, "tag"), None)) is None
    assert known.at(place_of_files(OciLayout(layout), Platform("linux", "arm64"))) is None
    change(layout)
    time.sleep(2 * module._SETTLED)
    assert known.at(place_of_files(OciLayout(layout), None)) is None


def test_what_changes_while_it_is_read_is_not_remembered(
    known: KnownImages, tmp_path: Path
) -> None:
    archive = tmp_path / "image.tar"
    archive.write_text("one")
    known.note(
        place_of_files(DockerArchive(archive), None), REF
    )  # just written: another write could leave the same times
    time.sleep(2 * module._SETTLED)
    assert known.at(place_of_files(DockerArchive(archive), None)) is None
    place = place_of_files(DockerArchive(archive), None)
    archive.write_text("two")
    time.sleep(2 * module._SETTLED)
    known.note(place, REF)
    assert known.at(place) is None
    assert known.at(place_of_files(DockerArchive(archive), None)) is None


def test_an_id_of_the_store_is_of_one_platform(known: KnownImages) -> None:
    known.note(place_in_store("sha256:1", None), REF)
    assert known.at(place_in_store("sha256:1", None)) == REF
    assert known.at(place_in_store("sha256:1", Platform("linux", "arm64"))) is None


def test_without_a_cache_nothing_is_known(tmp_path: Path) -> None:
    nothing = known_images(None)
    nothing.note(place_in_store("sha256:1", None), REF)
    nothing.keep(REF, FILES, Inventory({}, {}))
    assert nothing.at(place_in_store("sha256:1", None)) is None
    assert nothing.index(REF.config_digest) is None
    assert list(tmp_path.iterdir()) == []
    assert place_of_files(DockerArchive(tmp_path / "gone"), None).state == ""
