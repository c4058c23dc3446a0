"""Ask a registry for what was signed and attested of an image."""

from collections.abc import Iterator

from careen.errors import CareenError, ToolError
from careen.model.attestations.ended import EndedDocument, EndedDocuments
from careen.model.digest import Digest
from careen.oci.index.ended import (
    COSIGN_TAGS,
    built_in,
    descriptors,
    list_tag,
    listed,
    under_tag,
)
from careen.oci.reference import RegistryImage
from careen.registries.listing import referrers_of
from careen.registries.manifests import Remote, manifest_at, raw_manifest
from careen.registries.platforms import find_index
from careen.registries.skopeo import Skopeo

_MAX_WITHIN = 64  # each is a call to the registry


def registry_documents(remote: Remote, skopeo: Skopeo) -> EndedDocuments:
    """Return what the registry has about an image, and about the index that its name leads to.

    It raises nothing: what was not answered is in `unknown`.
    """
    found: dict[str, EndedDocument] = {}
    unknown: list[str] = []
    parts = [_within(remote, skopeo)]
    for digest in dict.fromkeys((remote.digest, remote.named)):
        parts += [_referrers(remote.image, digest, skopeo), _tagged(remote.image, digest, skopeo)]
    for part in parts:
        try:
            for each in part:
                found.setdefault(each.digest, each)
        except CareenError as error:
            unknown.append(str(error))
    return EndedDocuments(tuple(found.values()), tuple(dict.fromkeys(unknown)))


def _within(remote: Remote, skopeo: Skopeo) -> Iterator[EndedDocument]:
    """Yield BuildKit's attestations in the index."""
    if remote.named == remote.digest:
        return
    index = find_index(remote.image.at(remote.named), skopeo)
    for count, item in enumerate(index.listing.about(remote.digest)):
        if count >= _MAX_WITHIN:
            msg = f"{remote.image}: only {_MAX_WITHIN} attestations in its index were asked for"
            raise ToolError(msg)
        place = remote.image.at(item.digest)
        data = raw_manifest(place, skopeo)
        yield built_in(data, item.digest, remote.digest, str(place))


def _referrers(image: RegistryImage, digest: Digest, skopeo: Skopeo) -> Iterator[EndedDocument]:
    place = str(image.at(digest))
    yield from descriptors(referrers_of(image, digest, skopeo) or (), digest, place)


def _tagged(image: RegistryImage, digest: Digest, skopeo: Skopeo) -> Iterator[EndedDocument]:
    """Yield what the tags hold that are made of a digest: cosign's, and the list of referrers."""
    tag = list_tag(digest)
    for ending, kind in COSIGN_TAGS.items():
        place = RegistryImage(f"{image.repository}:{tag}{ending}")
        data = manifest_at(place, skopeo, f"asking the registry for {place}")
        yield from under_tag(data, kind, digest, str(place)) if data else ()
    place = RegistryImage(f"{image.repository}:{tag}")
    data = manifest_at(place, skopeo, f"asking the registry for {place}")
    # Clients that know no list of the registry keep it here, also beside one that it makes.
    yield from listed(data, digest, str(place)) if data else ()
