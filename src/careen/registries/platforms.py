"""An index in a registry: its platforms and attestations, and copies of them as they are."""

import os
from dataclasses import dataclass
from pathlib import Path

from careen.model.image import Platform
from careen.oci.config import parse_config
from careen.oci.hashing import digest_of_bytes
from careen.oci.index.listing import Listed, Listing, list_platforms
from careen.oci.manifest import Descriptor
from careen.oci.reference import RegistryImage
from careen.registries.fetch import fetch
from careen.registries.manifests import at_digest, raw_config, raw_manifest, stated_type
from careen.registries.skopeo import Skopeo


@dataclass(frozen=True, slots=True)
class RemoteIndex:
    """An index that was found in a registry; `pinned` is the name with the digest it has now."""

    image: RegistryImage
    pinned: RegistryImage
    listing: Listing

    def config_platform(self, item: Listed, skopeo: Skopeo) -> Platform:
        """Return the platform that an image's configuration states."""
        remote = at_digest(self.image, item.descriptor, skopeo)
        return parse_config(raw_config(remote, skopeo), f"{self.image}: config").platform

    def check(self, item: Listed, skopeo: Skopeo) -> None:
        """Raise InputError, ImageError or ToolError for a manifest that cannot be copied."""
        at_digest(self.image, item.descriptor, skopeo, artifact=True)

    def copy(self, item: Listed, layout: Path, scratch: Path, skopeo: Skopeo) -> None:
        """Copy a manifest as it is, with its blobs, into a layout on the file system of `scratch`.

        Raises InputError, ImageError or ToolError.
        """
        remote = at_digest(self.image, item.descriptor, skopeo, artifact=True)
        fetched = fetch(remote, scratch / item.digest.hex, None, skopeo)
        parts = (remote.manifest.config, *remote.manifest.layers)
        for digest in dict.fromkeys((remote.digest, *(part.digest for part in parts))):
            fetched.require(digest)
            target = layout / "blobs" / "sha256" / digest.hex
            if not target.exists():
                os.link(fetched.blob(digest), target)


def find_index(image: RegistryImage, skopeo: Skopeo) -> RemoteIndex:
    """List what a name leads to in its registry. Raises InputError, ImageError or ToolError."""
    raw = raw_manifest(image, skopeo)
    digest = digest_of_bytes(raw)

    def read(descriptor: Descriptor) -> bytes:
        if descriptor.digest == digest:
            return raw
        return raw_manifest(image.at(descriptor.digest), skopeo)

    media_type = stated_type(raw, str(image))
    root = {"mediaType": media_type, "digest": str(digest), "size": len(raw)}
    return RemoteIndex(image, image.at(digest), list_platforms([root], read, str(image)))
