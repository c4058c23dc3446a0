"""An image with a layer more, and an image squashed to one layer."""

import hashlib
import tarfile
from pathlib import Path
from typing import Any

import pytest

from careen.errors import InputError, ToolError
from careen.model.paths import ImagePath
from careen.oci.changes.append import append_layer, restore_files, squash_image
from careen.oci.changes.edit import Edit, HistoryNote, edit_image
from careen.oci.image import Image
from careen.oci.open import open_image
from careen.oci.reference import OciLayout
from careen.oci.write import write_oci_layout
from tests.support.images import (
    CONFIG,
    directory,
    file,
    hardlink,
    layer,
    oci_layout,
    opaque,
    symlink,
    whiteout,
)

CREATED = "2025-06-07T08:09:10Z"
NOTE = HistoryNote("careen patch: 1 upgrade", "original sha256:…")
HISTORY: list[dict[str, Any]] = [
    {"created_by": "base"},
    {"created_by": "ENV A=1", "empty_layer": True},
    {"created_by": "RUN make"},
]
LOWER = [
    layer(
        directory("etc"),
        file("etc/a", "a"),
        file("etc/b", "b", 0o4755, uid=7, pax={"SCHILY.xattr.user.mark": "x"}),
        directory("srv"),
        file("srv/old", "old"),
    ),
    layer(file("etc/c", "c" * 700), hardlink("etc/d", "etc/c"), symlink("lib", "usr/lib")),
]
UPPER = layer(
    whiteout("etc/a"), file("etc/b", "new"), directory("srv"), opaque("srv"), file("srv/new", "n")
)


@pytest.fixture
def original(tmp_path: Path) -> Image:
    config = {
        **CONFIG,
        "history": HISTORY,
        "config": {"Env": ["A=1"], "Labels": {"kept": "yes"}},
        "odd.field": [1],
    }
    return open_image(
        OciLayout(oci_layout(tmp_path / "image", LOWER, config=config), None), None, tmp_path
    )


@pytest.fixture
def added(tmp_path: Path) -> Path:
    (tmp_path / "added.tar").write_bytes(UPPER)
    return tmp_path / "added.tar"


def paths(image: Image) -> dict[str, bytes | None]:
    rootfs = image.rootfs()
    return {
        entry.path: rootfs.read(entry.path, 10_000) if entry.is_file else None for entry in rootfs
    }


def reopened(image: Image, where: Path) -> Image:
    write_oci_layout(image, where)
    return open_image(OciLayout(where, None), None, where.parent)


def test_a_layer_goes_on_top_and_everything_else_is_as_it_was(
    original: Image, added: Path, tmp_path: Path
) -> None:
    with (
        original,
        append_layer(original, added, NOTE, {"io.careen.x": "1", "gone": None}, CREATED) as image,
    ):
        added.unlink()
        assert [str(each.diff_id) for each in image.layers] == [
            *original.ref.diff_ids,
            f"sha256:{hashlib.sha256(UPPER).hexdigest()}",
        ]
        assert image.annotations == {**original.annotations, "io.careen.x": "1"}
        with reopened(image, tmp_path / "out") as again:
            assert again.ref.config_digest == image.ref.config_digest
            assert paths(again) == paths(image)
        document = dict(image.config.document)
        said = {"created": CREATED, "created_by": NOTE.created_by, "comment": NOTE.comment}
        assert document.pop("history") == [*HISTORY, said]
        assert document.pop("created") == CREATED
        assert image.layers[-1].history == said
        before = dict(original.config.document)
        assert {key: value for key, value in document.items() if key != "rootfs"} == {
            key: value
            for key, value in before.items()
            if key not in ("rootfs", "history", "created")
        }
        seen = paths(image)
    assert "/etc/a" not in seen
    assert (seen["/etc/b"], seen["/srv/new"]) == (b"new", b"n")
    assert "/srv/old" not in seen


def test_a_history_that_fits_no_layers_fits_afterwards(tmp_path: Path, added: Path) -> None:
    path = oci_layout(
        tmp_path / "image", LOWER, config={**CONFIG, "history": [{"created_by": "all of it"}]}
    )
    with (
        open_image(OciLayout(path, None), None, tmp_path) as original,
        append_layer(original, added, NOTE, {}, CREATED) as image,
    ):
        stated = [item for item in image.config.history if not item.get("empty_layer")]
        assert len(stated) == len(image.layers) == 3
        assert image.config.history[0] == {"created_by": "all of it", "empty_layer": True}


def test_a_squashed_image_has_the_same_root_in_one_layer(
    original: Image, added: Path, tmp_path: Path
) -> None:
    with original:
        image = append_layer(original, added, NOTE, {}, CREATED)
        expected, entries = paths(image), {entry.path: entry for entry in image.rootfs()}
        with (
            squash_image(image, tmp_path, NOTE, {"io.careen.x": "1"}, CREATED) as squashed,
            reopened(squashed, tmp_path / "out") as again,
        ):
            assert len(again.layers) == 1
            assert paths(again) == expected
            for entry in again.rootfs():
                was = entries[entry.path]
                assert (entry.kind, entry.mode, entry.uid, entry.gid, entry.target) == (
                    was.kind,
                    was.mode,
                    was.uid,
                    was.gid,
                    was.target,
                )
                assert dict(entry.xattrs) == dict(was.xattrs)
                assert entry.mtime == was.mtime or was.layer == -1
            rootfs = again.rootfs()
            assert rootfs[ImagePath("/etc/c")].inode == rootfs[ImagePath("/etc/d")].inode
            said = {"created": CREATED, "created_by": NOTE.created_by, "comment": NOTE.comment}
            assert list(again.config.history) == [
                *({**item, "empty_layer": True} for item in HISTORY),
                said,
            ]
            assert again.config.env == {"A": "1"}
        twice = squash_image(
            append_layer(original, added, NOTE, {}, CREATED), tmp_path, NOTE, {}, CREATED
        )
        assert twice.ref.config_digest == squashed.ref.config_digest
        twice.close()
        assert paths(original)["/etc/a"] == b"a"  # the original is still open


def test_files_of_the_original_are_put_back_as_they_were(original: Image, tmp_path: Path) -> None:
    with original:
        keep = [ImagePath("/srv/old"), ImagePath("/etc/c")]
        less = edit_image(original, Edit(keep, {}, NOTE, {}, CREATED), tmp_path)
        back = [ImagePath("/etc/b"), ImagePath("/etc/d"), ImagePath("/lib")]
        with (
            restore_files(less, original, back, NOTE, CREATED) as image,
            reopened(image, tmp_path / "out") as again,
        ):
            assert [str(each.diff_id) for each in again.layers[:-1]] == list(less.ref.diff_ids)
            assert paths(again) == {
                path: data
                for path, data in paths(original).items()
                if path in {"/", "/etc", "/srv", *keep, *back}
            }
            entry, was = again.rootfs()[ImagePath("/etc/b")], original.rootfs()[ImagePath("/etc/b")]
            assert (
                (entry.mode, entry.uid, dict(entry.xattrs))
                == (was.mode, was.uid, dict(was.xattrs))
                == (0o4755, 7, {"user.mark": b"x"})
            )
        with pytest.raises(InputError, match="/etc/none"):
            restore_files(less, original, [ImagePath("/etc/none")], NOTE, CREATED)


def test_directories_that_no_layer_states_are_put_back_in_order(tmp_path: Path) -> None:
    names = [f"{name}/held" for name in "hgfedcba"]
    layers = [layer(file("top", "x"), *map(file, names)), layer(*map(whiteout, names))]
    with open_image(OciLayout(oci_layout(tmp_path / "image", layers)), None, tmp_path) as image:
        back = {entry.path for entry in image.rootfs() if entry.is_dir}
        made = restore_files(image, image, back, NOTE, CREATED)
        with made.layers[-1].open() as stream, tarfile.open(fileobj=stream) as tar:
            found = tar.getnames()
    assert found == sorted(found)
    assert len(found) == len(back) - 1  # without the root


def test_a_layer_that_is_not_there_is_told(original: Image, tmp_path: Path) -> None:
    with original, pytest.raises(ToolError, match="nowhere"):
        append_layer(original, tmp_path / "nowhere", NOTE, {}, CREATED)
