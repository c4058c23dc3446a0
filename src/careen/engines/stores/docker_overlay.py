"""Reader of docker's classic store (overlay2)."""

import hashlib
import re
from contextlib import ExitStack
from pathlib import Path

from careen.engines.stores.split_image import SplitImage, SplitLayer, diff_ids
from careen.errors import ImageError
from careen.oci.blobs import open_file
from careen.oci.open import Unpacker

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")
_CACHE_ID = re.compile(r"[0-9a-z][0-9a-z-]{0,99}\Z")
_SHORT = 200


def open_docker_overlay(root: Path, image_id: str, unpacker: Unpacker) -> SplitImage:
    """Return an image of docker's data directory `root`. Raises as `SplitImage`."""
    files: ExitStack = unpacker.files
    meta = root / "image" / "overlay2"
    config = open_file(meta / "imagedb" / "content" / "sha256" / _hex(image_id), files)
    below = diff_ids(config, f"{image_id}: config")
    layers = [
        _layer(root, meta / "layerdb" / "sha256" / _hex(chain), diff_id)
        for diff_id, chain in zip(below, _chain_ids(below), strict=True)
    ]
    return SplitImage(config, layers, unpacker)


def _layer(root: Path, record: Path, diff_id: str) -> SplitLayer:
    cache = _short(record / "cache-id")
    if not _CACHE_ID.match(cache):
        msg = f"{record}: a cache-id that is none"
        raise ImageError(msg)
    size = _short(record / "size")
    return SplitLayer(
        diff_id,
        root / "overlay2" / cache / "diff",
        record / "tar-split.json.gz",
        int(size) if size.isdigit() else 0,
    )


def _chain_ids(diff_ids: list[str]) -> list[str]:
    """Return the chain ID of each layer (OCI image specification, "Layer ChainID")."""
    out: list[str] = []
    for digest in diff_ids:
        _hex(digest)
        under = out[-1] if out else None
        both = f"{under} {digest}".encode()
        out.append(digest if under is None else f"sha256:{hashlib.sha256(both).hexdigest()}")
    return out


def _hex(digest: str) -> str:
    if not _DIGEST.match(digest):
        msg = f"{digest[:100]!r}: not a sha256 digest"
        raise ImageError(msg)
    return digest.removeprefix("sha256:")


def _short(path: Path) -> str:
    with path.open("rb") as stream:
        return stream.read(_SHORT).decode("ascii", "replace").strip()
