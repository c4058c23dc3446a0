"""Documents about an image in a registry: which there are, and their bytes."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from careen.errors import ImageError
from careen.model.digest import Digest
from careen.oci.documents import as_list, as_object, read_json
from careen.oci.hashing import digest_of_bytes
from careen.oci.index.ended import list_tag
from careen.oci.manifest import (
    OCI_MANIFEST,
    Descriptor,
    Index,
    parse_descriptor,
    parse_manifest,
)
from careen.oci.reference import RegistryImage
from careen.oci.select import blob_name
from careen.registries.fetch import Watch
from careen.registries.listing import referrers_of
from careen.registries.manifests import manifest_at
from careen.registries.skopeo import Call, Skopeo, seconds_for

MOST_BYTES = 1 << 30
"""Bytes of one artifact: a bundle may hold a list of all packages."""
MOST_BLOBS = 64


@dataclass(frozen=True, slots=True)
class Blob:
    """A document: the type that its descriptor states, and its bytes."""

    media_type: str
    data: bytes


def artifacts_about(
    image: RegistryImage, digests: Iterable[Digest], tags: Collection[str] | None, skopeo: Skopeo
) -> tuple[Descriptor, ...]:
    """Return the artifacts that say something about one of these digests, each once.

    They are those that the registry lists as referrers, those of the list under the tag
    `sha256-HEX`, and cosign's `sha256-HEX.att`. `tags` are those of the repository, None if they
    are not known. Raises InputError, ImageError or ToolError.
    """
    found: dict[Digest, Descriptor] = {}
    for digest in dict.fromkeys(digests):
        for item in _about(image, digest, tags, skopeo):
            found.setdefault(item.digest, item)
    return tuple(found.values())


def _about(
    image: RegistryImage, digest: Digest, tags: Collection[str] | None, skopeo: Skopeo
) -> Iterator[Descriptor]:
    where = f"{image.at(digest)}: referrers"
    for item in referrers_of(image, digest, skopeo) or ():
        yield _descriptor(item, where)
    tag = list_tag(digest)
    if tags is None or tag in tags:
        place = RegistryImage(f"{image.repository}:{tag}")
        data = manifest_at(place, skopeo, f"asking for the documents of {image}")
        # Clients that know no list of the registry keep it here, also beside one that it makes.
        yield from _listed(data, str(place)) if data is not None else ()
    tag = f"{tag}.att"
    if tags is None or tag in tags:
        place = RegistryImage(f"{image.repository}:{tag}")
        data = manifest_at(place, skopeo, f"asking for the attestations of {image}")
        if data is not None:
            yield Descriptor(OCI_MANIFEST, digest_of_bytes(data), len(data))


def _listed(data: bytes, where: str) -> Iterator[Descriptor]:
    for item in as_list(as_object(read_json(data, where), where).get("manifests"), where):
        yield _descriptor(as_object(item, where), where)


def _descriptor(item: Mapping[str, Any], where: str) -> Descriptor:
    found = parse_descriptor(item, where)
    return Descriptor(found.media_type, found.digest, found.size)


def blobs_of(
    image: RegistryImage, artifact: Descriptor, folder: Path, skopeo: Skopeo
) -> tuple[Blob, ...]:
    """Fetch the documents of an artifact; `folder` is new, and for files on the way.

    Raises InputError, ImageError (what was sent is not what was asked for) or ToolError.
    """
    source = image.at(artifact.digest)
    doing = f"fetching {source}"
    folder.mkdir()
    watch = Watch(folder, MOST_BYTES, lambda _: None)
    words = ("--quiet", "--preserve-digests", str(source), f"oci:{folder}:artifact")
    time = seconds_for(MOST_BYTES)
    skopeo.call(Call("copy", words, source, doing, "src-", time, watch.exceeded))
    raw = _read(folder, artifact, f"{source}")
    found = parse_manifest(raw, artifact.media_type, f"{source}", artifact=True)
    if isinstance(found, Index):
        msg = f"{source}: expected a manifest of documents, got an index"
        raise ImageError(msg)
    blobs = {blob.digest: blob for blob in found.layers}
    if len(blobs) > MOST_BLOBS:
        msg = f"{source}: has {len(blobs)} documents, more than the {MOST_BLOBS} that are read"
        raise ImageError(msg)
    return tuple(Blob(blob.media_type, _read(folder, blob, f"{source}")) for blob in blobs.values())


def _read(folder: Path, blob: Descriptor, where: str) -> bytes:
    path = folder / blob_name(blob.digest)
    data = path.read_bytes() if path.is_file() and path.stat().st_size == blob.size else b""
    if digest_of_bytes(data) != blob.digest:
        msg = f"{where}: the registry sent the document {blob.digest} not as its list says"
        raise ImageError(msg)
    return data
