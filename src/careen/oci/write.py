"""Writing of images as OCI layouts, and as docker archives that are also OCI layouts."""

import hashlib
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from careen.errors import CareenError
from careen.model.digest import Digest
from careen.model.entry import EntryKind
from careen.model.image import Platform
from careen.oci.compress import checked_chunks
from careen.oci.compress import packed as pack
from careen.oci.documents import dump_json
from careen.oci.hashing import digest_of_bytes
from careen.oci.image import Image
from careen.oci.layout import Layout
from careen.oci.manifest import (
    CONTAINERD_NAME,
    DOCKER_CONFIG,
    DOCKER_LAYER,
    DOCKER_MANIFEST,
    LAYER_TYPES,
    OCI_CONFIG,
    OCI_INDEX,
    OCI_MANIFEST,
    REF_NAME,
    Compression,
    Descriptor,
    layer_compression,
)
from careen.oci.reference import full_name, is_untagged
from careen.oci.select import blob_name
from careen.oci.tar.write import END, TarHeaderFields, header, padding

LAYOUT_FILE = dump_json({"imageLayoutVersion": "1.0.0"})


def manifest_bytes(image: Image, layers: tuple[Descriptor, ...]) -> bytes:
    """Return the OCI manifest of an image whose layers are packed as described."""
    document = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": Descriptor(
            OCI_CONFIG, digest_of_bytes(image.config_bytes), len(image.config_bytes)
        ).document(),
        "layers": [layer.document() for layer in layers],
    }
    if image.annotations:
        document["annotations"] = dict(sorted(image.annotations.items()))
    return dump_json(document)


def docker_manifest_bytes(image: Image) -> bytes:
    """Return the manifest of an image with plain layers in docker's form, without annotations."""
    config = Descriptor(DOCKER_CONFIG, digest_of_bytes(image.config_bytes), len(image.config_bytes))
    layers = (Descriptor(DOCKER_LAYER, layer.diff_id, layer.size) for layer in image.layers)
    return dump_json(
        {
            "schemaVersion": 2,
            "mediaType": DOCKER_MANIFEST,
            "config": config.document(),
            "layers": [layer.document() for layer in layers],
        }
    )


@dataclass(frozen=True, slots=True)
class PackedLayer:
    """A layer as it was stored: the descriptor of its blob, and the file with the blob."""

    descriptor: Descriptor
    path: Path


def write_oci_layout(
    image: Image,
    directory: Path,
    tag: str | None = None,
    compression: Compression = Compression.GZIP,
    *,
    packed: Mapping[Digest, PackedLayer] | None = None,
) -> Digest:
    """Write an image into an OCI layout and return its manifest's digest.

    A new directory appears only when it is complete. In an existing layout, blobs are added, then
    the index is replaced atomically; images with the same tag (or untagged ones) are replaced.
    Layers whose diff IDs are in `packed` are linked as they are. Raises InputError if the directory
    is something else, CareenError if writing fails.
    """
    layout, meter = Layout(directory), image.budget.meter
    meter.expect(sum(each.size for each in image.layers if each.diff_id not in (packed or {})))
    try:
        with layout.building() as root:
            layers = tuple(
                _link_layer(root, kept)
                if (kept := (packed or {}).get(layer.diff_id)) is not None
                else _write_layer(root, pack(layer, compression, meter), compression)
                for layer in image.layers
            )
            write_blob(root, iter((image.config_bytes,)))
            manifest = manifest_bytes(image, layers)
            digest, size = write_blob(root, iter((manifest,)))
            layout.publish(
                root, _tagged(Descriptor(OCI_MANIFEST, digest, size), (tag,) if tag else (), image)
            )
    except OSError as error:
        msg = f"writing the image layout {str(directory)!r}: {error.strerror}"
        raise CareenError(msg) from error
    return digest


def _write_layer(
    root: Path, chunks: Iterator[bytes | bytearray], compression: Compression
) -> Descriptor:
    digest, size = write_blob(root, chunks)
    return Descriptor(LAYER_TYPES[compression], digest, size)


def _link_layer(root: Path, kept: PackedLayer) -> Descriptor:
    target = root / blob_name(kept.descriptor.digest)
    if not target.exists():
        os.link(kept.path, target)
    compression = layer_compression(kept.descriptor, str(kept.path))
    return Descriptor(LAYER_TYPES[compression], kept.descriptor.digest, kept.descriptor.size)


def write_blob(root: Path, chunks: Iterator[bytes | bytearray]) -> tuple[Digest, int]:
    """Write one blob under its digest, atomically; return digest and size."""
    folder = root / "blobs" / "sha256"
    part = folder / f".part-{os.getpid()}"
    hasher = hashlib.sha256()
    size = 0
    try:
        with part.open("wb") as out:
            for chunk in chunks:
                hasher.update(chunk)
                size += len(chunk)
                out.write(chunk)
        part.chmod(0o644)
        part.replace(folder / hasher.hexdigest())
    finally:
        part.unlink(missing_ok=True)
    return Digest(hasher.hexdigest()), size


def platform_document(platform: Platform) -> dict[str, str]:
    """Return the JSON object of a platform."""
    return {
        "architecture": platform.architecture,
        "os": platform.os,
        **({"variant": platform.variant} if platform.variant else {}),
    }


def _tagged(
    descriptor: Descriptor, names: tuple[str, ...], image: Image
) -> list[dict[str, object]]:
    return [
        {
            **descriptor.document(),
            **({"annotations": {REF_NAME: name}} if name else {}),
            "platform": platform_document(image.config.platform),
        }
        for name in (names or ("",))
    ]


def write_docker_archive(
    image: Image,
    stream: BinaryIO,
    tags: tuple[str, ...] = (),
    present: Collection[str] = (),
    oci_name: str = "",
    *,
    docker_form: bool = False,
) -> Digest:
    """Write an archive for `docker load` to a stream and return the manifest's digest.

    The stream may be a pipe. Layers are uncompressed; equal image and tags give equal bytes.
    Without tags, the image is loaded untagged. Layers whose diff IDs are in `present` are named but
    left out: a classic store that has them does not read them. `oci_name` is the image's name as
    an OCI archive, a tag's last part otherwise. With `docker_form` the layout's manifest has
    docker's form. Errors of the stream pass through.
    """
    names = tuple(full_name(tag) for tag in tags)
    layers = tuple(
        Descriptor(LAYER_TYPES[Compression.NONE], layer.diff_id, layer.size)
        for layer in image.layers
    )
    manifest = docker_manifest_bytes(image) if docker_form else manifest_bytes(image, layers)
    config = Descriptor(OCI_CONFIG, digest_of_bytes(image.config_bytes), len(image.config_bytes))
    kind = DOCKER_MANIFEST if docker_form else OCI_MANIFEST
    descriptor = Descriptor(kind, digest_of_bytes(manifest), len(manifest))
    annotations = [
        {CONTAINERD_NAME: name, REF_NAME: oci_name or name.rpartition(":")[2]} for name in names
    ] or [{REF_NAME: oci_name} if oci_name else {}]
    index = {
        "schemaVersion": 2,
        "mediaType": OCI_INDEX,
        "manifests": [
            {**descriptor.document(), **({"annotations": item} if item else {})}
            for item in annotations
        ],
    }
    saved = {
        "Config": blob_name(config.digest),
        # docker refuses a name without a tag.
        "RepoTags": [f"{tag}:latest" if is_untagged(tag) else tag for tag in tags] or None,
        "Layers": [blob_name(layer.digest) for layer in layers],
    }
    put, meter = TarStream(stream), image.budget.meter
    for folder in ("blobs", "blobs/sha256"):
        put.folder(folder)
    wanted = {layer.diff_id: layer for layer in image.layers if str(layer.diff_id) not in present}
    meter.expect(sum(layer.size for layer in wanted.values()))
    for diff_id, layer in wanted.items():
        put.file(blob_name(diff_id), layer.size, checked_chunks(layer, meter))
    for name, data in (
        (blob_name(config.digest), image.config_bytes),
        (blob_name(descriptor.digest), manifest),
        ("index.json", dump_json(index)),
        ("manifest.json", dump_json([saved])),
        ("oci-layout", LAYOUT_FILE),
    ):
        put.file(name, len(data), iter((data,)))
    stream.write(END)
    return descriptor.digest


class TarStream:
    """Tar entries with fixed owner, mode and time, written one after the other."""

    def __init__(self, stream: BinaryIO) -> None:
        self._write: Callable[[bytes], object] = stream.write

    def folder(self, name: str) -> None:
        """Write a directory."""
        self._write(header(TarHeaderFields(name, EntryKind.DIRECTORY, 0o755)))

    def file(self, name: str, size: int, chunks: Iterator[bytes]) -> None:
        """Write a file of `size` bytes."""
        self._write(header(TarHeaderFields(name, EntryKind.FILE, 0o644, size=size)))
        for chunk in chunks:
            self._write(chunk)
        self._write(bytes(padding(size)))
