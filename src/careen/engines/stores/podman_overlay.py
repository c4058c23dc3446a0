"""Reader of podman's store (containers/storage with its overlay driver)."""

import base64
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from careen.engines.stores.split_image import SplitImage, SplitLayer, diff_ids
from careen.errors import CareenError, ImageError
from careen.oci.blobs import open_file
from careen.oci.documents import as_list, as_object, as_text, read_json
from careen.oci.limits import MAX_DOCUMENT, MAX_LAYERS
from careen.oci.manifest import Compression, Manifest, layer_compression, parse_manifest
from careen.oci.open import Unpacker

_ID = re.compile(r"[0-9a-f]{64}\Z")
_RECORDS = ("layers.json", "volatile-layers.json")


def open_podman_overlay(root: Path, image_id: str, unpacker: Unpacker) -> SplitImage:
    """Return an image of podman's graph root. Raises as `SplitImage`."""
    digest = image_id.removeprefix("sha256:")
    name = base64.b64encode(f"sha256:{digest}".encode()).decode()
    config = open_file(_folder(root, digest) / f"={name}", unpacker.files, follow=False)
    layers = [_layer(root, record) for record in _stack(root, digest)]
    if [layer.diff_id for layer in layers] != diff_ids(config, f"{image_id}: config"):
        msg = f"{image_id}: podman's store records other layers than the image's config"
        raise ImageError(msg)
    return SplitImage(config, layers, unpacker)


def _folder(root: Path, digest: str) -> Path:
    if not _ID.match(digest):
        msg = f"{digest[:100]!r}: not an id of podman's store"
        raise ImageError(msg)
    return root / "overlay-images" / digest


def _stack(root: Path, digest: str) -> list[Mapping[str, Any]]:
    """Return the records of an image's layers, lowest first."""
    images = {str(item.get("id")): item for item in _records(root / "overlay-images/images.json")}
    layers = {
        str(item.get("id")): item
        for name in _RECORDS
        if (path := root / "overlay-layers" / name).exists()
        for item in _records(path)
    }
    found: list[Mapping[str, Any]] = []
    above = str((images.get(digest) or {}).get("layer") or "")
    while above:
        record = layers.get(above)
        if record is None or len(found) == MAX_LAYERS:
            msg = f"{digest}: podman's store has no layer {above[:100]!r}, or too many"
            raise ImageError(msg)
        found.append(record)
        above = str(record.get("parent") or "")
    return found[::-1]


def _records(path: Path) -> Iterator[Mapping[str, Any]]:
    return (as_object(item, str(path)) for item in as_list(_document(path), str(path)))


def _document(path: Path) -> Any:
    with path.open("rb") as stream:
        return read_json(stream.read(MAX_DOCUMENT + 1), str(path))


def _layer(root: Path, record: Mapping[str, Any]) -> SplitLayer:
    where = "podman's store: a layer"
    layer_id = as_text(record.get("id"), where)
    if not _ID.match(layer_id):
        msg = f"{where}: {layer_id[:100]!r} is no id"
        raise ImageError(msg)
    size = record.get("diff-size")
    return SplitLayer(
        as_text(record.get("diff-digest"), where),
        root / "overlay" / layer_id / "diff",
        root / "overlay-layers" / f"{layer_id}.tar-split.gz",
        size if isinstance(size, int) and size > 0 else 0,
    )


def is_of_registry(root: Path, image_id: str) -> bool:
    """Return whether an image's manifest can be a registry's: its layers are compressed.

    False if it cannot be read. Podman writes a manifest of its own for an image that was built or
    loaded.
    """
    with suppress(CareenError, OSError, ValueError), ExitStack() as files:
        path = _folder(root, image_id.removeprefix("sha256:")) / "manifest"
        found = open_file(path, files, follow=False)
        if found.size <= MAX_DOCUMENT:
            manifest = parse_manifest(found.read_at(0, found.size), "", str(path))
            layers = manifest.layers if isinstance(manifest, Manifest) else ()
            kinds = [layer_compression(layer, str(path)) for layer in layers]
            return bool(kinds) and Compression.NONE not in kinds
    return False
