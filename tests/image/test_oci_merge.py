"""Layers in, merged tree out: what the engines make of a stack of layers."""

import tarfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from careen.model.paths import ImagePath
from careen.oci.image import Image
from careen.oci.open import open_image
from careen.oci.reference import DockerArchive, OciArchive, OciLayout, StoredImage
from careen.oci.tree.rootfs import Rootfs
from tests.support.images import (
    Item,
    device,
    directory,
    docker_archive,
    file,
    hardlink,
    layer,
    oci_layout,
    opaque,
    symlink,
    tar_of,
    whiteout,
)


def opened(tmp_path: Path, *layers: Sequence[Item]) -> Image:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return open_image(
        OciLayout(oci_layout(tmp_path / "image", [layer(*items) for items in layers])),
        None,
        scratch,
    )


def dump(rootfs: Rootfs) -> dict[str, str]:
    """Each path but the root: `kind mode text`."""
    out: dict[str, str] = {}
    for entry in rootfs:
        text = rootfs.read(entry.path, 100).decode() if entry.is_file else entry.target
        out[entry.path] = f"{entry.kind.value} {entry.mode:o} {text}".strip()
    out.pop("/")
    return out


CASES: dict[str, tuple[list[list[Item]], dict[str, str]]] = {
    "later file wins": ([[file("a", "old")], [file("a", "new", 0o600)]], {"/a": "file 600 new"}),
    "whiteout of a file": (
        [[file("d/a"), file("d/b", "b")], [whiteout("d/a")]],
        {"/d": "directory 755", "/d/b": "file 644 b"},
    ),
    "whiteout of a tree": ([[file("d/e/a")], [whiteout("d")]], {}),
    "whiteout of nothing": (
        [[file("a", "x")], [whiteout("b/c")]],
        {"/a": "file 644 x", "/b": "directory 755"},
    ),
    "whiteout below a file, whose place a directory takes": (
        [[file("a", "x")], [whiteout("a/b")]],
        {"/a": "directory 755"},
    ),
    "whiteout, then the file again": (
        [[file("d/a", "low")], [whiteout("d/a"), file("d/a", "x")]],
        {"/d": "directory 755", "/d/a": "file 644 x"},
    ),
    "whiteout of a tree, then the directory: it does not hide": (
        [[file("d/low", "l")], [whiteout("d"), directory("d", 0o700), file("d/a", "x")]],
        {"/d": "directory 700", "/d/low": "file 644 l", "/d/a": "file 644 x"},
    ),
    "whiteout in one layer, the directory in the next": (
        [[file("d/low")], [whiteout("d")], [file("d/a", "x")]],
        {"/d": "directory 755", "/d/a": "file 644 x"},
    ),
    "whiteout as a directory": (
        [[file("d/a"), file("d/b", "b")], [directory("d/.wh.a")]],
        {"/d": "directory 755", "/d/b": "file 644 b"},
    ),
    "whiteout as a symlink": (
        [[file("d/a"), file("d/b", "b")], [symlink("d/.wh.a", "b")]],
        {"/d": "directory 755", "/d/b": "file 644 b"},
    ),
    "whiteout with data": (
        [[file("d/a"), file("d/b", "b")], [file("d/.wh.a", "data")]],
        {"/d": "directory 755", "/d/b": "file 644 b"},
    ),
    "opaque hides lower": (
        [
            [directory("d", 0o700), file("d/low")],
            [file("d/up", "u"), directory("d", 0o711), opaque("d")],
        ],
        {"/d": "directory 711", "/d/up": "file 644 u"},
    ),
    "opaque marker before its directory": (
        [[file("d/low")], [opaque("d"), directory("d", 0o711), file("d/a", "x")]],
        {"/d": "directory 711", "/d/a": "file 644 x"},
    ),
    "opaque in the directory's place of a symlink": (
        [[file("e/low", "l"), symlink("d", "e")], [opaque("d")]],
        {"/d": "directory 755", "/e": "directory 755", "/e/low": "file 644 l"},
    ),
    "opaque root hides nothing": (
        [[file("a", "x")], [file(".wh..wh..opq"), file("n", "n")]],
        {"/a": "file 644 x", "/n": "file 644 n"},
    ),
    "nearly the opaque marker": (
        [[file("d/a", "x")], [file("d/.wh..wh..opqx")]],
        {"/d": "directory 755", "/d/a": "file 644 x"},
    ),
    "AUFS bookkeeping, empty": (
        [
            [
                file(".wh..wh.aufs"),
                directory(".wh..wh.plnk"),
                directory("d/.wh..wh.orph"),
                file("a", "x"),
            ]
        ],
        {"/a": "file 644 x", "/d": "directory 755"},
    ),
    "file over directory": ([[file("d/a")], [file("d", "f")]], {"/d": "file 644 f"}),
    "directory over file": (
        [[file("d", "f")], [directory("d"), file("d/a", "x")]],
        {"/d": "directory 755", "/d/a": "file 644 x"},
    ),
    "directory over symlink": ([[symlink("l", "/etc")], [directory("l")]], {"/l": "directory 755"}),
    "symlink over directory": ([[file("d/a")], [symlink("d", "e")]], {"/d": "symlink 777 e"}),
    "directory again keeps children": (
        [[file("d/a", "x")], [directory("d", 0o1777)]],
        {"/d": "directory 1777", "/d/a": "file 644 x"},
    ),
    "duplicate entry, last wins": ([[file("a", "1"), file("a", "2")]], {"/a": "file 644 2"}),
    "absolute and dotted names": (
        [[file("/a", "1"), file("./b", "2")]],
        {"/a": "file 644 1", "/b": "file 644 2"},
    ),
    "names with parent directories": (
        [[file("etc/../etc/x", "1"), file("none/../y", "2")]],
        {"/etc": "directory 755", "/etc/x": "file 644 1", "/y": "file 644 2"},
    ),
    "a lower symlink is no way to a directory": (
        [
            [directory("usr/lib"), file("usr/lib/x", "x"), symlink("lib", "usr/lib")],
            [file("lib/y", "y")],
        ],
        {
            "/usr": "directory 755",
            "/usr/lib": "directory 755",
            "/usr/lib/x": "file 644 x",
            "/lib": "directory 755",
            "/lib/y": "file 644 y",
        },
    ),
    "whiteout below a lower symlink": (
        [[file("usr/lib/x", "x"), symlink("lib", "/usr/lib")], [whiteout("lib/x")]],
        {
            "/usr": "directory 755",
            "/usr/lib": "directory 755",
            "/usr/lib/x": "file 644 x",
            "/lib": "directory 755",
        },
    ),
    "dangling and looping lower symlinks": (
        [[symlink("a", "nowhere"), symlink("b", "b")], [file("a/x", "x"), file("b/y", "y")]],
        {"/a": "directory 755", "/a/x": "file 644 x", "/b": "directory 755", "/b/y": "file 644 y"},
    ),
    "directory over a lower file, unstated": (
        [[file("a", "x")], [file("a/b", "y")]],
        {"/a": "directory 755", "/a/b": "file 644 y"},
    ),
    "directory, file, directory": (
        [[file("d/low")], [file("d", "f")], [directory("d"), file("d/a", "x")]],
        {"/d": "directory 755", "/d/a": "file 644 x"},
    ),
    "an unstated parent keeps what lower layers state": (
        [[directory("d", 0o700)], [file("d/a", "x")]],
        {"/d": "directory 700", "/d/a": "file 644 x"},
    ),
    "links out of the root are text": (
        [[symlink("a", "/../../etc/shadow")]],
        {"/a": "symlink 777 /../../etc/shadow"},
    ),
    "hard link outlives its origin": (
        [[file("a", "x"), hardlink("b", "a")], [whiteout("a")]],
        {"/b": "file 644 x"},
    ),
    "a hard link's header sets the shared mode": (
        [[file("a", "x"), hardlink("b", "./a", 0o4755)]],
        {"/a": "file 4755 x", "/b": "file 4755 x"},
    ),
    "hard link to a symlink": (
        [[symlink("a", "t"), hardlink("b", "a")]],
        {"/a": "symlink 777 t", "/b": "symlink 777 t"},
    ),
    "device": (
        [[device("dev/null", 1, 3)]],
        {"/dev": "directory 755", "/dev/null": "character device 666"},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_merge(tmp_path: Path, name: str) -> None:
    layers, expected = CASES[name]
    with opened(tmp_path, *layers) as image:
        assert dump(image.rootfs()) == expected


def test_entry_metadata(tmp_path: Path) -> None:
    items = [
        directory(".", 0o711, uid=3),
        file(
            "a",
            "x",
            0o2750,
            uid=70000,
            gid=5,
            mtime=1.5,
            pax={"SCHILY.xattr.security.capability": "caps"},
        ),
        device("null", 1, 3),
        hardlink("b", "a", pax={"SCHILY.xattr.security.capability": "caps"}),
    ]
    with opened(tmp_path, items, [file("c")]) as image:
        rootfs = image.rootfs()
    root, a, b, c = (rootfs[ImagePath(path)] for path in ("/", "/a", "/b", "/c"))
    assert (root.mode, root.uid, root.layer) == (0o711, 3, 0)
    assert rootfs[ImagePath("/null")].device == (1, 3)
    assert dict(a.xattrs) == {"security.capability": b"caps"}
    assert a.inode == b.inode != c.inode
    assert (a.size, b.size, c.layer) == (1, 1, 1)


CAPABILITY = "SCHILY.xattr.security.capability"


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        pytest.param({}, {"user.x": b"1"}, id="a link without it drops the capability"),
        pytest.param(
            {CAPABILITY: "caps"}, {"security.capability": b"caps", "user.x": b"1"}, id="states it"
        ),
        pytest.param({"SCHILY.xattr.user.x": "2"}, {"user.x": b"2"}, id="states another"),
    ],
)
def test_a_hard_links_own_header_decides_about_the_files_attributes(
    tmp_path: Path, link: dict[str, str], expected: dict[str, bytes]
) -> None:
    attributes = {CAPABILITY: "caps", "SCHILY.xattr.user.x": "1"}
    items = [file("a", "x", pax=attributes), hardlink("b", "a", pax=link)]
    with opened(tmp_path, items) as image:
        rootfs = image.rootfs()
        assert dict(rootfs[ImagePath("/a")].xattrs) == expected
        assert dict(rootfs[ImagePath("/b")].xattrs) == expected


def test_an_empty_pax_record_leaves_the_headers_own_field(tmp_path: Path) -> None:
    # As in Go's reader, by which the engines unpack; attributes may be empty.
    empty = dict.fromkeys(("path", "linkpath", "uid", "gid", "mtime", "size"), "")
    items = [
        directory("d", 0o700, uid=3, pax=empty),
        file("d/f", "x", uid=4, mtime=9, pax={**empty, "SCHILY.xattr.user.x": ""}),
        Item("d/l", tarfile.SYMTYPE, link="f", pax=empty),
    ]
    with opened(tmp_path, items) as image:
        rootfs = image.rootfs()
        assert dump(rootfs) == {
            "/d": "directory 700",
            "/d/f": "file 644 x",
            "/d/l": "symlink 644 f",
        }
        root, held, one = (rootfs[ImagePath(path)] for path in ("/", "/d", "/d/f"))
    assert (root.uid, root.layer, held.uid) == (0, -1, 3)
    assert (one.uid, one.mtime, dict(one.xattrs)) == (4, 9, {"user.x": b""})


def test_non_utf8_and_long_names_are_kept(tmp_path: Path) -> None:
    odd, long = "caf\udce9", "d" * 200 + "/" + "f" * 200
    with opened(tmp_path, [file(odd, "x"), file(long, "y")]) as image:
        assert image.rootfs().read(ImagePath("/" + odd), 9) == b"x"
        assert image.rootfs().read(ImagePath("/" + long), 9) == b"y"


@pytest.mark.parametrize("compression", ["gzip", "zstd", "none"])
def test_compressions(tmp_path: Path, compression: str) -> None:
    data = layer(file("a", b"0123456789" * 200_000))
    path = oci_layout(tmp_path / "image", [data], compression=compression)
    with open_image(OciLayout(path), None, tmp_path) as image:
        assert image.rootfs().read(ImagePath("/a"), 2_000_000) == b"0123456789" * 200_000
        with image.layers[0].open() as stream:
            assert stream.read() == data
    assert sorted(p.name for p in tmp_path.iterdir()) == ["image"]


def test_archives_hold_the_same_image(tmp_path: Path) -> None:
    layers = [layer(file("a", "1")), layer(file("b", "2"))]
    folder = oci_layout(tmp_path / "image", layers, tag="v1")
    (tmp_path / "oci.tar").write_bytes(tar_of(folder))
    saved = docker_archive(tmp_path / "saved.tar", layers, ["example/app:v1"])
    references: list[StoredImage] = [
        OciLayout(folder, "v1"),
        OciArchive(tmp_path / "oci.tar"),
        DockerArchive(saved),
        DockerArchive(saved, "example/app:v1"),
        DockerArchive(saved, "@0"),
    ]
    seen = set()
    for reference in references:
        with open_image(reference, None, tmp_path) as image:
            seen.add(
                (image.ref.config_digest, image.ref.diff_ids, tuple(dump(image.rootfs()).items()))
            )
            assert (image.ref.manifest_digest is None) == isinstance(reference, DockerArchive)
    assert len(seen) == 1
