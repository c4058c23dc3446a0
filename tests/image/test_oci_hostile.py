"""A hostile corpus: each image ends in one clear line, or in the outcome that is stated, and
nothing is written outside the scratch directory.
"""

import gzip
import io
import json
import os
import signal
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import zstandard

from careen.errors import InputError
from careen.model.image import Platform
from careen.model.paths import ROOT
from careen.model.runs import run_budget
from careen.oci import decompress, limits
from careen.oci.image import Image
from careen.oci.open import open_image
from careen.oci.reference import DockerArchive, OciLayout
from careen.oci.tar import read as tar_read
from careen.oci.tar import sparse as tar_sparse
from tests.support.images import (
    MEDIA,
    Item,
    config_of,
    device,
    digest,
    directory,
    docker_archive,
    file,
    finish,
    hardlink,
    layer,
    oci_layout,
    pack,
    put,
    put_image,
    symlink,
    whiteout,
)

GOOD = layer(file("etc/os-release", "ID=debian\n"))
MANIFEST, CONFIG, TAR = MEDIA + "manifest.v1+json", MEDIA + "config.v1+json", MEDIA + "layer.v1.tar"


@contextmanager
def nothing_else_written(tmp_path: Path) -> Iterator[Path]:
    """Yield a scratch directory; afterwards it is empty, and the rest of the folder is as it
    was.
    """
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    def listing() -> list[tuple[str, int]]:
        return sorted((str(path), path.lstat().st_size) for path in tmp_path.rglob("*"))

    before, here = listing(), sorted(os.listdir("."))  # noqa: PTH208 — names are enough
    yield scratch
    assert listing() == before
    assert sorted(os.listdir(".")) == here  # noqa: PTH208


def refused(
    tmp_path: Path,
    reference: OciLayout | DockerArchive,
    expected: str,
    platform: Platform | None = None,
) -> None:
    def whole() -> Image:
        with open_image(reference, platform, scratch) as image:
            image.rootfs()
            return image

    with nothing_else_written(tmp_path) as scratch, pytest.raises(InputError) as caught:
        whole()
    message = str(caught.value)
    assert expected in message
    assert "\n" not in message
    assert len(message) < 1000


def patched(data: bytes, at: int, field: bytes, *, checksum: bool = True) -> bytes:
    """Overwrite a field of the first header, and make its checksum right again."""
    out = bytearray(data)
    out[at : at + len(field)] = field
    if checksum:
        out[148:156] = b" " * 8
        out[148:156] = b"%06o\0 " % sum(out[:512])
    return bytes(out)


def raw_entry(kind: bytes, body: bytes, size: int | None = None) -> bytes:
    """An entry whose type and size are stated as given."""
    head = layer(file("x", b""))[:512]
    head = patched(head, 156, kind)
    head = patched(head, 124, b"%011o\0" % (len(body) if size is None else size))
    return head + body + bytes(-len(body) % 512)


END = bytes(1024)
ENTRIES: dict[str, tuple[list[list[Item]], str]] = {
    "path traversal": ([[file("../../etc/passwd", "x")]], "leaves the image root"),
    "traversal in the middle": ([[file("a/../../b", "x")]], "leaves the image root"),
    "absolute traversal": ([[file("/../etc/passwd", "x")]], "leaves the image root"),
    "hard link out of the root": ([[hardlink("a", "../../etc/shadow")]], "leaves the image root"),
    "hard link to an absolute host file": (
        [[hardlink("a", "/etc/shadow")]],
        "hard link to '/etc/shadow', which nothing before",
    ),
    "hard link forward": (
        [[hardlink("a", "b"), file("b")]],
        "hard link to 'b', which nothing before",
    ),
    "hard link to a later layer": (
        [[hardlink("a", "b")], [file("b")]],
        "hard link to 'b', which nothing before",
    ),
    "hard link to a directory": (
        [[directory("d"), hardlink("a", "d")]],
        "hard link to the directory",
    ),
    "hard link to itself": ([[file("a"), hardlink("a", "a")]], "hard link to itself"),
    "hard link to the root": ([[hardlink("a", "/")]], "hard link to the directory '/'"),
    "hard link into a lower layer": (
        [[file("a")], [hardlink("b", "a")]],
        "hard link to 'a', which nothing before",
    ),
    "hard link to what a whiteout removed": (
        [[file("a")], [whiteout("a"), hardlink("b", "a")]],
        "hard link to 'a', which nothing before",
    ),
    "hard link through a link of its layer": (
        [[file("etc/x"), symlink("l", "etc"), hardlink("b", "l/x")]],
        "hard link to 'l/x'",
    ),
    "through a symlink of the same layer": (
        [[symlink("a", "/etc"), file("a/passwd", "x")]],
        "symlink of the same layer",
    ),
    "through a symlink of the same layer, out": (
        [[symlink("a", "../.."), file("a/x")]],
        "symlink of the same layer",
    ),
    "parent is a file": ([[file("a"), file("a/x")]], "'/a' is not a directory but a file"),
    "parent is a device": (
        [[device("a", 1, 3), file("a/x")]],
        "not a directory but a character device",
    ),
    "whiteout of the parent": (
        [[file("d/a")], [file("d/.wh...")]],
        "whiteout of a directory itself or of its parent",
    ),
    "whiteout of the directory": (
        [[file("d/a")], [file("d/.wh..")]],
        "whiteout of a directory itself or of its parent",
    ),
    "whiteout of nothing named": (
        [[file("d/.wh.")]],
        "whiteout of a directory itself or of its parent",
    ),
    "whiteout outside": ([[file("../.wh.etc")]], "leaves the image root"),
    "entry below a whiteout": ([[file(".wh.d/x")]], "an entry below a whiteout"),
    "entry below the opaque marker": ([[file("d/.wh..wh..opq/x")]], "an entry below a whiteout"),
    "whiteout below a whiteout": ([[file("d/.wh.e/.wh.f")]], "an entry below a whiteout"),
    "tree that hides in AUFS's names": (
        [[file("etc/.wh..wh.hid/evil.py")]],
        "an entry below a whiteout",
    ),
    "tree that hides in AUFS's names, in the root": (
        [[file("./.wh..wh.plnk/evil")]],
        "an entry below a whiteout",
    ),
    "tree that hides in AUFS's names, by dots": (
        [[file("d/../.wh..wh.plnk/evil")]],
        "an entry below a whiteout",
    ),
    "file, then its whiteout": (
        [[file("a")], [file("a"), whiteout("a")]],
        "a whiteout of 'a', which the same layer states before it",
    ),
    "tree, then its whiteout": (
        [[file("d/a")], [file("d/b"), whiteout("d")]],
        "a whiteout of 'd', which the same layer states before it",
    ),
    "whiteout twice": (
        [[file("a")], [whiteout("a"), whiteout("a")]],
        "a whiteout of 'a', which the same layer states before it",
    ),
    "file below what its layer hides": (
        [[file("d/a")], [whiteout("d"), file("d/b")]],
        "its parent 'd' is whited out by the same layer",
    ),
    "overlay's own whiteout": ([[file("a")], [device("a", 0, 0)]], "a character device 0/0"),
    "overlay's redirect": (
        [[file("g/x")], [directory("n", pax={"SCHILY.xattr.trusted.overlay.redirect": "/g"})]],
        "'trusted.overlay.redirect'",
    ),
    "overlay's opaque, of users": (
        [[directory("n", pax={"SCHILY.xattr.user.overlay.opaque": "y"})]],
        "'user.overlay.opaque'",
    ),
    "root as a file": ([[file(".", "x")]], "the root of the image as a file"),
    "empty symlink": ([[symlink("a", "")]], "a symlink to ''"),
    "symlink longer than the kernel's": ([[symlink("a", "b/" * 2048)]], "a symlink to 'b/b/"),
    "name over 255 bytes": ([[file("n" * 256)]], "longer than a file system allows"),
    "path over 4096 bytes": ([[file("d/" * 3000 + "f")]], "longer than a file system allows"),
    "owner out of range": ([[file("a", uid=1 << 40)]], "is out of range"),
    "attribute with a NUL in its name": (
        [[file("a", pax={"SCHILY.xattr.user.a\0b": "x"})]],
        "has an empty name, or a NUL byte in it",
    ),
    "attribute without a name": (
        [[file("a", pax={"SCHILY.xattr.": "x"})]],
        "has an empty name, or a NUL byte in it",
    ),
    "bad pax size": ([[file("a", pax={"size": "-1"})]], "pax size is not a number"),
    "bad pax time": ([[file("a", pax={"mtime": "nan"})]], "pax mtime is not a time"),
    "NUL in a pax name": ([[file("a", pax={"path": "a\0b"})]], "NUL byte"),
    "sparse bomb": (
        [
            [
                file(
                    "a",
                    pax={
                        "GNU.sparse.major": "0",
                        "GNU.sparse.minor": "1",
                        "GNU.sparse.map": "",
                        "GNU.sparse.size": str(1 << 60),
                    },
                )
            ]
        ],
        "at most",
    ),
    "sparse map overlaps": (
        [[file("a", b"xx", pax={"GNU.sparse.map": "5,1,0,1", "GNU.sparse.size": "9"})]],
        "not ascending",
    ),
    "sparse map past the end": (
        [[file("a", b"xx", pax={"GNU.sparse.map": "8,2", "GNU.sparse.size": "9"})]],
        "not ascending",
    ),
    "sparse map and data disagree": (
        [[file("a", b"xx", pax={"GNU.sparse.map": "0,1", "GNU.sparse.size": "9"})]],
        "names 1 bytes of data, the entry holds 2",
    ),
    "sparse map 1.0 without end": (
        [
            [
                file(
                    "a",
                    b"300\n" + b"1\n" * 254,
                    pax={
                        "GNU.sparse.major": "1",
                        "GNU.sparse.minor": "0",
                        "GNU.sparse.realsize": "9",
                    },
                )
            ]
        ],
        "sparse map is truncated",
    ),
    "sparse map 1.0 of one endless line": (
        [
            [
                file(
                    "a",
                    bytes(8 << 20),
                    pax={
                        "GNU.sparse.major": "1",
                        "GNU.sparse.minor": "0",
                        "GNU.sparse.realsize": "9",
                    },
                )
            ]
        ],
        "sparse map has a line of more than 64 characters",
    ),
}

STREAMS: dict[str, tuple[bytes, str]] = {
    "truncated in the content": (layer(file("a", b"x" * 5000))[:3000], "truncated"),
    "truncated in a header": (GOOD[:300], "truncated within a header"),
    "concatenated": (GOOD + GOOD, "data after the end of the tar file"),
    "hidden behind the end": (GOOD + b"\0" * 5000 + b"x", "data after the end of the tar file"),
    "not a tar file": (b"#!/bin/sh\nexit 0\n" * 100, "tar"),
    "wrong checksum": (patched(GOOD, 0, b"X", checksum=False), "checksum is wrong"),
    "huge size declared": (patched(GOOD, 124, b"77777777777\0"), "truncated, 8589934591 bytes"),
    "size over 64 bits": (patched(GOOD, 124, b"\x80" + b"\x7f" * 11), "truncated"),
    "negative size": (patched(GOOD, 124, b"\xff" * 12), "negative size"),
    "size with a sign": (patched(GOOD, 124, b"-0000000001\0"), "not a number in a tar header"),
    "size with an underscore": (
        patched(GOOD, 124, b"0000000_012\0"),
        "not a number in a tar header",
    ),
    "unknown type": (patched(GOOD, 156, b"Z"), "unknown type b'Z'"),
    "device number out of range": (
        patched(layer(device("a", 1, 3)), 329, b"\x80\0\0\1\0\0\0\0"),
        "device number 4294967296:3 of 'a' is out of range",
    ),
    "negative device number": (
        patched(layer(device("a", 1, 3)), 337, b"\xff" * 8),
        "device number 1:-1 of 'a' is out of range",
    ),
    "huge pax header": (
        raw_entry(b"x", b"a" * (limits.MAX_EXTENDED + 512)) + END,
        "extended header of",
    ),
    "huge long name": (
        raw_entry(b"L", b"a" * (limits.MAX_EXTENDED + 512)) + END,
        "extended header of",
    ),
    "damaged pax header": (raw_entry(b"x", b"99 path=x\n") + GOOD, "damaged pax header"),
    "pax record without end": (raw_entry(b"x", b"9 path=xy") + GOOD, "damaged pax header"),
    "two pax headers": (
        raw_entry(b"x", b"10 path=x\n"[:10]) * 2 + GOOD,
        "a second extended header",
    ),
    "two names": (
        raw_entry(b"x", b"10 path=x\n") + raw_entry(b"L", b"y\0") + GOOD,
        "two names for one entry",
    ),
    "pax header without its entry": (
        raw_entry(b"x", b"10 path=x\n") + END,
        "extended header without its entry",
    ),
    "pax header at the very end": (
        raw_entry(b"x", b"10 path=x\n"),
        "extended header without its entry",
    ),
}


@pytest.mark.parametrize("name", ENTRIES)
def test_entries(tmp_path: Path, name: str) -> None:
    layers, expected = ENTRIES[name]
    refused(
        tmp_path,
        OciLayout(oci_layout(tmp_path / "image", [layer(*items) for items in layers])),
        expected,
    )


@pytest.mark.parametrize("name", STREAMS)
def test_streams(tmp_path: Path, name: str) -> None:
    data, expected = STREAMS[name]
    refused(tmp_path, OciLayout(oci_layout(tmp_path / "image", [data])), expected)


@pytest.mark.parametrize("name", ["truncated in the content", "concatenated", "wrong checksum"])
def test_streams_in_a_docker_archive(tmp_path: Path, name: str) -> None:
    data, expected = STREAMS[name]
    refused(tmp_path, DockerArchive(docker_archive(tmp_path / "saved.tar", [data])), expected)


def packed_image(tmp_path: Path, blob: bytes, compression: str = "gzip") -> OciLayout:
    """An image whose only layer is GOOD, stored as `blob`."""
    path = tmp_path / "image"
    manifest = {
        "schemaVersion": 2,
        "config": put(path, config_of([GOOD]), CONFIG),
        "layers": [
            put(path, blob, TAR + {"none": "", "gzip": "+gzip", "zstd": "+zstd"}[compression])
        ],
    }
    return OciLayout(finish(path, [put(path, json.dumps(manifest).encode(), MANIFEST)]))


ZIPPED, ZSTD = gzip.compress(GOOD), zstandard.ZstdCompressor(write_checksum=True).compress(GOOD)
PACKED: dict[str, tuple[bytes, str, str]] = {
    "gzip truncated": (ZIPPED[:-10], "gzip", "truncated"),
    "gzip without its end": (ZIPPED[:-8], "gzip", "truncated"),
    "gzip damaged": (ZIPPED[:40] + b"\xff" * 20 + ZIPPED[60:], "gzip", "damaged gzip"),
    "gzip with a wrong checksum": (ZIPPED[:-8] + bytes(8), "gzip", "damaged gzip"),
    "gzip with a tail": (ZIPPED + b"tail", "gzip", "not gzip follows"),
    "gzip twice": (ZIPPED + ZIPPED, "gzip", "does not match the diff ID"),
    "gzip of nothing": (b"", "gzip", "truncated"),
    "zstd truncated": (ZSTD[:-20], "zstd", "does not match the diff ID"),
    "zstd damaged": (ZSTD[:20] + b"\xff" * 20 + ZSTD[40:], "zstd", "damaged zstd"),
    "zstd with a tail": (ZSTD + b"tail", "zstd", "damaged zstd"),
    "zstd that is gzip": (ZIPPED, "zstd", "damaged zstd"),
    "gzip that is plain": (GOOD, "gzip", "damaged gzip"),
    "plain that is gzip": (ZIPPED, "none", "does not match the diff ID"),
}


@pytest.mark.parametrize("name", PACKED)
def test_packed_layers(tmp_path: Path, name: str) -> None:
    blob, compression, expected = PACKED[name]
    refused(tmp_path, packed_image(tmp_path, blob, compression), expected)


def test_zeros_after_gzip_and_after_the_tar_are_harmless(tmp_path: Path) -> None:
    with open_image(packed_image(tmp_path, ZIPPED + bytes(1000)), None, tmp_path) as image:
        assert len(image.rootfs()) == 3


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_decompression_bomb(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compression: str
) -> None:
    monkeypatch.setattr(run_budget, "FREE_DISK", 1 << 20)
    monkeypatch.setattr(run_budget, "DISK_RATIO", 100)
    bomb = pack(bytes(64 << 20), compression)
    refused(
        tmp_path,
        packed_image(tmp_path, bomb, compression),
        f"images of {len(bomb)} bytes unpack to more than {(1 << 20) + 100 * len(bomb)}",
    )


def test_ctrl_c_does_not_wait_for_the_rest_of_a_layer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """512 GB of content are allowed: whoever gives up must not wait until the threads have read
    them.
    """
    threads = threading.active_count()
    blob = zstandard.ZstdCompressor().compress(os.urandom(16 << 20))
    monkeypatch.setattr(
        decompress, "_write", lambda *_: time.sleep(0.5)
    )  # a slow disk: eight seconds
    reference = packed_image(tmp_path, blob, "zstd")
    (tmp_path / "scratch").mkdir()
    timer = threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        open_image(reference, None, tmp_path / "scratch")
    timer.join()
    assert time.monotonic() - begun < 5
    assert threading.active_count() == threads


def test_absolute_cap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_budget, "MAX_DISK", len(GOOD) - 1)
    refused(tmp_path, packed_image(tmp_path, ZIPPED), f"unpack to more than {len(GOOD) - 1}")


def test_too_many_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_budget, "MAX_ENTRIES", 10)
    layers = [layer(*(file(f"{n}-{i}") for i in range(6))) for n in range(2)]
    refused(tmp_path, OciLayout(oci_layout(tmp_path / "image", layers)), "more than 4 entries")


def test_directories_that_no_layer_states_are_counted(tmp_path: Path) -> None:
    """2 MB of such names would take gigabytes, which compress to kilobytes."""
    deep = layer(*(file(f"{i}/" + "a/" * 2040 + "f") for i in range(400)))
    with pytest.MonkeyPatch.context() as caps:
        caps.setattr(run_budget, "MAX_TEXT", 8 << 20)
        refused(
            tmp_path,
            OciLayout(oci_layout(tmp_path / "text", [deep])),
            "more than 8388608 bytes of names and attributes",
        )
    (tmp_path / "scratch").rmdir()
    with pytest.MonkeyPatch.context() as caps:
        caps.setattr(run_budget, "MAX_ENTRIES", 5000)
        refused(
            tmp_path,
            OciLayout(oci_layout(tmp_path / "count", [deep])),
            "more than 5000 directories that no layer states",
        )


HELD: dict[str, list[Item]] = {
    "attributes": [file(str(i), pax={"SCHILY.xattr.user.a": "x" * 20_000}) for i in range(6)],
    "link targets": [symlink(str(i), "x/" * 2000) for i in range(30)],
    "names": [file("/".join(("n" * 200,) * 15) + f"/{i}") for i in range(20)],
    "sparse maps": [
        file(
            str(i),
            b"x" * 200,
            pax={
                "GNU.sparse.map": ",".join(f"{at * 2},1" for at in range(200)),
                "GNU.sparse.size": "500",
            },
        )
        for i in range(6)
    ],
}


@pytest.mark.parametrize("name", HELD)
def test_what_is_held_of_entries_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(run_budget, "MAX_TEXT", 100_000)
    half = len(HELD[name]) // 2
    layers = [layer(*HELD[name][:half]), layer(*HELD[name][half:])]
    refused(
        tmp_path,
        OciLayout(oci_layout(tmp_path / "image", layers)),
        "layers[1]: more than 100000 bytes of names and attributes, all layers together",
    )


def test_holes_are_counted_over_all_files(tmp_path: Path) -> None:
    hole = {"GNU.sparse.map": "", "GNU.sparse.size": str(limits.MAX_SPARSE_SIZE // 2)}
    layers = [layer(file("a", pax=hole), file("b", pax=hole)), layer(file("c", pax=hole))]
    refused(
        tmp_path,
        OciLayout(oci_layout(tmp_path / "image", layers)),
        "layers[1]: more than 68719476736 bytes of sparse files, all layers together",
    )


def test_old_sparse_map_that_never_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tar_sparse, "MAX_SPARSE_PARTS", 50)
    block = b"".join(b"%011o\0%011o\0" % (i, 1) for i in range(21)) + b"\x01"
    data = (
        patched(patched(raw_entry(b"S", b""), 482, b"\x01"), 483, b"%011o\0" % 100)
        + (block + bytes(512 - len(block))) * 10
    )
    refused(tmp_path, OciLayout(oci_layout(tmp_path / "image", [data + END])), "more than 50 parts")


def rewrite(
    layout: Path, descriptor: dict[str, Any], change: Callable[[dict[str, Any]], None]
) -> OciLayout:
    """Change the manifest of a layout's only image, and name the new one in the index."""
    document = json.loads((layout / "blobs/sha256" / descriptor["digest"][7:]).read_bytes())
    change(document)
    return OciLayout(finish(layout, [put(layout, json.dumps(document).encode(), MANIFEST)]))


def _layer_type(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda doc: doc["layers"][0].update(mediaType=name)


MANIFESTS: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "foreign layer": (
        _layer_type("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"),
        "foreign",
    ),
    "nondistributable layer": (
        _layer_type(MEDIA + "layer.nondistributable.v1.tar+gzip"),
        "foreign",
    ),
    "unknown layer type": (
        _layer_type("application/x-7z-compressed"),
        "not a layer type that careen reads",
    ),
    "encrypted layer": (_layer_type(TAR + "+gzip+encrypted"), "not a layer type that careen reads"),
    "artifact": (
        lambda doc: doc["config"].update(mediaType="application/vnd.oci.empty.v1+json"),
        "not a container image",
    ),
    "index and manifest": (lambda doc: doc.update(manifests=[]), "both an index and a manifest"),
    "media type contradicts": (
        lambda doc: doc.update(mediaType=MEDIA + "index.v1+json"),
        "the content is a manifest",
    ),
    "schema 1": (lambda doc: doc.update(schemaVersion=1), "expected 2, got 1"),
    "no config": (lambda doc: doc.pop("config"), "config: expected an object, got None"),
    "layers not a list": (lambda doc: doc.update(layers={}), "layers: expected an array"),
    "md5 digest": (
        lambda doc: doc["layers"][0].update(digest="md5:" + "0" * 32),
        "not a sha256 digest",
    ),
    "digest with a path": (
        lambda doc: doc["layers"][0].update(digest="sha256:../../../etc/passwd"),
        "not a sha256 digest",
    ),
    "size as text": (lambda doc: doc["layers"][0].update(size="1"), "expected a size in bytes"),
    "negative size": (lambda doc: doc["layers"][0].update(size=-1), "expected a size in bytes"),
    "wrong size": (lambda doc: doc["layers"][0].update(size=7), "the manifest says 7"),
    "missing blob": (
        lambda doc: doc["layers"][0].update(digest="sha256:" + "0" * 64),
        "is not in the image",
    ),
    "layer left out": (
        lambda doc: doc.update(layers=[]),
        "the config names 1 layers (diff_ids), the manifest 0",
    ),
    "layer twice": (
        lambda doc: doc["layers"].append(doc["layers"][0]),
        "the config names 1 layers (diff_ids), the manifest 2",
    ),
    "annotations with numbers": (
        lambda doc: doc.update(annotations={"a": 1}),
        "expected a string, got 1",
    ),
    "very many layers": (
        lambda doc: doc.update(layers=doc["layers"] * 2000),
        "2000 layers are more than",
    ),
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_manifests(tmp_path: Path, name: str) -> None:
    change, expected = MANIFESTS[name]
    path = tmp_path / "image"
    refused(tmp_path, rewrite(path, put_image(path, [GOOD]), change), expected)


CONFIGS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "not valid JSON"),
    "cut": (config_of([GOOD])[:-5], "not valid JSON"),
    "deep": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested deeper than"),
    "deep list": (b"[" * 70 + b"]" * 70, "nested deeper than"),
    "not UTF-8": (b'{"a": "\xff"}', "not valid JSON"),
    "key twice": (b'{"os": "linux", "os": "windows"}', "'os' occurs twice"),
    "NaN": (b'{"a": NaN}', "not valid JSON"),
    "huge number": (b'{"a": ' + b"9" * 10_000 + b"}", "not valid JSON"),
    "a list": (b"[]", "expected an object"),
    "no rootfs": (b'{"os": "linux"}', "rootfs: expected an object, got None"),
    "Env not a list": (
        config_of([GOOD], {"config": {"Env": "A=1"}}),
        "config.config.Env: expected an array",
    ),
    "Env with a NUL": (config_of([GOOD], {"config": {"Env": ["A=\0"]}}), "not NAME=VALUE"),
    "Cmd of numbers": (config_of([GOOD], {"config": {"Cmd": [1]}}), "Cmd[0]: expected a string"),
    "Healthcheck of text": (
        config_of([GOOD], {"config": {"Healthcheck": "x"}}),
        "Healthcheck: expected an object",
    ),
    "history of text": (config_of([GOOD], {"history": ["x"]}), "history[0]: expected an object"),
    "bad diff ID": (
        config_of([GOOD], {"rootfs": {"type": "layers", "diff_ids": ["x"]}}),
        "diff_ids[0]: not a sha256 digest",
    ),
    "wrong diff ID": (config_of([GOOD + bytes(512)]), "does not match the diff ID"),
    "windows": (config_of([GOOD], {"os": "windows"}), "for 'windows'"),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_configs(tmp_path: Path, name: str) -> None:
    data, expected = CONFIGS[name]
    path = tmp_path / "image"
    change = {"config": put(path, data, CONFIG)}
    refused(
        tmp_path, rewrite(path, put_image(path, [GOOD]), lambda doc: doc.update(change)), expected
    )


def test_oversized_document(tmp_path: Path) -> None:
    path = tmp_path / "image"
    big = {"config": put(path, b" " * (limits.MAX_DOCUMENT + 1), CONFIG)}
    refused(
        tmp_path, rewrite(path, put_image(path, [GOOD]), lambda doc: doc.update(big)), "at most"
    )


@pytest.mark.parametrize("which", ["manifest", "config", "layer"])
@pytest.mark.parametrize("compression", ["gzip", "zstd", "none"])
def test_one_flipped_bit_in_any_blob(tmp_path: Path, which: str, compression: str) -> None:
    path = tmp_path / "image"
    descriptor = put_image(path, [GOOD], compression)
    manifest = json.loads((path / "blobs/sha256" / descriptor["digest"][7:]).read_bytes())
    victim = {"manifest": descriptor, "config": manifest["config"], "layer": manifest["layers"][0]}[
        which
    ]
    blob = path / "blobs/sha256" / victim["digest"][7:]
    data = bytearray(blob.read_bytes())
    data[len(data) // 2] ^= 1
    blob.write_bytes(data)
    refused(tmp_path, OciLayout(finish(path, [descriptor])), ": ")


def test_index_that_holds_itself(tmp_path: Path) -> None:
    path = tmp_path / "image"
    descriptor = put_image(path, [GOOD])
    for _ in range(limits.MAX_INDEX_DEPTH + 1):
        descriptor = put(
            path,
            json.dumps({"schemaVersion": 2, "manifests": [descriptor]}).encode(),
            MEDIA + "index.v1+json",
        )
    refused(tmp_path, OciLayout(finish(path, [descriptor])), "nested deeper than")


def test_wide_index(tmp_path: Path) -> None:
    path = tmp_path / "image"
    descriptor = put_image(path, [GOOD])
    refused(tmp_path, OciLayout(finish(path, [descriptor] * 2000)), "2000 are more than")


def test_layout_with_a_symlinked_blob(tmp_path: Path) -> None:
    path = tmp_path / "image"
    descriptor = put_image(path, [GOOD])
    blob = path / "blobs/sha256" / descriptor["digest"][7:]
    blob.rename(tmp_path / "elsewhere")
    blob.symlink_to(tmp_path / "elsewhere")
    refused(tmp_path, OciLayout(finish(path, [descriptor])), "a symlink inside an image layout")


def test_blob_that_is_a_fifo_does_not_hang(tmp_path: Path) -> None:
    path = tmp_path / "image"
    descriptor = put_image(path, [GOOD])
    blob = path / "blobs/sha256" / descriptor["digest"][7:]
    blob.unlink()
    os.mkfifo(blob)
    refused(tmp_path, OciLayout(finish(path, [descriptor])), "not a regular file")


def saved_archive(tmp_path: Path, *items: Item) -> DockerArchive:
    path = tmp_path / "saved.tar"
    path.write_bytes(layer(*items))
    return DockerArchive(path)


def _manifest_json(**more: object) -> Item:
    return file(
        "manifest.json",
        json.dumps([{"Config": "config.json", "RepoTags": None, "Layers": ["l.tar"], **more}]),
    )


CONFIG_FILE, LAYER_FILE = file("config.json", config_of([GOOD])), file("l.tar", GOOD)
ARCHIVES: dict[str, tuple[list[Item], str]] = {
    "no manifest.json": ([LAYER_FILE], "no 'manifest.json' in it"),
    "no image": ([file("manifest.json", "[]")], "no image in the archive"),
    "manifest.json of text": (
        [file("manifest.json", '["x"]')],
        "manifest.json[0]: expected an object",
    ),
    "layer outside": (
        [_manifest_json(Layers=["../../etc/passwd"]), CONFIG_FILE],
        "leaves the image root",
    ),
    "layer missing": ([_manifest_json(), CONFIG_FILE], "layers[0]: no 'l.tar' in the archive"),
    "layer name that is no text": (
        [_manifest_json(Layers=["\ud800"]), CONFIG_FILE],
        "path is not text: '\\ud800'",
    ),
    "config missing": ([_manifest_json(), LAYER_FILE], "no 'config.json' in it"),
    "config is a host path": (
        [_manifest_json(Config="/etc/passwd"), LAYER_FILE],
        "no '/etc/passwd' in it",
    ),
    "file twice": (
        [_manifest_json(), CONFIG_FILE, LAYER_FILE, LAYER_FILE],
        "'l.tar' is in the archive twice",
    ),
    "layer is a link out": (
        [_manifest_json(), CONFIG_FILE, symlink("l.tar", "../../etc/shadow")],
        "leaves the archive",
    ),
    "layer is a link loop": (
        [_manifest_json(), CONFIG_FILE, symlink("l.tar", "l.tar")],
        "a loop of links",
    ),
    "config against its name": (
        [
            _manifest_json(Config="0" * 64 + ".json"),
            file("0" * 64 + ".json", config_of([GOOD])),
            LAYER_FILE,
        ],
        "digest in its name",
    ),
    "traversal in the archive": ([file("../x")], "leaves the image root"),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_docker_archives(tmp_path: Path, name: str) -> None:
    items, expected = ARCHIVES[name]
    refused(tmp_path, saved_archive(tmp_path, *items), expected)


def test_layer_that_is_a_link_inside_the_archive(tmp_path: Path) -> None:
    reference = saved_archive(
        tmp_path,
        _manifest_json(Layers=["b/l.tar"]),
        CONFIG_FILE,
        LAYER_FILE,
        symlink("b/l.tar", "../l.tar"),
    )
    with open_image(reference, None, tmp_path) as image:
        assert image.ref.diff_ids == (digest(GOOD),)


def test_compressed_archive_leaves_nothing_in_scratch(tmp_path: Path) -> None:
    path = docker_archive(tmp_path / "plain.tar", [GOOD])
    packed = tmp_path / "saved.tar.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    with (
        nothing_else_written(tmp_path) as scratch,
        open_image(DockerArchive(packed), None, scratch) as image,
    ):
        assert len(image.rootfs()) == 3


@pytest.mark.parametrize(
    ("data", "expected"), [(b"", "an empty file"), (b"\xfd7zXZ\0" + bytes(2000), "tar")]
)
def test_not_an_archive(tmp_path: Path, data: bytes, expected: str) -> None:
    path = tmp_path / "saved.tar"
    path.write_bytes(data)
    refused(tmp_path, DockerArchive(path), expected)


def test_missing_file(tmp_path: Path) -> None:
    refused(tmp_path, DockerArchive(tmp_path / "none.tar"), "No such file or directory")


def test_several_images_are_listed(tmp_path: Path) -> None:
    config = {"Config": "config.json", "Layers": ["l.tar"]}
    saved = file(
        "manifest.json",
        json.dumps([{**config, "RepoTags": ["one:1"]}, {**config, "RepoTags": ["two:2"]}]),
    )
    refused(
        tmp_path,
        saved_archive(tmp_path, saved, CONFIG_FILE, LAYER_FILE),
        "name one of them after a colon: one:1, two:2",
    )


def test_platforms_are_listed(tmp_path: Path) -> None:
    path = tmp_path / "image"
    found = [
        put_image(
            path,
            [GOOD],
            config={"architecture": arch},
            platform={"os": "linux", "architecture": arch},
        )
        for arch in ("s390x", "ppc64le")
    ]
    attestation = put(path, b"{}", MANIFEST, platform={"os": "unknown", "architecture": "unknown"})
    refused(
        tmp_path,
        OciLayout(finish(path, [*found, attestation])),
        "available: linux/ppc64le, linux/s390x (choose",
        Platform("linux", "arm64"),
    )


def test_reading_never_allocates_a_declared_size() -> None:
    """The reader's only buffers are a window, one extended header and one scan block."""
    assert max(tar_read._WINDOW, limits.MAX_EXTENDED, tar_read._SCAN) <= 1 << 20


def test_stdlib_agrees_that_the_corpus_is_tar() -> None:
    """The entry cases fail for what they say, not for being damaged tar files."""
    for layers, _ in ENTRIES.values():
        for items in layers:
            if not any(item.pax for item in items):
                with tarfile.open(fileobj=io.BytesIO(layer(*items))) as tar:
                    assert len(tar.getmembers()) == len(items)


def test_deep_trees_do_not_exhaust_the_stack(tmp_path: Path) -> None:
    with open_image(
        OciLayout(oci_layout(tmp_path / "image", [layer(file("d/" * 2000 + "f"))])), None, tmp_path
    ) as image:
        assert sum(1 for _ in image.rootfs().below(ROOT)) == 2001
