"""Deliver an image in two steps: push its content by digest and read it back, then name it.

A failure before the second step leaves the name as it was.
"""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from careen.errors import InputError, ToolError
from careen.model.digest import Digest
from careen.oci.config import parse_config
from careen.oci.image import Image
from careen.oci.manifest import OCI_MANIFEST, Compression, Index, layer_compression, parse_manifest
from careen.oci.reference import RegistryImage, StorageImage
from careen.oci.select import blob_name
from careen.oci.write import PackedLayer, write_oci_layout
from careen.registries.failures import Failure, SkopeoFailure
from careen.registries.manifests import digest_of
from careen.registries.referrers import Attachment, Subject, attach
from careen.registries.skopeo import Call, Skopeo, error_of, seconds_for

TAG = "result"
_AS_IT_IS = ("--preserve-digests",)


@dataclass(frozen=True, slots=True)
class Packed:
    """An image or an index as a layout on disk, ready to be pushed."""

    path: Path
    digest: Digest
    size: int
    is_index: bool = False

    def layers(self, image: Image) -> dict[Digest, PackedLayer]:
        """Return the packed layers of the image that this was made of, by diff ID."""
        found = parse_manifest(self._blob(self.digest), OCI_MANIFEST, str(self.path))
        if isinstance(found, Index):
            return {}
        return {
            layer.diff_id: PackedLayer(blob, self.path / blob_name(blob.digest))
            for layer, blob in zip(image.layers, found.layers, strict=True)
        }

    def has_health_check(self) -> bool:
        """Return whether it is an image with a HEALTHCHECK that docker's form can hold."""
        found = parse_manifest(self._blob(self.digest), OCI_MANIFEST, str(self.path))
        if isinstance(found, Index):
            return False
        config = parse_config(self._blob(found.config.digest), str(self.path))
        # docker's form knows no layers of zstd
        where = str(self.path)
        zstd = any(layer_compression(each, where) is Compression.ZSTD for each in found.layers)
        return config.healthcheck is not None and not zstd

    def _blob(self, digest: Digest) -> bytes:
        return (self.path / blob_name(digest)).read_bytes()


def make_layout(
    image: Image,
    path: Path,
    packed: Mapping[Digest, PackedLayer],
    compression: Compression = Compression.GZIP,
) -> Packed:
    """Write the layout to push; layers in `packed` keep the blobs that they came as."""
    digest = write_oci_layout(image, path, TAG, compression, packed=packed)
    size = sum(blob.lstat().st_size for blob in (path / "blobs" / "sha256").iterdir())
    return Packed(path, digest, size)


def require_pushable(image: RegistryImage | StorageImage) -> None:
    """Raise InputError for a name that a result cannot get."""
    if "@" in image.name.rpartition("]")[2]:
        msg = f"{image}: a digest follows from the content; give NAME or NAME:TAG"
        raise InputError(msg)


def check_reachable(image: RegistryImage, skopeo: Skopeo) -> None:
    """Ask the registry for the name, to find early what would make the push fail.

    Raises ToolError (no connection, no trust, wrong credentials).
    """
    call = Call(
        "inspect", ("--raw", str(image)), image, f"looking at {image}, where the result goes"
    )
    failure = skopeo.attempt(call)
    if not isinstance(failure, SkopeoFailure) or failure.kind in (Failure.ABSENT, Failure.DENIED):
        return
    # Some registries deny the reading of a repository that a push would create.
    if failure.kind is Failure.LOGIN and "denied" in failure.words.lower():
        return
    raise error_of(failure, call)


def push(
    made: Packed,
    image: RegistryImage,
    attachments: Mapping[Digest, Sequence[Attachment]],
    skopeo: Skopeo,
) -> Callable[[], str]:
    """Push an image by its digest, read it back, and attach; return the function that tags it.

    `attachments` are by the digest of the manifest that they belong to. The function returns the
    name with the digest. Raises InputError or ToolError.
    """
    content = image.at(made.digest)
    _copy(made, content, f"pushing {image}", skopeo)
    _read_back(content, made, image, skopeo)
    for digest, documents in attachments.items():
        if not documents:
            continue
        size = (made.path / blob_name(digest)).stat().st_size
        folder = Path(tempfile.mkdtemp(prefix="attach-", dir=made.path.parent))
        attach(Subject(image, digest, size), documents, folder, skopeo)

    def tag() -> str:
        # All blobs are there, so this moves the manifest only.
        _copy(made, image, f"tagging {image}", skopeo)
        _read_back(image, made, image, skopeo)
        return f"{image}@{made.digest}"

    return tag


def store(made: Packed, image: StorageImage, skopeo: Skopeo) -> str:
    """Put an image into containers-storage under its name, and return the name."""
    # An OCI configuration has no HEALTHCHECK (docs/adr/0058-health-checks-in-podmans-store.md).
    form = ("--format", "v2s2") if made.has_health_check() else _AS_IT_IS
    _copy(made, image, f"storing {image}", skopeo, form)
    return str(image)


def _copy(
    made: Packed,
    target: RegistryImage | StorageImage,
    doing: str,
    skopeo: Skopeo,
    form: tuple[str, ...] = _AS_IT_IS,
) -> None:
    which = ("--multi-arch", "all") if made.is_index else ()
    words = ("--quiet", *form, *which, f"oci:{made.path}:{TAG}", str(target))
    skopeo.call(Call("copy", words, target, doing, "dest-", seconds_for(made.size)))


def _read_back(place: RegistryImage, made: Packed, image: RegistryImage, skopeo: Skopeo) -> None:
    seen = digest_of(place, skopeo, f"reading back {image}")
    if seen != made.digest:
        msg = (
            f"reading back {image}: the registry has {seen} where {made.digest} was pushed; tell"
            " its owner, and do not deploy it"
        )
        raise ToolError(msg)
