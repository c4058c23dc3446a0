"""Ask a registry for the referrers of an image."""

from collections.abc import Mapping
from typing import Any

from careen.errors import CareenError, ToolError
from careen.model.digest import Digest
from careen.oci.documents import as_list, as_object
from careen.oci.limits import MAX_MANIFESTS
from careen.oci.reference import RegistryImage
from careen.registries.skopeo import Skopeo


def listed_referrers(image: RegistryImage, digest: Digest, skopeo: Skopeo) -> frozenset[str]:
    """Return the digests that the registry lists as referrers; none if it does not answer that."""
    try:
        items = referrers_of(image, digest, skopeo)
    except CareenError:
        return frozenset()  # without an answer, the list under the tag serves
    return frozenset(str(item.get("digest")) for item in items or ())


def referrers_of(
    image: RegistryImage, digest: Digest, skopeo: Skopeo
) -> tuple[Mapping[str, Any], ...] | None:
    """Return the descriptors of all pages of the list, None if the registry has no such list.

    Raises ToolError for any other answer and for none, ImageError for one that is no list.
    """
    from careen.registries.asking import pages  # with the HTTP client, which few runs need

    where = f"{image.at(digest)}: referrers"
    path = f"{image.repository.partition('/')[2]}/referrers/{digest}"
    found: list[Mapping[str, Any]] = []
    asked = 0
    for page in pages(image, path, f"asking {image.host} for referrers", skopeo):
        asked += 1
        found += [as_object(item, where) for item in as_list(page.get("manifests"), where)]
        # Each page but the first has a document, or the list has no end.
        if len(found) > MAX_MANIFESTS or len(found) < asked - 1:
            msg = f"{image}: lists more than {MAX_MANIFESTS} referrers"
            raise ToolError(msg)
    return tuple(found) if asked else None
