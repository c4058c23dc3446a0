"""Find an image in a registry: its manifest for one platform and its config, digests checked."""

from dataclasses import dataclass

from careen.errors import ImageError
from careen.model.digest import Digest
from careen.model.image import Platform
from careen.oci.config import parse_config
from careen.oci.documents import as_object, read_json
from careen.oci.hashing import digest_of_bytes
from careen.oci.limits import MAX_DOCUMENT, MAX_INDEX_DEPTH
from careen.oci.manifest import (
    Descriptor,
    Index,
    Manifest,
    layer_compression,
    parse_manifest,
    refuse_urls,
)
from careen.oci.reference import RegistryImage
from careen.oci.select import host_platform, is_image, pick
from careen.registries.failures import Failure, SkopeoFailure
from careen.registries.skopeo import Call, Skopeo, error_of


@dataclass(frozen=True, slots=True)
class Remote:
    """An image that was found in a registry and not fetched yet.

    `named` is the digest that the name has (of an index, perhaps), `digest` that of the platform's
    `manifest`, whose bytes are `raw`.
    """

    image: RegistryImage
    named: Digest
    digest: Digest
    manifest: Manifest
    raw: bytes
    media_type: str

    @property
    def size(self) -> int:
        """The declared bytes of its layers, repeated ones counted once."""
        return sum({layer.digest: layer.size for layer in self.manifest.layers}.values())


def digest_of(image: RegistryImage, skopeo: Skopeo, doing: str = "") -> Digest:
    """Return the digest that a name has in its registry. Raises InputError or ToolError.

    `doing` says in messages why it is asked.
    """
    return digest_of_bytes(raw_manifest(image, skopeo, doing))


def find(image: RegistryImage, platform: Platform | None, skopeo: Skopeo) -> Remote:
    """Find an image for a platform; None is this machine's.

    Raises InputError (no such image or platform), ImageError (bad documents), ToolError.
    """
    raw = raw_manifest(image, skopeo)
    named = digest = digest_of_bytes(raw)
    media_type = ""
    for _ in range(MAX_INDEX_DEPTH + 1):
        where = f"{image}: manifest {digest}"
        found = parse_manifest(raw, media_type, where)
        if isinstance(found, Manifest):
            _check(raw, found, where)
            stated = media_type or stated_type(raw, where)
            remote = Remote(image, named, digest, found, raw, stated)
            if platform is not None and digest == named:
                # No index says it, and a layer is not fetched to find out.
                own = parse_config(raw_config(remote, skopeo), f"{image}: config").platform
                pick([(digest, own)], platform, str(image))
            return remote
        chosen = _for_platform(found, platform or host_platform(), str(image))
        digest, media_type = chosen.digest, chosen.media_type
        raw = _described(image, chosen, skopeo)
    msg = f"{image}: indexes nested deeper than {MAX_INDEX_DEPTH}"
    raise ImageError(msg)


def at_digest(
    image: RegistryImage, descriptor: Descriptor, skopeo: Skopeo, *, artifact: bool = False
) -> Remote:
    """Find a manifest of an index as it is: an image of any platform, or an `artifact`.

    Raises InputError (it is not there), ImageError (bad documents), ToolError.
    """
    digest = descriptor.digest
    where = f"{image}: manifest {digest}"
    raw = _described(image, descriptor, skopeo)
    found = parse_manifest(raw, descriptor.media_type, where, artifact=artifact)
    if isinstance(found, Index):
        msg = f"{where}: expected a manifest, got an index"
        raise ImageError(msg)
    refuse_urls(raw, where)
    return Remote(
        image, digest, digest, found, raw, descriptor.media_type or stated_type(raw, where)
    )


def _described(image: RegistryImage, descriptor: Descriptor, skopeo: Skopeo) -> bytes:
    """Return the bytes of a manifest that an index names, of the size that it states."""
    raw = raw_manifest(image.at(descriptor.digest), skopeo)
    if len(raw) != descriptor.size:
        msg = (
            f"{image}: manifest {descriptor.digest} has {len(raw)} bytes, expected"
            f" {descriptor.size}"
        )
        raise ImageError(msg)
    return raw


def raw_manifest(image: RegistryImage, skopeo: Skopeo, doing: str = "") -> bytes:
    """Return the bytes of a manifest or index, of the digest in the name if it has one."""
    doing = doing or f"asking the registry for {image}"
    done = skopeo.call(_raw_call(image, doing))
    data = done.stdout
    if not data or len(data) > MAX_DOCUMENT:
        msg = f"{image}: the registry answers with {len(data):,} bytes, which is no manifest"
        raise ImageError(msg)
    _hold(image, data, image.digest)
    return data


def manifest_at(tag: RegistryImage, skopeo: Skopeo, doing: str) -> bytes | None:
    """Return the bytes that a tag leads to, unchecked; None if there is no such tag.

    Raises InputError or ToolError for any other failure.
    """
    call = _raw_call(tag, doing)
    done = skopeo.attempt(call)
    if isinstance(done, SkopeoFailure):
        if done.kind is Failure.ABSENT:
            return None
        raise error_of(done, call)
    return done.stdout


def _raw_call(image: RegistryImage, doing: str) -> Call:
    """Return the call that prints a manifest's bytes."""
    return Call("inspect", ("--raw", str(image)), image, doing)


def raw_config(remote: Remote, skopeo: Skopeo) -> bytes:
    """Return the bytes of an image's config."""
    image = remote.image.at(remote.digest)
    wanted = remote.manifest.config
    doing = f"asking the registry for the config of {remote.image}"
    data = skopeo.call(Call("inspect", ("--config", "--raw", str(image)), image, doing)).stdout
    _hold(image, data, str(wanted.digest))
    return data


def _hold(image: RegistryImage, data: bytes, expected: str) -> None:
    seen = str(digest_of_bytes(data))
    if expected and seen != expected:
        msg = (
            f"{image}: the registry sent a document with the digest {seen} as {expected}; nothing"
            " of it is used"
        )
        raise ImageError(msg)


def _for_platform(index: Index, want: Platform, where: str) -> Descriptor:
    images = [item for item in index.manifests if is_image(item)]
    options = [(item.digest, item.platform or want) for item in images]
    return images[pick(options, want, where)]


def stated_type(raw: bytes, where: str) -> str:
    """Return the media type that a manifest states of itself, or ""."""
    return str(as_object(read_json(raw, where), where).get("mediaType") or "")


def _check(raw: bytes, manifest: Manifest, where: str) -> None:
    """Refuse layers that careen cannot read, and descriptors that name other servers."""
    for i, layer in enumerate(manifest.layers):
        layer_compression(layer, f"{where}: layers[{i}]")
    refuse_urls(raw, where)
