"""Documents about an image in a registry: which there are, and their bytes."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from careen.errors import ImageError
from careen.model.digest import Digest
from careen.oci.documents import as_list, as_object, read_json
from careen.oci.hashing import digest_of_bytes
from careen.oci.index.ended import list_tag
from careen.oci.manifest import (
    MANIFESTS,
    OCI_MANIFEST,
    Descriptor,
    parse_descriptor,
)
from careen.oci.reference import RegistryImage
from careen.oci.select import blob_name
from careen.registries.fetch import Watch
from careen.registries.listing import referrers_of
from careen.registries.manifests import at_digest, manifest_at
from careen.registries.skopeo import Call, Skopeo, seconds_for

MOST_BLOBS = 64


@dataclass(slots=True)
class Budget:
    """Bytes that may still be fetched of the artifacts of an image.

    `reserve` is called with the bytes of each before it is fetched, and may wait.
    """

    left: int
    reserve: Callable[[int], None] = lambda _: None


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
    image: RegistryImage, artifact: Descriptor, folder: Path, skopeo: Skopeo, budget: Budget
) -> tuple[Blob, ...]:
    """Fetch the JSON documents of an artifact, none of one that has no such document.

    `folder` is new, and for files on the way. Raises InputError, ImageError (what was sent is not
    what was asked for, or the artifact has more than `most` bytes) or ToolError.
    """
    if artifact.media_type not in ("", *MANIFESTS):
        return ()  # an index, or a kind of manifest that came and went
    source = image.at(artifact.digest)
    manifest = at_digest(image, artifact, skopeo, artifact=True).manifest
    blobs = {blob.digest: blob for blob in manifest.layers}
    wanted = [blob for blob in blobs.values() if _may_be_json(blob)]
    if not wanted:
        return ()  # a model, a chart: nothing of it is fetched
    if len(wanted) > MOST_BLOBS:
        msg = f"{source}: has {len(wanted)} documents, more than the {MOST_BLOBS} that are read"
        raise ImageError(msg)
    size = manifest.config.size + sum(blob.size for blob in blobs.values())
    if size > budget.left:
        msg = (
            f"{source}: has {size:,} bytes, more than the {budget.left:,} that are still fetched"
            " of one image"
        )
        raise ImageError(msg)
    budget.left -= size
    budget.reserve(size)
    folder.mkdir()
    watch = Watch(folder, size, lambda _: None)
    words = ("--quiet", "--preserve-digests", str(source), f"oci:{folder}:artifact")
    call = Call(
        "copy", words, source, f"fetching {source}", "src-", seconds_for(size), watch.exceeded
    )
    skopeo.call(call)
    return tuple(Blob(blob.media_type, _read(folder, blob, f"{source}")) for blob in wanted)


def _may_be_json(blob: Descriptor) -> bool:
    return blob.media_type.partition(";")[0].strip().endswith("json")


def _read(folder: Path, blob: Descriptor, where: str) -> bytes:
    path = folder / blob_name(blob.digest)
    data = path.read_bytes() if path.is_file() and path.stat().st_size == blob.size else b""
    if digest_of_bytes(data) != blob.digest:
        msg = f"{where}: the registry sent the document {blob.digest} not as its list says"
        raise ImageError(msg)
    return data
