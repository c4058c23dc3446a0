"""Writing of an image index: its manifests collected in a layout, then the index over them."""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from careen.errors import CareenError, ImageError
from careen.model.digest import Digest
from careen.oci.blobs import Store
from careen.oci.documents import dump_json
from careen.oci.extents import Extents
from careen.oci.hashing import CHUNK
from careen.oci.manifest import (
    OCI_INDEX,
    REF_NAME,
    Descriptor,
    Index,
    parse_manifest,
    refuse_urls,
)
from careen.oci.select import blob_name, read_blob
from careen.oci.tar.write import END
from careen.oci.write import LAYOUT_FILE, TarStream, platform_document, write_blob


def copy_manifest(store: Store, descriptor: Descriptor, layout: Path, where: str) -> None:
    """Copy a manifest as it is, with its config and layers, into a layout that is being made.

    Each blob's size and digest are checked. Raises ImageError.
    """
    for part in check_manifest(store, descriptor, where):
        _copy_blob(store, part, layout, where)
    data = read_blob(store, descriptor, f"{where}: manifest {descriptor.digest}")
    write_blob(layout, iter((data,)))


def check_manifest(store: Store, descriptor: Descriptor, where: str) -> tuple[Descriptor, ...]:
    """Return what a manifest is copied with: its config and layers, all of them in the store.

    It may be an image's or an artifact's. Raises ImageError for what cannot be copied.
    """
    place = f"{where}: manifest {descriptor.digest}"
    data = read_blob(store, descriptor, place)
    found = parse_manifest(data, descriptor.media_type, place, artifact=True)
    if isinstance(found, Index):
        msg = f"{place}: expected a manifest, got an index"
        raise ImageError(msg)
    refuse_urls(data, place)
    parts = (found.config, *found.layers)
    for part in parts:
        _find(store, part, place)
    return parts


def _find(store: Store, part: Descriptor, where: str) -> Extents:
    found = store.find(blob_name(part.digest))
    if found is None or found.size != part.size:
        msg = f"{where}: the blob {part.digest} of {part.size:,} bytes is not in the image"
        raise ImageError(msg)
    return found


def _copy_blob(store: Store, part: Descriptor, layout: Path, where: str) -> None:
    if (layout / blob_name(part.digest)).exists():
        return
    found = _find(store, part, where)

    def chunks() -> Iterator[bytes]:
        at = 0
        while chunk := found.read_at(at, min(CHUNK, found.size - at)):
            yield chunk
            at += len(chunk)

    digest, _ = write_blob(layout, chunks())
    if digest != part.digest:
        (layout / blob_name(digest)).unlink()
        msg = (
            f"{where}: a blob's content does not match its digest: expected {part.digest},"
            f" computed {digest}"
        )
        raise ImageError(msg)


def new_layout(path: Path) -> Path:
    """Make an empty layout, to which manifests are added."""
    (path / "blobs" / "sha256").mkdir(parents=True)
    (path / "oci-layout").write_bytes(LAYOUT_FILE)
    return path


def add_blobs(source: Path, layout: Path) -> None:
    """Add all blobs of one layout to another. Raises CareenError (disk full)."""
    try:
        for blob in sorted((source / "blobs" / "sha256").iterdir()):
            _link(blob, layout / "blobs" / "sha256" / blob.name)
    except OSError as error:
        msg = f"writing the image index: {error.strerror}"
        raise CareenError(msg) from error


def write_index(
    layout: Path,
    manifests: Sequence[Mapping[str, Any]],
    annotations: Mapping[str, str],
    tag: str | None,
) -> Descriptor:
    """Write the index over manifests of a layout, and make it the one image of the layout.

    `manifests` are descriptors. Equal input gives equal bytes. Raises CareenError (disk full).
    """
    data = dump_json(
        {
            "schemaVersion": 2,
            "mediaType": OCI_INDEX,
            "manifests": list(manifests),
            **({"annotations": dict(sorted(annotations.items()))} if annotations else {}),
        }
    )
    parse_manifest(data, OCI_INDEX, "the new index")  # its limits are those of what is read
    try:
        digest, size = write_blob(layout, iter((data,)))
        named = Descriptor(OCI_INDEX, digest, size, {REF_NAME: tag} if tag else {})
        (layout / "index.json").write_bytes(
            dump_json({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [named.document()]})
        )
    except OSError as error:
        msg = f"writing the image index: {error.strerror}"
        raise CareenError(msg) from error
    return named


def reachable(layout: Path, descriptor: Descriptor) -> Iterator[Digest]:
    """Yield the digests of a descriptor's blob and of all that it leads to."""
    yield descriptor.digest
    data = (layout / blob_name(descriptor.digest)).read_bytes()
    where = f"manifest {descriptor.digest}"
    found = parse_manifest(data, "", where, artifact=True)
    if isinstance(found, Index):
        for item in found.manifests:
            yield from reachable(layout, item)
    else:
        yield from (part.digest for part in (found.config, *found.layers))


def place_layout(layout: Path, into: Path, tag: str | None) -> None:
    """Copy a layout with one image to a new directory, as `tag`. May raise OSError."""
    new_layout(into)
    (named,) = _named(layout)
    for digest in dict.fromkeys(reachable(layout, named)):
        # No link: the blobs may be those of the cache, which what the user does here must not
        # change.
        _copy(layout / blob_name(digest), into / blob_name(digest))
    renamed = Descriptor(named.media_type, named.digest, named.size, {REF_NAME: tag} if tag else {})
    document = renamed.document()
    if named.platform is not None:
        document["platform"] = platform_document(named.platform)
    (into / "index.json").write_bytes(
        dump_json({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [document]})
    )


def _named(layout: Path) -> tuple[Descriptor, ...]:
    where = "the new index"
    found = parse_manifest((layout / "index.json").read_bytes(), OCI_INDEX, where)
    return found.manifests if isinstance(found, Index) else ()


def _link(source: Path, target: Path) -> None:
    if target.exists():
        return
    try:
        os.link(source, target)
    except OSError:  # another file system
        _copy(source, target)


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    target.chmod(0o644)


def write_layout_archive(layout: Path, stream: BinaryIO) -> None:
    """Write a layout as a tar archive with fixed order, owners and times. May raise OSError."""
    put = TarStream(stream)
    for folder in ("blobs", "blobs/sha256"):
        put.folder(folder)
    files = sorted((layout / "blobs" / "sha256").iterdir())
    for path in (*files, layout / "index.json", layout / "oci-layout"):
        put.file(str(path.relative_to(layout)), path.stat().st_size, _chunks(path))
    stream.write(END)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as source:
        while chunk := source.read(CHUNK):
            yield chunk
