"""Images built in memory, from layers given as lists of entries: an OCI layout, or a docker
archive. Written with the standard library's tarfile, so that careen's own reader and writer are
tested against another implementation.

    path = oci_layout(tmp_path / "image", [layer(file("etc/os-release", "ID=debian")),
    layer(whiteout("etc/os-release"))])
"""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zstandard

CONFIG: Mapping[str, Any] = {
    "architecture": "amd64",
    "os": "linux",
    "created": "2024-01-02T03:04:05Z",
    "config": {"Cmd": ["/bin/true"]},
}
MEDIA = "application/vnd.oci.image."


@dataclass(frozen=True, slots=True)
class Item:
    """One tar entry."""

    name: str
    kind: bytes = tarfile.REGTYPE
    data: bytes = b""
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    mtime: float = 1_600_000_000
    link: str = ""
    device: tuple[int, int] = (0, 0)
    pax: Mapping[str, str] = field(default_factory=dict)


def file(name: str, data: bytes | str = b"", mode: int = 0o644, **more: Any) -> Item:
    """Return a regular file; `more` are fields of Item."""
    return Item(name, data=data.encode() if isinstance(data, str) else data, mode=mode, **more)


def directory(name: str, mode: int = 0o755, **more: Any) -> Item:
    return Item(name, tarfile.DIRTYPE, mode=mode, **more)


def symlink(name: str, target: str) -> Item:
    return Item(name, tarfile.SYMTYPE, mode=0o777, link=target)


def hardlink(name: str, target: str, mode: int = 0o644, **more: Any) -> Item:
    return Item(name, tarfile.LNKTYPE, mode=mode, link=target, **more)


def device(name: str, major: int, minor: int) -> Item:
    return Item(name, tarfile.CHRTYPE, mode=0o666, device=(major, minor))


def whiteout(path: str) -> Item:
    """Return the whiteout that hides `path` of the layers below."""
    above, slash, last = path.rpartition("/")
    return file(f"{above}{slash}.wh.{last}")


def opaque(directory_path: str) -> Item:
    """Return the marker that hides everything that lower layers have in the directory."""
    return file(f"{directory_path}/.wh..wh..opq")


def layer(*items: Item, form: int = tarfile.PAX_FORMAT) -> bytes:
    """Return an uncompressed layer."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as tar:
        for item in items:
            info = tarfile.TarInfo(item.name)
            info.type, info.mode, info.uid, info.gid, info.mtime = (
                item.kind,
                item.mode,
                item.uid,
                item.gid,
                item.mtime,
            )
            info.linkname, info.size, info.pax_headers = item.link, len(item.data), dict(item.pax)
            info.devmajor, info.devminor = item.device
            tar.addfile(info, io.BytesIO(item.data))
    return out.getvalue()


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def config_of(layers: Sequence[bytes], more: Mapping[str, Any] | None = None) -> bytes:
    """Return an image config for uncompressed layers; `more` replaces top-level fields."""
    diff_ids = [digest(data) for data in layers]
    history = [{"created_by": f"layer {i}"} for i in range(len(layers))]
    return json.dumps(
        {
            **CONFIG,
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
            "history": history,
            **(more or {}),
        }
    ).encode()


def pack(data: bytes, compression: str) -> bytes:
    """Compress: `gzip`, `zstd` or `none`."""
    match compression:
        case "gzip":
            return gzip.compress(data, mtime=0)
        case "zstd":
            return zstandard.ZstdCompressor().compress(data)
        case _:
            return data


def put(layout: Path, data: bytes, media_type: str, **more: Any) -> dict[str, Any]:
    """Write a blob into a layout and return its descriptor; `more` replaces or adds fields of
    it.
    """
    blobs = layout / "blobs" / "sha256"
    blobs.mkdir(parents=True, exist_ok=True)
    (blobs / digest(data).partition(":")[2]).write_bytes(data)
    return {"mediaType": media_type, "digest": digest(data), "size": len(data), **more}


def finish(layout: Path, descriptors: Sequence[Mapping[str, Any]]) -> Path:
    """Write index.json and oci-layout; return the layout."""
    layout.mkdir(parents=True, exist_ok=True)
    (layout / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    (layout / "index.json").write_text(
        json.dumps({"schemaVersion": 2, "manifests": list(descriptors)})
    )
    return layout


def put_image(
    layout: Path,
    layers: Sequence[bytes],
    compression: str = "gzip",
    config: Mapping[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Write an image's blobs and return its manifest's descriptor; `more` are fields of the
    descriptor.
    """
    suffix = {"none": "", "gzip": "+gzip", "zstd": "+zstd"}[compression]
    manifest = {
        "schemaVersion": 2,
        "mediaType": MEDIA + "manifest.v1+json",
        "config": put(layout, config_of(layers, config), MEDIA + "config.v1+json"),
        "layers": [
            put(layout, pack(data, compression), MEDIA + "layer.v1.tar" + suffix) for data in layers
        ],
    }
    return put(layout, json.dumps(manifest).encode(), MEDIA + "manifest.v1+json", **more)


def oci_layout(
    path: Path,
    layers: Sequence[bytes],
    tag: str | None = None,
    compression: str = "gzip",
    config: Mapping[str, Any] | None = None,
) -> Path:
    """Write an OCI layout with one image."""
    annotations = {"annotations": {"org.opencontainers.image.ref.name": tag}} if tag else {}
    return finish(path, [put_image(path, layers, compression, config, **annotations)])


def docker_archive(
    path: Path,
    layers: Sequence[bytes],
    tags: Sequence[str] = (),
    config: Mapping[str, Any] | None = None,
) -> Path:
    """Write a docker archive as docker wrote it before version 25: `HEX.json`, `HEX/layer.tar`,
    manifest.json, no OCI index.
    """
    config_bytes = config_of(layers, config)
    config_name = digest(config_bytes).partition(":")[2] + ".json"
    names = [f"{i:064x}/layer.tar" for i in range(len(layers))]
    saved = [{"Config": config_name, "RepoTags": list(tags) or None, "Layers": names}]
    items = [file(name, data) for name, data in zip(names, layers, strict=True)]
    path.write_bytes(
        layer(*items, file(config_name, config_bytes), file("manifest.json", json.dumps(saved)))
    )
    return path


def tar_of(folder: Path) -> bytes:
    """Return a tar of a folder's regular files: an OCI archive of a layout."""
    return layer(
        *(
            file(str(path.relative_to(folder)), path.read_bytes())
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        )
    )
