"""Other programs as oracles: umoci unpacks what careen merges, skopeo and docker accept what careen
writes, GNU tar makes the sparse files.
"""

import hashlib
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from careen.errors import CareenError
from careen.model.paths import ImagePath
from careen.oci.changes.edit import Edit, HistoryNote, edit_image
from careen.oci.manifest import Compression
from careen.oci.open import open_image
from careen.oci.reference import DockerArchive, OciLayout
from careen.oci.tree.rootfs import Rootfs
from careen.oci.write import write_docker_archive, write_oci_layout
from careen.tools.process import check
from tests.support.images import (
    Item,
    directory,
    docker_archive,
    file,
    hardlink,
    layer,
    oci_layout,
    opaque,
    symlink,
    whiteout,
)

LAYERS: list[list[Item]] = [
    [
        directory("usr/lib", 0o755),
        symlink("lib", "usr/lib"),
        file("usr/lib/libc.so", b"\x7fELF" * 3000, 0o755),
        file("etc/passwd", "root:x:0:0\n"),
        file("etc/shadow", "root:!\n", 0o600),
        directory("var/cache", 0o700),
        file("var/cache/old", "old"),
        file("opt/tool", "tool", 0o4755),
        hardlink("opt/alias", "opt/tool", 0o4755),
        file("n" * 150, "long name"),
        file("caf\u00e9", "utf-8"),
        directory("tmp", 0o1777),
    ],
    [
        file("usr/lib/libnew.so", "new"),
        whiteout("etc/shadow"),
        directory("var/cache", 0o711),
        opaque("var/cache"),
        file("var/cache/new", "new"),
    ],
    [
        file("etc/passwd", "root:x:0:0\nembed:x:1000:1000\n", uid=0),
        symlink("var/run", "/run"),
        file("opt/tool", "second", 0o755),
        whiteout("usr/lib/libc.so"),
    ],
]


def described(rootfs: Rootfs) -> dict[str, str]:
    out: dict[str, str] = {}
    for entry in rootfs:
        text = (
            hashlib.sha256(rootfs.read(entry.path, 1 << 30)).hexdigest()
            if entry.is_file
            else entry.target
        )
        mode = "" if entry.is_symlink else f"{entry.mode:o} "
        out[entry.path] = f"{entry.kind.value} {mode}{text}".strip()
    return out


def on_disk(root: Path) -> Iterator[tuple[str, str]]:
    for folder, names, others in os.walk(root):
        for path in (Path(folder) / name for name in [*names, *others]):
            place = "/" + str(path.relative_to(root))
            mode = f"{path.lstat().st_mode & 0o7777:o}"
            if path.is_symlink():
                yield place, f"symlink {path.readlink()}"
            elif path.is_dir():
                yield place, f"directory {mode}"
            else:
                yield place, f"file {mode} {hashlib.sha256(path.read_bytes()).hexdigest()}"


@pytest.mark.root
@pytest.mark.umoci
@pytest.mark.parametrize("edited", ["original", "edited"])
def test_umoci_unpacks_the_same_tree(tmp_path: Path, edited: str) -> None:
    source = OciLayout(
        oci_layout(tmp_path / "image", [layer(*items) for items in LAYERS], tag="v1")
    )
    with open_image(source, None, tmp_path) as image:
        rootfs = image.rootfs()
        expected = described(rootfs)
        layout = source.path
        if edited == "edited":
            keep = [
                entry.path
                for entry in rootfs
                if entry.path not in ("/opt/tool", "/lib", "/n" + "n" * 149)
            ]
            change = Edit(
                keep,
                {ImagePath("/etc/passwd"): b"root:x:0:0\n"},
                HistoryNote("careen"),
                {},
                "2024-01-01T00:00:00Z",
            )
            result = edit_image(image, change, tmp_path)
            layout = tmp_path / "edited"
            write_oci_layout(result, layout, "v1")
            expected = described(result.rootfs())
            assert set(expected) == set(keep)
    check(
        ["umoci", "unpack", "--image", f"{layout}:v1", str(tmp_path / "bundle")],
        timeout=60,
        doing="unpacking",
    )
    expected.pop("/")
    assert dict(on_disk(tmp_path / "bundle" / "rootfs")) == expected


@pytest.mark.skopeo
@pytest.mark.parametrize("compression", ["gzip", "zstd", "none"])
def test_skopeo_copies_what_careen_writes(tmp_path: Path, compression: str) -> None:
    source = OciLayout(oci_layout(tmp_path / "image", [layer(*items) for items in LAYERS]))
    with open_image(source, None, tmp_path) as image:
        digest = write_oci_layout(image, tmp_path / "out", "v1", Compression(compression))
        with (tmp_path / "out.tar").open("wb") as stream:
            write_docker_archive(image, stream, ("example/app:v1",))
        diff_ids = image.ref.diff_ids
    inspected = check(
        ["skopeo", "inspect", f"oci:{tmp_path}/out:v1"], timeout=60, doing="inspecting"
    )
    assert json.loads(inspected.stdout)["Digest"] == str(digest)
    check(
        [
            "skopeo",
            "copy",
            f"oci:{tmp_path}/out:v1",
            f"docker-archive:{tmp_path}/copy.tar:example/app:v1",
        ],
        timeout=60,
        doing="copying",
    )
    check(
        ["skopeo", "copy", f"docker-archive:{tmp_path}/out.tar", f"oci:{tmp_path}/copy:v1"],
        timeout=60,
        doing="copying",
    )
    for reference in (DockerArchive(tmp_path / "copy.tar"), OciLayout(tmp_path / "copy")):
        with open_image(
            reference, None, tmp_path
        ) as again:  # skopeo writes the config again when it changes the format
            assert again.ref.diff_ids == diff_ids


@pytest.mark.docker
def test_docker_loads_and_saves_the_same_image(tmp_path: Path) -> None:
    tag = "careen-test-oci/app:v1"
    source = docker_archive(tmp_path / "in.tar", [layer(*items) for items in LAYERS[:1]])
    try:
        with open_image(DockerArchive(source), None, tmp_path) as image:
            for tags, said in (((), "Loaded image ID: "), ((tag,), f"Loaded image: {tag}")):
                with (tmp_path / "out.tar").open("wb") as stream:
                    write_docker_archive(image, stream, tags)
                loaded = check(
                    ["docker", "load", "-i", str(tmp_path / "out.tar")],
                    timeout=120,
                    doing="loading",
                )
                assert said in loaded.text
            check(
                ["docker", "save", "-o", str(tmp_path / "saved.tar"), tag],
                timeout=120,
                doing="saving",
            )
            with open_image(DockerArchive(tmp_path / "saved.tar", tag), None, tmp_path) as again:
                assert again.ref.config_digest == image.ref.config_digest
                assert again.ref.manifest_digest is not None
                assert described(again.rootfs()) == described(image.rootfs())
            digest = image.ref.config_digest
    finally:
        # cleaning up must not hide a failure
        subprocess.run(["docker", "rmi", "-f", tag, digest], capture_output=True, check=False)  # noqa: TID251


@pytest.mark.parametrize(
    ("form", "version"), [("gnu", "0.0"), ("posix", "0.0"), ("posix", "0.1"), ("posix", "1.0")]
)
def test_sparse_files_of_gnu_tar(tmp_path: Path, form: str, version: str) -> None:
    """Enough holes to need extension blocks in the old format and several blocks of map in 1.0."""
    path = tmp_path / "holes"
    with path.open("wb") as stream:
        for number in range(60):
            stream.seek(number * 131072)
            stream.write(b"%04d" % number * 1024)
        stream.truncate(60 * 131072 + 5)
    content = path.read_bytes()
    tar = [
        "tar",
        f"--format={form}",
        f"--sparse-version={version}",
        "-S",
        "-C",
        str(tmp_path),
        "-cf",
        str(tmp_path / "layer.tar"),
        "holes",
    ]
    check(tar, timeout=60, doing="making a sparse tar")
    data = (tmp_path / "layer.tar").read_bytes()
    assert len(data) < len(content) / 10
    with open_image(
        OciLayout(oci_layout(tmp_path / "image", [data], compression="none")), None, tmp_path
    ) as image:
        rootfs = image.rootfs()
        entry = rootfs[ImagePath("/holes")]
        assert entry.size == len(content)
        assert rootfs.read(entry.path, len(content)) == content
        with rootfs.open(entry.path) as stream:
            stream.seek(131072 * 7 - 2)
            assert stream.read(6) == b"\0\0" + b"0007"


def test_foreign_tar_dialects(tmp_path: Path) -> None:
    """Long names and links as GNU tar, POSIX and ustar write them."""
    name = "d" * 90 + "/" + "f" * 90
    (tmp_path / ("d" * 90)).mkdir()
    (tmp_path / name).write_text("x")
    (tmp_path / "link").symlink_to("t" * 120)
    for form, more in (("gnu", ["link"]), ("posix", ["link"]), ("ustar", []), ("oldgnu", ["link"])):
        out = tmp_path / f"{form}.tar"
        check(
            ["tar", f"--format={form}", "-C", str(tmp_path), "-cf", str(out), "d" * 90, *more],
            timeout=60,
            doing="making a tar",
        )
        with open_image(
            OciLayout(oci_layout(tmp_path / form, [out.read_bytes()])), None, tmp_path
        ) as image:
            rootfs = image.rootfs()
            assert rootfs.read(ImagePath("/" + name), 9) == b"x"
            assert not more or rootfs[ImagePath("/link")].target == "t" * 120


@pytest.mark.root
@pytest.mark.parametrize("what", ["scratch", "output"])
def test_full_disk_is_one_line_and_leaves_nothing(tmp_path: Path, what: str) -> None:
    small = tmp_path / "small"
    small.mkdir()
    check(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small)],
        timeout=30,
        doing="mounting a small tmpfs",
    )
    try:
        path = oci_layout(
            tmp_path / "image",
            [layer(file("a", os.urandom(1 << 20)), file("b", os.urandom(1 << 20)))],
        )
        scratch = small if what == "scratch" else tmp_path

        def open_and_write() -> None:
            with open_image(OciLayout(path), None, scratch) as image:
                write_oci_layout(image, small / "out")

        with pytest.raises(CareenError, match="No space left on device") as caught:
            open_and_write()
        assert "\n" not in str(caught.value)
        assert list(small.iterdir()) == []
    finally:
        check(["umount", str(small)], timeout=30, doing="unmounting")
