"""Descriptors, image manifests and image indexes, in OCI and docker (schema 2) media types."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from careen.errors import ImageError
from careen.model.digest import Digest
from careen.model.image import Platform
from careen.oci.documents import as_list, as_object, as_size, as_text, as_texts, read_json
from careen.oci.limits import MAX_LAYERS, MAX_MANIFESTS

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar"
DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar"

INDEXES = frozenset({OCI_INDEX, DOCKER_INDEX})
MANIFESTS = frozenset({OCI_MANIFEST, DOCKER_MANIFEST})
CONFIGS = frozenset({OCI_CONFIG, DOCKER_CONFIG})

REF_NAME = "org.opencontainers.image.ref.name"
CONTAINERD_NAME = "io.containerd.image.name"


class NoImageError(ImageError):
    """A manifest of something else than a container image, such as a chart."""


class Compression(enum.Enum):
    """Compression of a layer blob."""

    NONE = "none"
    GZIP = "gzip"
    ZSTD = "zstd"


_LAYERS: Mapping[str, Compression] = {
    OCI_LAYER: Compression.NONE,
    OCI_LAYER + "+gzip": Compression.GZIP,
    OCI_LAYER + "+zstd": Compression.ZSTD,
    DOCKER_LAYER: Compression.NONE,
    DOCKER_LAYER + ".gzip": Compression.GZIP,
    DOCKER_LAYER + ".zstd": Compression.ZSTD,
}
LAYER_TYPES: Mapping[Compression, str] = {
    Compression.NONE: OCI_LAYER,
    Compression.GZIP: OCI_LAYER + "+gzip",
    Compression.ZSTD: OCI_LAYER + "+zstd",
}


@dataclass(frozen=True, slots=True)
class Descriptor:
    """Reference to a blob: digest, size in bytes and media type ("" if not stated)."""

    media_type: str
    digest: Digest
    size: int
    annotations: Mapping[str, str] = field(default_factory=dict)
    platform: Platform | None = None

    def document(self) -> dict[str, Any]:
        """Return the JSON object, with keys in the specification's order."""
        out: dict[str, Any] = {
            "mediaType": self.media_type,
            "digest": str(self.digest),
            "size": self.size,
        }
        if self.annotations:
            out["annotations"] = dict(self.annotations)
        return out


@dataclass(frozen=True, slots=True)
class Manifest:
    """An image manifest: its config, its layers lowest first, its annotations."""

    config: Descriptor
    layers: tuple[Descriptor, ...]
    annotations: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Index:
    """An image index; `manifests` may contain indexes."""

    manifests: tuple[Descriptor, ...]


def _platform(raw: Any, where: str) -> Platform | None:
    if raw is None:
        return None
    doc = as_object(raw, where)
    words = {
        key: as_text(doc.get(key, ""), f"{where}.{key}")
        for key in ("os", "architecture", "variant")
    }
    return Platform(words["os"], words["architecture"], words["variant"])


def parse_descriptor(raw: Any, where: str) -> Descriptor:
    """Return a descriptor, or raise ImageError that names the field."""
    doc = as_object(raw, where)
    return Descriptor(
        as_text(doc.get("mediaType", ""), f"{where}.mediaType"),
        Digest.parse(doc.get("digest"), f"{where}.digest"),
        as_size(doc.get("size"), f"{where}.size"),
        as_texts(doc.get("annotations"), f"{where}.annotations"),
        _platform(doc.get("platform"), f"{where}.platform"),
    )


def layer_compression(descriptor: Descriptor, where: str) -> Compression:
    """Return a layer's compression; raise ImageError for foreign layers and unknown types."""
    media_type = descriptor.media_type
    if "nondistributable" in media_type or "foreign" in media_type:
        msg = (
            f"{where}: a foreign (non-distributable) layer, whose bytes are not in the image:"
            f" {media_type!r}; careen cannot harden such an image"
        )
        raise ImageError(msg)
    if media_type not in _LAYERS:
        msg = (
            f"{where}.mediaType: not a layer type that careen reads: {media_type!r}; expected tar,"
            " tar+gzip or tar+zstd of OCI or docker"
        )
        raise ImageError(msg)
    return _LAYERS[media_type]


def _manifest(doc: Mapping[str, Any], where: str, *, artifact: bool) -> Manifest:
    config = parse_descriptor(doc.get("config"), f"{where}.config")
    if config.media_type not in CONFIGS and not artifact:
        msg = f"{where}.config.mediaType: not a container image but {config.media_type!r}"
        raise NoImageError(msg)
    layers = as_list(doc.get("layers"), f"{where}.layers")
    if len(layers) > MAX_LAYERS:
        msg = f"{where}.layers: {len(layers)} layers are more than the {MAX_LAYERS} that are read"
        raise ImageError(msg)
    return Manifest(
        config,
        tuple(parse_descriptor(item, f"{where}.layers[{i}]") for i, item in enumerate(layers)),
        as_texts(doc.get("annotations"), f"{where}.annotations"),
    )


def parse_manifest(
    data: bytes, media_type: str, where: str, *, artifact: bool = False
) -> Manifest | Index:
    """Parse a manifest or an index, as its keys tell.

    They must agree with `media_type` ("" if unknown) and with the document's own `mediaType`.
    `artifact` admits manifests that are no images, such as attestations that are OCI artifacts.
    Raises ImageError, also for a document that is both.
    """
    doc = as_object(read_json(data, where), where)
    if doc.get("schemaVersion") != 2:  # noqa: PLR2004 — the only version there is
        msg = (
            f"{where}.schemaVersion: expected 2, got {doc.get('schemaVersion')!r}; docker's schema"
            " 1 is not read, pull the image again with a current engine"
        )
        raise ImageError(msg)
    # A document that readers can take for either is an attack (CVE-2021-41190).
    is_index = "manifests" in doc
    if is_index and ("layers" in doc or "config" in doc):
        msg = f"{where}: both an index and a manifest"
        raise ImageError(msg)
    stated = as_text(doc.get("mediaType", ""), f"{where}.mediaType")
    for named in (media_type, stated):
        if named and named not in (INDEXES if is_index else MANIFESTS):
            msg = (
                f"{where}: the content is {'an index' if is_index else 'a manifest'}, the media"
                f" type says {named!r}"
            )
            raise ImageError(msg)
    if not is_index:
        return _manifest(doc, where, artifact=artifact)
    items = as_list(doc["manifests"], f"{where}.manifests")
    if len(items) > MAX_MANIFESTS:
        msg = f"{where}.manifests: {len(items)} are more than the {MAX_MANIFESTS} that are read"
        raise ImageError(msg)
    return Index(
        tuple(parse_descriptor(item, f"{where}.manifests[{i}]") for i, item in enumerate(items))
    )


def refuse_urls(raw: bytes, where: str) -> None:
    """Raise ImageError if a manifest names another server for a blob."""
    document = as_object(read_json(raw, where), where)
    for item in (document.get("config"), *as_list(document.get("layers"), where)):
        # skopeo would fetch from any address there, also one of this machine's network.
        if as_object(item, where).get("urls"):
            msg = (
                f"{where}: a blob is to be fetched from other servers (`urls`), which careen does"
                " not do"
            )
            raise ImageError(msg)
