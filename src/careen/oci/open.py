"""Opening of an image on disk: find the manifest, verify every digest, read layers in place."""

import os
import re
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from careen.errors import CareenError, ImageError, InputError
from careen.model.digest import Digest
from careen.model.image import ImageConfig, Platform
from careen.model.rbom import ImageRef
from careen.model.runs.meter import Meter
from careen.model.runs.run_budget import RunBudget
from careen.oci.blobs import ArchiveStore, DirectoryStore, Store, read_document
from careen.oci.config import layer_histories, parse_config
from careen.oci.decompress import decompress, sniff
from careen.oci.docker_archive import MANIFEST, pick, read_saved
from careen.oci.documents import as_object, as_text, read_json
from careen.oci.extents import Extents, FilePart
from careen.oci.hashing import digest_of_bytes, digest_of_extents
from careen.oci.image import Image, Layer
from careen.oci.manifest import Compression, Descriptor, Index, layer_compression, parse_manifest
from careen.oci.reference import DockerArchive, OciArchive, OciLayout, StoredImage
from careen.oci.select import Found, blob_name, choose, manifests, matches, read_blob, tagged
from careen.oci.tree.merge import merge
from careen.oci.tree.nodes import Merged

_HEX = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_THREADS = min(4, os.cpu_count() or 1)

HashBeside = Callable[[Extents, Callable[[int], None]], Digest | None]
"""Return the digest of a layer that another process computes; None if it must be computed here.

The function that it is given is told how many bytes more were hashed; what it raises is passed on.
"""


@dataclass(frozen=True, slots=True)
class _Blob:
    """A layer as stored; `digest` is None if only the diff ID is stated (docker archives)."""

    extents: Extents
    compression: Compression
    digest: Digest | None

    @property
    def identity(self) -> tuple[object, ...]:
        """Key that is equal for two layers of the same blob."""
        if self.digest is not None:
            return (self.compression, self.digest)
        # In an archive that is one range of a file; of the files of a directory there is one each.
        parts = self.extents.parts()
        return (self.compression, *(parts if len(parts) == 1 else (id(self.extents),)))


@dataclass(frozen=True, slots=True)
class Unpacker:
    """Target directory for unpacked layers, their open files, and the budget."""

    scratch: Path
    files: ExitStack
    budget: RunBudget


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts of an image before its layers are verified."""

    config_bytes: bytes
    config: ImageConfig
    blobs: tuple[_Blob, ...]
    found: Found | None


def open_image(
    reference: StoredImage,
    platform: Platform | None,
    scratch: Path,
    *,
    name: str | None = None,
    budget: RunBudget | None = None,
) -> Image:
    """Open and verify an image: manifest, config, every layer blob and every diff ID.

    `platform` None means the host's, or the only one. Compressed layers are unpacked to unlinked
    files in `scratch`, and nothing else is written. The caller closes the image. Raises InputError
    (choice of the image), ImageError (content), BudgetError (cost), CareenError (`scratch` is
    full).
    """
    where = name or str(reference)
    budget = budget if budget is not None else RunBudget()
    with budget.reading(), ExitStack() as files:
        unpacker = Unpacker(scratch, files, budget)
        match reference:
            case DockerArchive(path, ref):
                parts = _saved(ArchiveStore(path, scratch, files, budget), ref, platform, where)
            case OciLayout(path, tag):
                parts = _laid_out(DirectoryStore(path, files), tag, platform, where)
                budget.admit(_size_of(parts))
            case OciArchive(path, tag):
                parts = _laid_out(ArchiveStore(path, scratch, files, budget), tag, platform, where)
        return _image(parts, unpacker, where)
    raise AssertionError(reference)  # pragma: no cover — ExitStack does not swallow


def open_saved(
    store: Store,
    platform: Platform | None,
    unpacker: Unpacker,
    where: str,
    hash_beside: HashBeside | None = None,
) -> Image:
    """Open the one image of a docker archive's store, as `open_image` does.

    The image takes over `unpacker.files`, which hold the store open.
    """
    with unpacker.budget.reading():
        return _image(_saved(store, None, platform, where), unpacker, where, hash_beside)


def open_laid_out(store: Store, platform: Platform | None, unpacker: Unpacker, where: str) -> Image:
    """Open the one image of a layout's store, as `open_saved` does."""
    with unpacker.budget.reading():
        parts = _laid_out(store, None, platform, where)
        unpacker.budget.admit(_size_of(parts))
        return _image(parts, unpacker, where)


def _image(
    parts: _Parts, unpacker: Unpacker, where: str, hash_beside: HashBeside | None = None
) -> Image:
    layers, merged = _layers(parts, unpacker, where, hash_beside)
    ref = ImageRef(
        reference=where,
        manifest_digest=str(parts.found.digest) if parts.found else None,
        config_digest=str(digest_of_bytes(parts.config_bytes)),
        diff_ids=tuple(str(layer.diff_id) for layer in layers),
        platform=str(parts.config.platform),
    )
    annotations = parts.found.manifest.annotations if parts.found else {}
    image = Image(
        ref, parts.config_bytes, parts.config, layers, annotations, unpacker.files.pop_all()
    )
    if merged is not None:
        image.take_merged(merged)
    image.budget = unpacker.budget
    return image


class _Stoppable(Extents):
    """Extents that fail to read once `stop` is set; `meter` counts what was read."""

    __slots__ = ("_meter", "_stop")

    def __init__(self, source: Extents, stop: threading.Event, meter: Meter) -> None:
        super().__init__(source)
        self._stop, self._meter = stop, meter
        meter.expect(self.size)

    def fill(self, view: memoryview, start: int) -> int:
        self.moved(0)
        got = super().fill(view, start)
        self._meter.move(got)
        return got

    def moved(self, size: int) -> None:
        """Count bytes that were read, or raise ImageError."""
        # Leaving the pool waits for its threads; a layer of 20 GB takes minutes after Ctrl-C.
        if self._stop.is_set():
            msg = "reading the image was given up"
            raise ImageError(msg)
        self._meter.move(size)


class _Guarded(Extents):
    """Extents that fail to read once `failed` is set; the merge reads by `read_at` alone."""

    __slots__ = ("_failed",)

    def __init__(self, source: Extents, failed: threading.Event) -> None:
        super().__init__(source)
        self._failed = failed

    def read_at(self, start: int, size: int) -> bytes:
        if self._failed.is_set():
            msg = "merging the layers was given up, as one of them is damaged"
            raise ImageError(msg)
        return super().read_at(start, size)


def _index(store: Store, where: str) -> Index:
    layout = as_object(
        read_json(read_document(store, "oci-layout", where), f"{where}: oci-layout"),
        f"{where}: oci-layout",
    )
    version = as_text(layout.get("imageLayoutVersion"), f"{where}: oci-layout.imageLayoutVersion")
    if version != "1.0.0":
        msg = f"{where}: oci-layout.imageLayoutVersion: expected '1.0.0', got {version!r}"
        raise ImageError(msg)
    index = parse_manifest(read_document(store, "index.json", where), "", f"{where}: index.json")
    if not isinstance(index, Index):
        msg = f"{where}: index.json: expected an image index, got a manifest"
        raise ImageError(msg)
    return index


def _laid_out(store: Store, tag: str | None, platform: Platform | None, where: str) -> _Parts:
    found = choose(
        store, manifests(store, tagged(_index(store, where), tag, where), where), platform, where
    )
    config_bytes = read_blob(store, found.manifest.config, f"{where}: config")
    # A layer may be named a thousand times; it is opened once.
    known: dict[tuple[str, Digest, int], _Blob] = {}
    keys = [
        (descriptor.media_type, descriptor.digest, descriptor.size)
        for descriptor in found.manifest.layers
    ]
    for i, (key, descriptor) in enumerate(zip(keys, found.manifest.layers, strict=True)):
        if key not in known:
            known[key] = _blob(store, descriptor, f"{where}: layers[{i}]")
    blobs = tuple(known[key] for key in keys)
    return _Parts(config_bytes, parse_config(config_bytes, f"{where}: config"), blobs, found)


def _size_of(parts: _Parts) -> int:
    """Return the bytes that an image takes in a layout, repeated blobs counted once."""
    return sum({blob.identity: blob.extents.size for blob in parts.blobs}.values())


def _blob(store: Store, descriptor: Descriptor, where: str) -> _Blob:
    compression = layer_compression(descriptor, where)
    found = store.find(blob_name(descriptor.digest))
    if found is None:
        msg = f"{where}: the blob {descriptor.digest} is not in the image"
        raise ImageError(msg)
    if found.size != descriptor.size:
        msg = (
            f"{where}: blob {descriptor.digest} has {found.size} bytes, the manifest says"
            f" {descriptor.size}"
        )
        raise ImageError(msg)
    return _Blob(found, compression, descriptor.digest)


def _saved(store: Store, ref: str | None, platform: Platform | None, where: str) -> _Parts:
    if store.find(MANIFEST) is None and store.find("index.json") is not None:
        msg = f"{where}: an OCI archive, not a docker archive; call it oci-archive:"
        raise InputError(msg)
    saved = pick(read_saved(store, where), ref, where)
    config_bytes = read_document(store, saved.config, where)
    named = _HEX.search(saved.config)
    if named:
        _expect(
            Digest(named.group()),
            digest_of_bytes(config_bytes),
            f"the config {saved.config!r} does not match the digest in its name",
            where,
        )
    config = parse_config(config_bytes, f"{where}: config")
    if platform is not None and not matches(config.platform, platform):
        msg = (
            f"{where}: no image for {platform}; available: {config.platform} (choose with"
            " --platform)"
        )
        raise InputError(msg)
    blobs: list[_Blob] = []
    for i, name in enumerate(saved.layers):
        extents = store.find(name)
        if extents is None:
            msg = f"{where}: layers[{i}]: no {name!r} in the archive"
            raise ImageError(msg)
        blobs.append(_Blob(extents, sniff(extents), None))
    return _Parts(config_bytes, config, tuple(blobs), _same_image(store, config_bytes, where))


def _same_image(store: Store, config_bytes: bytes, where: str) -> Found | None:
    """Return the OCI manifest of the same config if the archive is also a layout (docker 25 on)."""
    if store.find("index.json") is None or store.find("oci-layout") is None:
        return None
    digest = digest_of_bytes(config_bytes)
    for descriptor, manifest in manifests(store, _index(store, where).manifests, where):
        if manifest.config.digest == digest:
            return Found(descriptor.digest, manifest, descriptor.platform or Platform("linux", ""))
    return None


def _layers(
    parts: _Parts, unpacker: Unpacker, where: str, hash_beside: HashBeside | None
) -> tuple[tuple[Layer, ...], Merged | None]:
    """Verify every layer once, and unpack compressed ones; return the merged tree if it is known.

    Layers that are not compressed are merged while they are verified.
    """
    diff_ids = parts.config.diff_ids
    if len(diff_ids) != len(parts.blobs):
        msg = (
            f"{where}: the config names {len(diff_ids)} layers (diff_ids), the manifest"
            f" {len(parts.blobs)}"
        )
        raise ImageError(msg)
    stop, failed = threading.Event(), threading.Event()

    def ended(future: Future[Extents]) -> None:
        if not future.cancelled() and future.exception() is not None:
            failed.set()

    pending: dict[tuple[object, ...], Future[Extents]] = {}
    with ThreadPoolExecutor(_THREADS) as pool:
        for i, (blob, diff_id) in enumerate(zip(parts.blobs, diff_ids, strict=True)):
            if (key := (*blob.identity, diff_id)) not in pending:
                content = _Stoppable(blob.extents, stop, unpacker.budget.meter)
                beside = partial(hash_beside, blob.extents, content.moved) if hash_beside else None
                pending[key] = pool.submit(
                    _verified,
                    replace(blob, extents=content),
                    diff_id,
                    unpacker,
                    f"{where}: layers[{i}]",
                    beside,
                )
                pending[key].add_done_callback(ended)
        done = [
            pending[(*blob.identity, diff_id)]
            for blob, diff_id in zip(parts.blobs, diff_ids, strict=True)
        ]
        try:
            merged = _merged(parts, unpacker.budget, failed)
            found = [future.result() for future in done]
        except BaseException:
            stop.set()
            for future in done:
                future.cancel()
            raise
    # A layer that was not unpacked is read on as it is: no longer stopped, nor counted.
    extents = [
        blob.extents if blob.compression is Compression.NONE else unpacked
        for blob, unpacked in zip(parts.blobs, found, strict=True)
    ]
    histories = layer_histories(parts.config, len(extents))
    layers = tuple(
        Layer(*item, hashed=True) for item in zip(diff_ids, extents, histories, strict=True)
    )
    return layers, merged


def _merged(parts: _Parts, budget: RunBudget, failed: threading.Event) -> Merged | None:
    """Return the merged tree of layers that are not compressed, None once a layer has `failed`."""
    if any(blob.compression is not Compression.NONE for blob in parts.blobs):
        return None
    # A layer that is named twice stays one object: it is read once.
    guarded = {id(blob.extents): _Guarded(blob.extents, failed) for blob in parts.blobs}
    try:
        return merge([guarded[id(blob.extents)] for blob in parts.blobs], budget)
    except CareenError:
        # A layer that is not what its digest says is refused for that; others are merged again,
        # and say what is wrong with them, when somebody asks.
        return None


def _expect(expected: Digest, seen: Digest, what: str, where: str) -> None:
    if expected != seen:
        msg = f"{where}: {what}: expected {expected}, computed {seen}"
        raise ImageError(msg)


def _verified(
    blob: _Blob,
    diff_id: Digest,
    unpacker: Unpacker,
    where: str,
    beside: Callable[[], Digest | None] | None,
) -> Extents:
    if blob.compression is Compression.NONE:
        seen = (beside() if beside is not None else None) or digest_of_extents(blob.extents)
        _expect(
            blob.digest or diff_id, seen, "the layer's content does not match its digest", where
        )
        _expect(
            diff_id, seen, "the layer's content does not match the diff ID in the config", where
        )
        return blob.extents
    plain = decompress(blob.extents, blob.compression, unpacker.scratch, where, unpacker.budget)
    unpacker.files.callback(os.close, plain.fd)
    if blob.digest is not None:
        _expect(
            blob.digest, plain.packed_digest, "the layer's content does not match its digest", where
        )
    _expect(
        diff_id,
        plain.digest,
        "the unpacked layer is damaged or cut short: it does not match the diff ID in the config",
        where,
    )
    return Extents([FilePart(plain.fd, 0, plain.size)])
