"""The layer that turns one root into another."""

import os
from contextlib import ExitStack
from pathlib import Path

import pytest

from careen.errors import ToolError
from careen.model.image import Platform
from careen.model.paths import ImagePath
from careen.oci.changes.difference import difference
from careen.oci.extents import Extents
from careen.oci.hashing import digest_of_extents
from careen.oci.image import Image, Layer
from careen.oci.single import image_of_layers, image_of_tar
from careen.oci.tar.read import content_of
from tests.support.images import Item, directory, file, hardlink, layer, symlink

HERE = Platform("linux", "amd64")
CREATED = "2025-06-07T08:09:10Z"
LOWER = (
    directory("etc"),
    file("etc/same", "same"),
    file("etc/changed", "before"),
    file("etc/mode", "m", 0o644),
    directory("gone"),
    file("gone/a", "a"),
    file("gone/b", "b"),
    file("kind", "a file"),
    directory("srv"),
    file("srv/one", "shared"),
    hardlink("srv/two", "srv/one"),
    symlink("link", "etc/same"),
    directory("tmp", 0o1777),
)
UPPER = (
    directory("etc"),
    file("etc/same", "same", mtime=77),
    file("etc/changed", "after"),
    file("etc/mode", "m", 0o600),
    directory("kind"),
    file("kind/inside", "x"),
    directory("srv"),
    file("srv/one", "shared, and more"),
    hardlink("srv/two", "srv/one"),
    symlink("link", "etc/changed"),
    directory("tmp", 0o1777),
    file("tmp/new", "n"),
)


def image(folder: Path, *items: Item) -> Image:
    folder.mkdir(exist_ok=True)
    tar = folder / f"{len(list(folder.iterdir()))}.tar"
    tar.write_bytes(layer(*items))
    return image_of_tar("test", tar, HERE, CREATED)


def on_top(lower: Image, extents: Extents) -> Image:
    layers = (*lower.layers, Layer(digest_of_extents(extents), extents))
    document = {"created": CREATED, "config": {}, "history": [{}, {}]}
    return image_of_layers("test", layers, HERE, document, ExitStack())


def content(made: Image) -> dict[str, object]:
    root = made.rootfs()
    return {
        entry.path: (
            entry.kind,
            entry.mode,
            entry.uid,
            entry.target,
            root.read(entry.path, 1000) if entry.is_file else b"",
        )
        for entry in root
        if entry.path != "/"
    }


def test_the_lower_root_with_the_layer_is_the_upper_root(tmp_path: Path) -> None:
    lower, upper = image(tmp_path / "a", *LOWER), image(tmp_path / "b", *UPPER)
    made = on_top(lower, difference(lower, upper, "layer"))
    assert content(made) == content(upper)
    root = made.rootfs()
    assert root[ImagePath("/srv/one")].inode == root[ImagePath("/srv/two")].inode


def test_what_is_the_same_is_not_stated_again(tmp_path: Path) -> None:
    lower, upper = image(tmp_path / "a", *LOWER), image(tmp_path / "b", *UPPER)
    extents = difference(lower, upper, "layer")
    alone = on_top(image(tmp_path / "c", directory("none")), extents).rootfs()
    assert ImagePath("/etc/same") not in alone  # it differs by its time alone
    assert ImagePath("/etc/changed") in alone
    # directories above what is stated carry their own modes
    assert alone[ImagePath("/tmp")].mode == 0o1777


def test_without_a_lower_root_the_layer_is_the_whole_root(tmp_path: Path) -> None:
    upper = image(tmp_path / "b", *UPPER)
    extents = difference(None, upper, "layer")
    document = {"created": CREATED, "config": {}, "history": [{}]}
    made = image_of_layers(
        "test", (Layer(digest_of_extents(extents), extents),), HERE, document, ExitStack()
    )
    assert content(made) == content(upper)


def test_equal_roots_give_an_empty_layer_and_equal_bytes(tmp_path: Path) -> None:
    one, two = image(tmp_path / "a", *LOWER), image(tmp_path / "b", *LOWER)
    assert not difference(one, two, "layer").open().read().strip(b"\0")
    upper = image(tmp_path / "c", *UPPER)
    first, second = (digest_of_extents(difference(x, upper, "layer")) for x in (one, two))
    assert first == second


def test_a_tar_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"missing\.tar"):
        image_of_tar("test", tmp_path / "missing.tar", HERE, CREATED)


def test_the_image_reads_its_tar_after_the_name_is_gone(tmp_path: Path) -> None:
    made = image(tmp_path / "a", *LOWER)
    os.unlink(next((tmp_path / "a").iterdir()))  # noqa: PTH108
    node = made.merged().nodes[ImagePath("/etc/same")]
    data = content_of(made.layers[0].extents, node.inode.data, node.inode.size, None)
    assert data.open().read() == b"same"
    made.close()
