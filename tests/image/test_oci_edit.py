"""Edits: what survives, in which layer, under which bytes; and what a written image is when it is
read again.
"""

import io
import json
import tarfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import pytest

from careen.errors import InputError
from careen.model.paths import ImagePath
from careen.oci.changes.edit import Edit, HistoryNote, edit_image
from careen.oci.image import Image, Layer
from careen.oci.manifest import Compression
from careen.oci.open import open_image
from careen.oci.reference import DockerArchive, OciLayout, StoredImage
from careen.oci.validate import validate_image
from careen.oci.write import write_docker_archive, write_oci_layout
from tests.support.images import (
    Item,
    directory,
    docker_archive,
    file,
    finish,
    hardlink,
    layer,
    oci_layout,
    symlink,
    whiteout,
)

CREATED = "2024-05-06T07:08:09Z"
PLAIN = [
    [
        directory("etc"),
        file("etc/a", "a"),
        file("etc/b", "b"),
        hardlink("etc/c", "etc/b"),
        symlink("lib", "usr/lib"),
        directory("usr/lib"),
    ],
    [
        directory("etc", 0o700),
        file("etc/d", "d", pax={"SCHILY.xattr.user.x": "1"}),
        file("n" * 120, "long"),
    ],
]


def opened(
    tmp_path: Path, layers: Sequence[Sequence[Item]], config: Mapping[str, object] | None = None
) -> Image:
    return open_image(
        OciLayout(
            oci_layout(tmp_path / "image", [layer(*items) for items in layers], config=config)
        ),
        None,
        tmp_path,
    )


def edit(
    image: Image,
    keep: Collection[str] | None = None,
    replaced: Mapping[str, bytes] | None = None,
    created: str = CREATED,
) -> Image:
    paths = (
        [entry.path for entry in image.rootfs()]
        if keep is None
        else [ImagePath(path) for path in keep]
    )
    contents = {ImagePath(path): data for path, data in (replaced or {}).items()}
    return edit_image(
        image,
        Edit(
            paths,
            contents,
            HistoryNote("careen strip", "removed 1 file"),
            {"io.careen.original.digest": "sha256:0"},
            created,
        ),
        Path(),
    )


def names(image_layer: Layer) -> list[str]:
    """The entries of a layer as another tar reader sees them: `name [-> link]`."""
    with image_layer.open() as stream, tarfile.open(fileobj=stream) as tar:
        return [
            member.name + (f" -> {member.linkname}" if member.linkname else "") for member in tar
        ]


def test_keeping_everything_keeps_every_diff_id(tmp_path: Path) -> None:
    with opened(tmp_path, PLAIN) as image:
        result = edit(image)
        assert result.ref.diff_ids == image.ref.diff_ids
        assert result.ref.config_digest != image.ref.config_digest


def test_removed_content_is_gone_from_the_bytes(tmp_path: Path) -> None:
    layers = [
        [file("keep", "k"), file("secret", "hunter2" * 100)],
        [whiteout("secret"), file("new", "n")],
    ]
    with opened(tmp_path, layers) as image:
        result = edit(image)
        assert [names(item) for item in result.layers] == [["keep"], ["new"]]
        for item in result.layers:
            with item.open() as stream:
                assert b"hunter2" not in stream.read()


def test_untouched_layer_passes_through_and_emptied_one_disappears(tmp_path: Path) -> None:
    layers = [[file("a", "a")], [file("b", "b")], [file("c", "c")]]
    with opened(tmp_path, layers) as image:
        result = edit(image, ["/a", "/c"])
        assert result.ref.diff_ids == (image.ref.diff_ids[0], image.ref.diff_ids[2])
        history = result.config.history
    assert [item.get("empty_layer", False) for item in history] == [False, True, False, True]
    assert history[-1] == {
        "created": CREATED,
        "created_by": "careen strip",
        "comment": "removed 1 file",
        "empty_layer": True,
    }
    assert [item.history for item in result.layers] == [
        {"created_by": "layer 0"},
        {"created_by": "layer 2"},
    ]


def test_unknown_config_fields_survive_in_order(tmp_path: Path) -> None:
    config = {
        "config": {
            "Env": ["A=1"],
            "Labels": {"x": "\ud83d\ude00"},
            "NewThing": {"deep": [1, None]},
        },
        "moby.buildkit.buildinfo.v1": "abc",
    }
    with opened(tmp_path, [[file("a"), file("b")]], config) as image:
        before, result = json.loads(image.config_bytes), edit(image, ["/a"])
    after = json.loads(result.config_bytes)
    assert list(after) == list(before)
    changed = {key for key in before if after[key] != before[key]}
    assert changed == {"created", "rootfs", "history"}
    assert result.annotations == {"io.careen.original.digest": "sha256:0"}


def test_parents_carry_their_final_metadata(tmp_path: Path) -> None:
    layers = [[directory("d", 0o700), file("d/a", "a"), file("d/x")], [directory("d", 0o711)]]
    with opened(tmp_path, layers) as image:
        result = edit(image, ["/d/a"])
        assert [names(item) for item in result.layers] == [["d", "d/a"], ["d"]]
        with result.layers[0].open() as stream, tarfile.open(fileobj=stream) as tar:
            assert tar.getmember("d").mode == 0o711


def test_raw_bytes_of_survivors_are_copied(tmp_path: Path) -> None:
    """Xattrs, fractional times and odd headers come out bit for bit."""
    kept = file(
        "bin/ping",
        "p" * 700,
        0o4755,
        uid=1 << 22,
        mtime=1.25,
        pax={"SCHILY.xattr.security.capability": "caps", "comment": "odd"},
    )
    with opened(tmp_path, [[kept, file("gone")]]) as image:
        with edit(image, ["/bin/ping"]).layers[0].open() as stream:
            written = stream.read()
        with image.layers[0].open() as stream:
            entry = stream.read()[: 512 * 5]
    assert written == entry + bytes(1024)


@pytest.mark.parametrize(
    ("keep", "expected"),
    [
        (["/a", "/b", "/c"], ["a", "b -> a", "c -> b"]),
        (["/b", "/c"], ["b", "c -> b"]),
        (["/a", "/c"], ["a", "c -> a"]),
        (["/c"], ["c"]),
    ],
)
def test_a_surviving_hard_link_carries_the_content(
    tmp_path: Path, keep: list[str], expected: list[str]
) -> None:
    with opened(
        tmp_path, [[file("a", "content"), hardlink("b", "a"), hardlink("c", "b"), file("z")]]
    ) as image:
        result = edit(image, keep)
        assert names(result.layers[0]) == expected
        rootfs = result.rootfs()
        assert {rootfs.read(ImagePath(path), 99) for path in keep} == {b"content"}
        assert len({rootfs[ImagePath(path)].inode for path in keep}) == 1


def test_a_link_whose_target_a_later_layer_removes_is_promoted(tmp_path: Path) -> None:
    with opened(tmp_path, [[file("a", "content"), hardlink("b", "a")], [whiteout("a")]]) as image:
        result = edit(image, ["/b"])
        assert [names(item) for item in result.layers] == [["b"]]
        assert result.rootfs().read(ImagePath("/b"), 99) == b"content"


def test_replaced_content(tmp_path: Path) -> None:
    layers = [
        [
            file("var/status", "old", 0o640, uid=7, pax={"SCHILY.xattr.user.x": "1"}),
            hardlink("link", "var/status", 0o640),
        ],
        [file("top", "t")],
    ]
    with opened(tmp_path, layers) as image:
        result = edit(image, replaced={"/var/status": b"n" * 600})
        rootfs = result.rootfs()
        status, link = rootfs[ImagePath("/var/status")], rootfs[ImagePath("/link")]
        assert rootfs.read(status.path, 999) == b"n" * 600
        assert rootfs.read(link.path, 999) == b"old"
        assert result.ref.diff_ids[1] == image.ref.diff_ids[1]
        later = edit(image, replaced={"/var/status": b"n" * 600}, created="2031-01-01T00:00:00Z")
        assert later.ref.diff_ids == result.ref.diff_ids
        assert later.ref.config_digest != result.ref.config_digest
    assert (status.mode, status.mtime, dict(status.xattrs), status.layer) == (
        0o640,
        1_600_000_000,
        {"user.x": b"1"},
        0,
    )
    assert status.inode != link.inode


def test_names_with_parent_directories_are_written_straight(tmp_path: Path) -> None:
    with opened(
        tmp_path,
        [[directory("usr/lib"), symlink("lib", "usr/lib")], [file("lib/../usr/lib/x", "x")]],
    ) as image:
        result = edit(image)
        assert names(result.layers[1]) == ["usr/lib", "usr/lib/x"]
        assert [entry.path for entry in result.rootfs()] == [entry.path for entry in image.rootfs()]


def test_kept_directory_that_no_layer_states(tmp_path: Path) -> None:
    with opened(tmp_path, [[file("a/b/c"), file("d")]]) as image:
        result = edit(image, ["/a/b", "/d"])
        assert [entry.path for entry in result.rootfs()] == ["/", "/a", "/a/b", "/d"]


@pytest.mark.parametrize(
    ("keep", "replaced", "expected"),
    [
        (["/none"], {}, "'/none' is to be kept"),
        (["/a"], {"/b": b""}, "'/b' is to get a new content"),
        (["/l"], {"/l": b""}, "'/l' is to get a new content"),
        ([], {}, "nothing would be left"),
    ],
)
def test_edits_that_make_no_sense(
    tmp_path: Path, keep: list[str], replaced: dict[str, bytes], expected: str
) -> None:
    with (
        opened(tmp_path, [[file("a"), file("b"), symlink("l", "a")]]) as image,
        pytest.raises(InputError, match=expected),
    ):
        edit(image, keep, replaced)


def summary(reference: StoredImage, tmp_path: Path) -> tuple[object, ...]:
    with open_image(reference, None, tmp_path) as image:
        assert validate_image(image) == ()
        return image.ref.config_digest, image.ref.diff_ids, dict(image.annotations)


PINNED_DIFF_IDS = ["sha256:2a47a3deec8c", "sha256:534a97eae76c"]
PINNED_MANIFEST = "sha256:42f0fbb98bc09e9cdb13c48e98398255bb08b744c5726d417b113b2eae4daad2"


@pytest.mark.parametrize("compression", list(Compression))
def test_written_images_are_read_back(tmp_path: Path, compression: Compression) -> None:
    with opened(tmp_path, PLAIN) as image:
        result = edit(image, ["/etc/d", "/etc/c", "/lib"])
        manifest = write_oci_layout(result, tmp_path / "out", "v1", compression)
        with (tmp_path / "out.tar").open("wb") as stream:
            inside = write_docker_archive(result, stream, ("example/app:v1",))
        expected = (result.ref.config_digest, result.ref.diff_ids, dict(result.annotations))
        assert summary(OciLayout(tmp_path / "out", "v1"), tmp_path) == expected
        assert summary(DockerArchive(tmp_path / "out.tar", "example/app:v1"), tmp_path) == expected
    with open_image(OciLayout(tmp_path / "out"), None, tmp_path) as again:
        assert again.ref.manifest_digest == str(manifest)
    with open_image(DockerArchive(tmp_path / "out.tar"), None, tmp_path) as again:
        assert again.ref.manifest_digest == str(inside)


def test_same_input_same_bytes(tmp_path: Path) -> None:
    """Pinned: a change of these digests is a change of the output that users compare."""
    with opened(tmp_path, PLAIN) as image:
        result = edit(image, ["/etc/a", "/etc/c", "/etc/d"], {"/etc/a": b"new"})
        stream = io.BytesIO()
        digest = write_docker_archive(result, stream, ())
        assert write_oci_layout(result, tmp_path / "one", None, Compression.NONE) == digest
    assert [diff_id[:19] for diff_id in result.ref.diff_ids] == PINNED_DIFF_IDS
    assert str(digest) == PINNED_MANIFEST


def test_layout_gets_a_second_image_and_a_tag_moves(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with opened(tmp_path, PLAIN) as image:
        write_oci_layout(image, out, "a")
        write_oci_layout(image, out, "b")
        write_oci_layout(edit(image, ["/etc/a"]), out, "a")
        expected = edit(image, ["/etc/a"]).ref.config_digest
        original = image.ref.config_digest
    assert [
        item["annotations"] for item in json.loads((out / "index.json").read_text())["manifests"]
    ] == [
        {"org.opencontainers.image.ref.name": "b"},
        {"org.opencontainers.image.ref.name": "a"},
    ]
    assert summary(OciLayout(out, "a"), tmp_path)[0] == expected
    assert summary(OciLayout(out, "b"), tmp_path)[0] == original
    with pytest.raises(InputError, match="several images; name one of them after a colon: a, b"):
        open_image(OciLayout(out), None, tmp_path)


def test_a_layout_whose_index_is_damaged_is_not_written_to(tmp_path: Path) -> None:
    out = finish(tmp_path / "out", [{"annotations": "x"}])
    before = (out / "index.json").read_bytes()
    with (
        opened(tmp_path, PLAIN) as image,
        pytest.raises(
            InputError, match=r"index.json.manifests\[0\].annotations: expected an object, got 'x'"
        ),
    ):
        write_oci_layout(image, out, "a")
    assert (out / "index.json").read_bytes() == before
    assert not (out / "blobs").exists()


def test_other_directories_are_not_overwritten(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("mine")
    with (
        opened(tmp_path, PLAIN) as image,
        pytest.raises(InputError, match="exists and is not an OCI image layout"),
    ):
        write_oci_layout(image, out)
    assert [path.name for path in out.iterdir()] == ["thesis.txt"]


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    path = docker_archive(tmp_path / "saved.tar", [layer(file("a", b"x" * 100_000))])
    with open_image(DockerArchive(path), None, tmp_path) as image:
        path.write_bytes(path.read_bytes()[:50_000])
        with pytest.raises(InputError, match="became shorter"):
            write_oci_layout(image, tmp_path / "out")
    assert sorted(item.name for item in tmp_path.iterdir()) == ["saved.tar"]


def test_changed_content_is_noticed_while_writing(tmp_path: Path) -> None:
    path = docker_archive(tmp_path / "saved.tar", [layer(file("a", b"x" * 100_000))])
    with open_image(DockerArchive(path), None, tmp_path) as image:
        data = path.read_bytes()
        with path.open("r+b") as stream:
            stream.seek(data.index(b"xxxx"))
            stream.write(b"Y")
        with pytest.raises(InputError, match="changed while it was read"):
            write_docker_archive(image, io.BytesIO())


def test_every_breach_is_reported_at_once(tmp_path: Path) -> None:
    with opened(
        tmp_path, [[file("a"), file("a")]], {"history": [{}, {}, {}], "architecture": ""}
    ) as image:
        found = validate_image(image)
    assert found == (
        "config.architecture: missing",
        "config.history: 3 entries with a layer, the image has 1 layers",
        "layers[0]: 'a' is there twice",
    )
