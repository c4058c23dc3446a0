"""Images that are small and ask for much: each one of a kind of bomb. `BOMBS` has their makers by
name; a maker writes an OCI layout into a folder.
"""

import gzip
import hashlib
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import zstandard

from tests.support.images import CONFIG, MEDIA, file, finish, layer, pack, put
from tests.support.raw_tar import END, Raw, Spelling, encoded

MIB = 1 << 20
OS_RELEASE = layer(file("etc/os-release", "ID=debian\n"))
LAYER = MEDIA + "layer.v1.tar"


def layout(path: Path, blobs: Iterable[tuple[bytes, str, str]]) -> Path:
    """Write a layout of packed layers: (bytes, media type, diff ID)."""
    found = list(blobs)
    config = {
        **CONFIG,
        "rootfs": {"type": "layers", "diff_ids": [diff_id for *_, diff_id in found]},
        "history": [],
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": MEDIA + "manifest.v1+json",
        "config": put(path, json.dumps(config).encode(), MEDIA + "config.v1+json"),
        "layers": [put(path, data, media) for data, media, _ in found],
    }
    return finish(path, [put(path, json.dumps(manifest).encode(), MEDIA + "manifest.v1+json")])


def packed(pieces: Iterable[bytes]) -> tuple[bytes, str, str]:
    """Return a gzip layer of pieces that are never in memory at once."""
    engine, hasher, out = zlib.compressobj(6, wbits=31), hashlib.sha256(), []
    for piece in pieces:
        hasher.update(piece)
        out.append(engine.compress(piece))
    out.append(engine.flush())
    return b"".join(out), LAYER + "+gzip", "sha256:" + hasher.hexdigest()


def _zeros(size: int, mark: int) -> tuple[bytes, str, str]:
    """Return a zstd layer that is one file of a byte and then zeros to `size`."""
    engine, hasher, out = zstandard.ZstdCompressor().compressobj(), hashlib.sha256(), []
    for piece in (encoded(Raw(b"z%d" % mark, data=b"z")), *[bytes(MIB)] * (size // MIB)):
        hasher.update(piece)
        out.append(engine.compress(piece))
    out.append(engine.flush())
    return b"".join(out), LAYER + "+zstd", "sha256:" + hasher.hexdigest()


def _one_layer(files: Sequence[tuple[str, bytes]], path: Path) -> Path:
    data = layer(
        file("etc/os-release", "ID=debian\n"), *(file(name, content) for name, content in files)
    )
    return layout(
        path, [(pack(data, "gzip"), LAYER + "+gzip", "sha256:" + hashlib.sha256(data).hexdigest())]
    )


def one_layer_many_times(path: Path, size: int = 128 * MIB) -> Path:
    """One layer of zeros, named 1,000 times."""
    return layout(path, [_zeros(size, 0)] * 1000)


def many_layers_of_zeros(path: Path, size: int = 256 * MIB) -> Path:
    """Five layers of zeros, all different."""
    return layout(path, [_zeros(size, number) for number in range(5)])


def many_names(path: Path) -> Path:
    """320,000 empty files."""
    return layout(
        path,
        [
            packed(
                b"".join(encoded(Raw(b"%d/%d" % (group, each))) for each in range(1000))
                for group in range(320)
            )
        ],
    )


def long_names(path: Path) -> Path:
    """Files in 4,000 directories that nobody states, of 4,000 bytes each."""
    deep = b"/".join([b"n" * 200] * 19)
    return layout(
        path,
        [
            packed(
                encoded(Raw(b"%d/" % number + deep, spelling=Spelling.PAX))
                for number in range(4_000)
            )
        ],
    )


def many_attributes(path: Path) -> Path:
    """12,000 files with 8 attributes of a kilobyte each."""
    pax = tuple((b"SCHILY.xattr.user.a%d" % number, b"b" * 1000) for number in range(8))
    return layout(path, [packed(encoded(Raw(b"%d" % number, pax=pax)) for number in range(12_000))])


def empty_gzip_members(path: Path) -> Path:
    """A layer, and behind it 300,000 gzip members of nothing."""
    data = gzip.compress(OS_RELEASE, mtime=0) + gzip.compress(b"", mtime=0) * 300_000
    return layout(
        path, [(data, LAYER + "+gzip", "sha256:" + hashlib.sha256(OS_RELEASE).hexdigest())]
    )


def empty_zstd_frames(path: Path) -> Path:
    """A layer, and behind it 600,000 zstd frames of nothing."""
    engine = zstandard.ZstdCompressor()
    data = engine.compress(OS_RELEASE) + engine.compress(b"") * 600_000
    return layout(
        path, [(data, LAYER + "+zstd", "sha256:" + hashlib.sha256(OS_RELEASE).hexdigest())]
    )


def _zip(members: Iterable[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def nested_jars(path: Path) -> Path:
    """Jars in jars in jars, ten in each, with a manifest of zeros at the bottom."""
    data = _zip(
        [
            (
                "META-INF/MANIFEST.MF",
                b"Bundle-SymbolicName: a\nBundle-Version: 1\n" + bytes(MIB // 2),
            ),
            ("META-INF/LICENSE", bytes(MIB)),
        ]
    )
    for _ in range(3):
        data = _zip([(f"{number}.jar", data) for number in range(10)])
    return _one_layer([(f"app/{number}.jar", data) for number in range(2)], path)


def zip_bombs(path: Path) -> Path:
    """Two hundred wheels whose metadata unpacks to a thousand times its size."""
    data = _zip(
        [
            (
                "a-1.dist-info/METADATA",
                b"Metadata-Version: 2.1\nName: a\nVersion: 1\n" + bytes(8 * MIB),
            ),
            ("a-1.dist-info/RECORD", bytes(8 * MIB)),
        ]
    )
    return _one_layer([(f"app/{number}/a-1-py3-none-any.whl", data) for number in range(200)], path)


def deep_json(path: Path) -> Path:
    """Package records that nest 200,000 deep."""
    deep = b'{"name":"a","version":"1","x":' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    return _one_layer(
        [(f"opt/{number}/node_modules/a/package.json", deep) for number in range(50)], path
    )


def elf_tables(path: Path) -> Path:
    """Programs whose headers state 65,535 sections at the end of a sparse file of 1 GiB."""
    size = 1 << 30
    head = (
        b"\x7fELF\2\1\1"
        + bytes(9)
        + struct.pack(
            "<HHIQQQIHHHHHH", 3, 62, 1, 0, 64, size - 65_535 * 64, 0, 64, 56, 65_535, 64, 65_535, 3
        )
    )
    pax = (
        (b"GNU.sparse.map", b"0,%d" % len(head)),
        (b"GNU.sparse.size", b"%d" % size),
        (b"GNU.sparse.numblocks", b"1"),
    )
    return layout(
        path,
        [
            packed(
                [
                    *(
                        encoded(Raw(b"usr/lib/lib%d.so" % number, data=head, pax=pax, mode=0o755))
                        for number in range(60)
                    ),
                    END,
                ]
            )
        ],
    )


BOMBS: dict[str, Callable[[Path], Path]] = {
    "one layer many times": one_layer_many_times,
    "many layers of zeros": many_layers_of_zeros,
    "many names": many_names,
    "long names": long_names,
    "many attributes": many_attributes,
    "empty gzip members": empty_gzip_members,
    "empty zstd frames": empty_zstd_frames,
    "nested jars": nested_jars,
    "zip bombs": zip_bombs,
    "deep JSON": deep_json,
    "ELF tables": elf_tables,
}
