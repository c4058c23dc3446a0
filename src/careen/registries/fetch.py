"""Fetch an image of a registry into a layout of the run, with blobs of earlier runs."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from careen.errors import ImageError, InputError, ToolError
from careen.model.digest import Digest
from careen.oci.documents import dump_json
from careen.oci.image import Image
from careen.oci.limits import MAX_DOCUMENT
from careen.oci.manifest import (
    OCI_INDEX,
    OCI_MANIFEST,
    Compression,
    Descriptor,
    layer_compression,
)
from careen.oci.reference import OciLayout
from careen.oci.room import LEFT, MOST_LEFT
from careen.oci.select import blob_name
from careen.oci.write import LAYOUT_FILE, PackedLayer
from careen.registries.blob_cache import BlobCache
from careen.registries.manifests import Remote, raw_config
from careen.registries.skopeo import Call, Skopeo, seconds_for

_SLACK = 16 << 20  # documents and partial blocks, over what the manifest declares


@dataclass(slots=True)
class FetchedLayout:
    """A layout with one image; `borrowed` are the blobs that came from the cache."""

    path: Path
    remote: Remote
    borrowed: set[Digest] = field(default_factory=set)

    @property
    def reference(self) -> OciLayout:
        return OciLayout(self.path)

    def blob(self, digest: Digest) -> Path:
        """Return the path of a blob."""
        return self.path / blob_name(digest)

    def require(self, digest: Digest) -> None:
        """Raise ImageError if a blob's content does not match its digest."""
        if _sha256(self.blob(digest)) != digest:
            msg = (
                f"{self.remote.image}: the content of the blob {digest} does not match its digest;"
                " nothing of it is used"
            )
            raise ImageError(msg)

    def packed(self, image: Image) -> dict[Digest, PackedLayer]:
        """Return the compressed layers of the image that was opened from here, by diff ID."""
        return {
            layer.diff_id: PackedLayer(blob, self.blob(blob.digest))
            for layer, blob in zip(image.layers, self.remote.manifest.layers, strict=True)
            if layer_compression(blob, str(self.path)) is not Compression.NONE
        }

    @property
    def borrowed_bytes(self) -> int:
        """Bytes that came from the cache."""
        blobs = (self.remote.manifest.config, *self.remote.manifest.layers)
        sizes = {blob.digest: blob.size for blob in blobs}
        return sum(sizes[digest] for digest in self.borrowed)

    def damaged(self) -> list[Digest]:
        """Return the borrowed blobs whose content does not match their digest."""
        return [digest for digest in sorted(self.borrowed) if _sha256(self.blob(digest)) != digest]


def fetch(remote: Remote, path: Path, cache: BlobCache | None, skopeo: Skopeo) -> FetchedLayout:
    """Fetch an image into a new layout at `path`; blobs of the cache are not fetched.

    skopeo checks what it fetches; who opens the layout checks everything. Raises InputError (no
    room), ImageError or ToolError.
    """
    layout = FetchedLayout(path, remote)
    (path / "blobs" / "sha256").mkdir(parents=True)
    (path / "oci-layout").write_bytes(LAYOUT_FILE)
    missing = _borrow(layout, cache)
    wanted = sum(missing.values())
    if missing:
        if cache is not None:
            cache.shrink(wanted + _reserve(path))
        _require_room(wanted, path, remote)
        _copy(layout, wanted, skopeo)
    config = remote.manifest.config
    if config.digest not in layout.borrowed:
        layout.blob(config.digest).write_bytes(raw_config(remote, skopeo))
    # skopeo converts docker's documents to OCI's; the image keeps its own.
    layout.blob(remote.digest).write_bytes(remote.raw)
    descriptor = Descriptor(remote.media_type or OCI_MANIFEST, remote.digest, len(remote.raw))
    (path / "index.json").write_bytes(
        dump_json(
            {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [descriptor.document()]}
        )
    )
    return layout


def keep(layout: FetchedLayout, cache: BlobCache) -> None:
    """Add the blobs of a layout that was opened, and so verified, to the cache."""
    for blob in (layout.remote.manifest.config, *layout.remote.manifest.layers):
        if blob.digest not in layout.borrowed:
            cache.keep(blob.digest, layout.blob(blob.digest))
    cache.shrink()


def _borrow(layout: FetchedLayout, cache: BlobCache | None) -> dict[Digest, int]:
    """Link what the cache has; return the layers that it lacks, with their sizes."""
    missing: dict[Digest, int] = {}
    for blob in (layout.remote.manifest.config, *layout.remote.manifest.layers):
        if blob.digest in layout.borrowed or blob.digest in missing:
            continue
        if cache is not None and cache.take(blob.digest, blob.size, layout.blob(blob.digest)):
            layout.borrowed.add(blob.digest)
        elif blob.digest != layout.remote.manifest.config.digest:
            missing[blob.digest] = blob.size
    return missing


def _copy(layout: FetchedLayout, wanted: int, skopeo: Skopeo) -> None:
    """Let skopeo fetch the missing layers, and end it when more comes than is declared."""
    remote = layout.remote
    source = remote.image.at(remote.digest)
    doing = f"fetching {remote.image}"
    watch = Watch(layout.path, wanted, lambda text: skopeo.say(f"{doing}: {text}"))
    words = (
        "--quiet",
        "--dest-oci-accept-uncompressed-layers",
        str(source),
        f"oci:{layout.path}:fetched",
    )
    call = Call("copy", words, source, doing, "src-", seconds_for(wanted), watch.exceeded)
    try:
        skopeo.call(call)
    except ToolError as error:
        if watch.over:
            msg = (
                f"{doing}: more comes than the {wanted:,} bytes that the manifest declares; the"
                " transfer was ended"
            )
            raise ToolError(msg) from error
        raise


class Watch:
    """Observer of a growing layout; `over` is set when more comes than the `wanted` bytes."""

    def __init__(self, path: Path, wanted: int, say: Callable[[str], None]) -> None:
        self._path, self._say = path, say
        self._before = _bytes_below(path)
        self._wanted = wanted
        self.over = False

    def exceeded(self) -> bool:
        """Return whether more has come than may; tell how much came."""
        come = _bytes_below(self._path) - self._before
        self._say(f"{come >> 20:,} of {self._wanted >> 20:,} MiB")
        self.over = come > self._wanted + _SLACK + 2 * MAX_DOCUMENT
        return self.over


def _bytes_below(path: Path) -> int:
    total = 0
    for folder, _, names in os.walk(path):
        for name in names:
            try:
                total += (Path(folder) / name).lstat().st_size
            except OSError:  # renamed meanwhile
                continue
    return total


def _reserve(path: Path) -> int:
    disk = os.statvfs(path)
    return int(min(LEFT * disk.f_blocks * disk.f_frsize, MOST_LEFT))


def _require_room(wanted: int, path: Path, remote: Remote) -> None:
    disk = os.statvfs(path)
    room = max(disk.f_bavail * disk.f_frsize - _reserve(path), 0)
    if wanted > room:
        msg = (
            f"fetching {remote.image}: its layers have {wanted:,} bytes, and the file system of"
            f" {str(path.parent)!r} has room for {room:,}; free some space or name another"
            " directory with --work-dir"
        )
        raise InputError(msg)


def _sha256(path: Path) -> Digest:
    with path.open("rb") as stream:
        return Digest(hashlib.file_digest(stream, "sha256").hexdigest())
