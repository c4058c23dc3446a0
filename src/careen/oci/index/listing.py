"""An image index as a list: a manifest for each platform, and the attestations about them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from careen.errors import ImageError, InputError
from careen.model.digest import Digest
from careen.model.image import Platform
from careen.model.runs.run_budget import RunBudget
from careen.oci.blobs import ArchiveStore, DirectoryStore, Store, read_document
from careen.oci.config import parse_config
from careen.oci.documents import as_list, as_object, as_texts, read_json
from careen.oci.index.walk import walk
from careen.oci.manifest import (
    MANIFESTS,
    Descriptor,
    Index,
    parse_descriptor,
    parse_manifest,
)
from careen.oci.reference import OciArchive, OciLayout
from careen.oci.select import ATTESTATION, is_about_another, names_of, read_blob, tagged

SUBJECT = "vnd.docker.reference.digest"
UNKNOWN = Platform("unknown", "unknown")
"""The platform of attestations."""

_CARRIED = ("mediaType", "digest", "size", "platform", "annotations", "artifactType")

ReadManifest = Callable[[Descriptor], bytes]
"""Return the bytes of a manifest or an index, digest checked."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One manifest of an index; `document` is its descriptor as the index has it.

    `platform` is None where the index states none.
    """

    descriptor: Descriptor
    document: Mapping[str, Any]

    @property
    def digest(self) -> Digest:
        return self.descriptor.digest

    @property
    def platform(self) -> Platform | None:
        return self.descriptor.platform

    @property
    def subject(self) -> str:
        """The digest of the manifest that an attestation is about, or ""."""
        return self.descriptor.annotations.get(SUBJECT, "")


@dataclass(frozen=True, slots=True)
class Listing:
    """What an index holds, nested indexes included.

    `digest` is None if the name leads to no index of its own. `attestations` have the platform
    unknown/unknown, and are no images.
    """

    digest: Digest | None
    images: tuple[Listed, ...]
    attestations: tuple[Listed, ...]
    annotations: Mapping[str, str]

    def about(self, digest: Digest) -> tuple[Listed, ...]:
        """Return the attestations about a manifest."""
        return tuple(item for item in self.attestations if item.subject == str(digest))


def list_platforms(roots: Iterable[Mapping[str, Any]], read: ReadManifest, where: str) -> Listing:
    """Return what the descriptors of a name lead to, each manifest once for each platform.

    Raises ImageError as `walk`, for bad documents, and for an attestation with the platform of an
    image.
    """
    start = [_listed(item, f"{where}: index.json") for item in roots]
    own = start[0] if len(start) == 1 else None
    images: dict[tuple[Digest, Platform | None], Listed] = {}  # one may serve two platforms
    attestations: dict[Digest, Listed] = {}
    annotations: dict[str, str] = {}

    def visit(item: Listed) -> Sequence[Listed]:
        place = f"{where}: manifest {item.digest}"
        if _is_attestation(item.descriptor, place):
            attestations.setdefault(item.digest, with_platform(item, UNKNOWN))
            return ()
        document = _index(item, read, place)
        if document is None:
            images.setdefault((item.digest, item.platform), item)
            return ()
        if item is own:
            annotations.update(as_texts(document.get("annotations"), f"{place}.annotations"))
        return [
            _listed(as_object(one, f"{place}.manifests[{i}]"), f"{place}.manifests[{i}]")
            for i, one in enumerate(as_list(document.get("manifests"), f"{place}.manifests"))
        ]

    walk(start, visit, where)
    single = own is not None and any(own.digest == digest for digest, _ in images)
    digest = own.digest if own is not None and not single else None
    return Listing(digest, tuple(images.values()), tuple(attestations.values()), annotations)


def _index(item: Listed, read: ReadManifest, where: str) -> Mapping[str, Any] | None:
    """Return the document of an index, or None for the manifest of an image."""
    media_type = item.descriptor.media_type
    if media_type in MANIFESTS:
        return None
    data = read(item.descriptor)
    if not isinstance(parse_manifest(data, media_type, where), Index):
        return None
    return as_object(read_json(data, where), where)


def _listed(document: Mapping[str, Any], where: str) -> Listed:
    carried = {key: document[key] for key in _CARRIED if key in document}
    return Listed(parse_descriptor(document, where), carried)


def _is_attestation(descriptor: Descriptor, where: str) -> bool:
    platform = descriptor.platform
    if ATTESTATION in descriptor.annotations:
        # Clients select by platform alone: they would run what careen carries over unread.
        if platform not in (None, UNKNOWN):
            msg = (
                f"{where}: annotated as an attestation ({ATTESTATION}), with the platform of an"
                " image; build the index again without one of them"
            )
            raise ImageError(msg)
        return True
    return platform is not None and platform.os == UNKNOWN.os


def with_platform(item: Listed, platform: Platform) -> Listed:
    """Return a manifest whose descriptor states a platform, if it states none."""
    if item.platform is not None:
        return item
    stated = {
        "architecture": platform.architecture,
        "os": platform.os,
        **({"variant": platform.variant} if platform.variant else {}),
    }
    return Listed(
        replace(item.descriptor, platform=platform), {**item.document, "platform": stated}
    )


class StoredIndex:
    """An index in a layout or in an archive of one; close it, or use it as a context manager."""

    def __init__(self, reference: OciLayout | OciArchive, scratch: Path, budget: RunBudget) -> None:
        """Open and list it. Raises InputError (no such image) or ImageError."""
        self._where = str(reference)
        with ExitStack() as files:
            self.store: Store = (
                DirectoryStore(reference.path, files)
                if isinstance(reference, OciLayout)
                else ArchiveStore(reference.path, scratch, files, budget)
            )
            self.listing = self._list(reference.tag)
            self._files = files.pop_all()

    def _list(self, tag: str | None) -> Listing:
        if self.store.find("index.json") is None:
            msg = (
                f"{self._where}: no OCI layout is in it, so it has one platform; name it without"
                " several in --platform"
            )
            raise InputError(msg)
        place = f"{self._where}: index.json"
        data = read_document(self.store, "index.json", self._where)
        index = parse_manifest(data, "", place)
        if not isinstance(index, Index):
            msg = f"{place}: expected an image index, got a manifest"
            raise ImageError(msg)
        wanted = {item.digest for item in tagged(index, tag, self._where)}
        documents = [
            as_object(one, place)
            for one in as_list(as_object(read_json(data, place), place).get("manifests"), place)
        ]
        roots = [
            one
            for one, item in zip(documents, index.manifests, strict=True)
            if item.digest in wanted and (names_of(item) or (tag is None and self._is_own(item)))
        ]
        return list_platforms(roots, self.manifest, self._where)

    def _is_own(self, item: Descriptor) -> bool:
        """Return whether a manifest without a name is no referrer of an image beside it."""
        place = f"{self._where}: manifest {item.digest}"
        return item.platform is not None or not is_about_another(self.manifest(item), place)

    def manifest(self, descriptor: Descriptor) -> bytes:
        """Return the bytes of a manifest. Raises ImageError."""
        return read_blob(self.store, descriptor, f"{self._where}: manifest {descriptor.digest}")

    def config_platform(self, item: Listed) -> Platform:
        """Return the platform that an image's configuration states. Raises ImageError."""
        where = f"{self._where}: manifest {item.digest}"
        manifest = parse_manifest(self.manifest(item.descriptor), "", where)
        assert not isinstance(manifest, Index)  # noqa: S101 — the listing has no indexes
        config = read_blob(self.store, manifest.config, f"{where}: config")
        return parse_config(config, f"{where}: config").platform

    def close(self) -> None:
        """Close the files; idempotent."""
        self._files.close()
