"""Documents about an image's digest as cosign, BuildKit and the image specification list them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from careen.errors import ImageError
from careen.model.attestations.ended import EndedDocument, EndedKind
from careen.model.digest import Digest
from careen.oci.documents import as_list, as_object, read_json
from careen.oci.manifest import Descriptor, Index, parse_descriptor, parse_manifest

COSIGN_TAGS: Mapping[str, EndedKind] = {
    ".sig": EndedKind.SIGNATURE,
    ".att": EndedKind.ATTESTATION,
    ".sbom": EndedKind.SBOM,
}
"""What cosign keeps under the tag `sha256-HEX` with this ending; without one it is a list."""

_PREDICATES = ("predicateType", "dev.sigstore.bundle.predicateType", "in-toto.io/predicate-type")
_SIGNED_ALONE = "https://sigstore.dev/cosign/sign/v1"
_WORDS = (  # parts of artifact types, first match first
    ("signature", EndedKind.SIGNATURE),
    (".sig.", EndedKind.SIGNATURE),
    ("sigstore.bundle", EndedKind.ATTESTATION),
    ("in-toto", EndedKind.ATTESTATION),
    ("attestation", EndedKind.ATTESTATION),
    ("cyclonedx", EndedKind.SBOM),
    ("spdx", EndedKind.SBOM),
    ("syft", EndedKind.SBOM),
)
_LONGEST = 200  # characters of a type, which anyone may have written


def list_tag(digest: Digest) -> str:
    """Return the tag of what is about a digest, without cosign's ending."""
    return f"sha256-{digest.hex}"


def under_tag(data: bytes, kind: EndedKind, about: Digest, place: str) -> Iterator[EndedDocument]:
    """Yield the documents of cosign's manifest: each is a layer. Raises ImageError."""
    found = parse_manifest(data, "", place, artifact=True)
    if isinstance(found, Index):
        msg = f"{place}: expected a manifest of cosign, got an index"
        raise ImageError(msg)
    for layer in found.layers:
        kept = _predicate(layer.annotations) or layer.media_type
        yield EndedDocument(place, str(layer.digest), kind, kept[:_LONGEST], str(about))


def built_in(data: bytes, digest: Digest, about: Digest, place: str) -> EndedDocument:
    """Return an attestation of BuildKit's by its manifest. Raises ImageError.

    It may be a referrer, too, and is then listed by the same digest.
    """
    layers = [each.type for each in under_tag(data, EndedKind.ATTESTATION, about, place)]
    kept = ", ".join(dict.fromkeys(layers))
    return EndedDocument(place, str(digest), EndedKind.ATTESTATION, kept[:_LONGEST], str(about))


def listed(data: bytes, about: Digest, place: str) -> Iterator[EndedDocument]:
    """Yield the documents of a list of referrers. Raises ImageError."""
    if not isinstance(parse_manifest(data, "", place, artifact=True), Index):
        msg = f"{place}: expected a list of referrers, got a manifest"
        raise ImageError(msg)
    document = as_object(read_json(data, place), place)
    yield from descriptors(as_list(document.get("manifests"), place), about, place)


def descriptors(items: Iterable[Any], about: Digest, place: str) -> Iterator[EndedDocument]:
    """Yield the documents that descriptors name. Raises ImageError."""
    for item in items:
        raw = as_object(item, place)
        descriptor = parse_descriptor(raw, place)
        artifact = str(raw.get("artifactType") or "")
        yield _document(descriptor, artifact, about, place)


def _document(descriptor: Descriptor, artifact: str, about: Digest, place: str) -> EndedDocument:
    predicate = _predicate(descriptor.annotations)
    stated = predicate or artifact or descriptor.media_type
    return EndedDocument(
        place,
        str(descriptor.digest),
        kind_of(artifact, predicate),
        stated[:_LONGEST],
        str(about),
    )


def kind_of(artifact: str, predicate: str) -> EndedKind:
    """Return what a document is by its artifact type and its predicate type."""
    if predicate:
        return EndedKind.SIGNATURE if predicate == _SIGNED_ALONE else EndedKind.ATTESTATION
    lowered = artifact.lower()
    return next((kind for word, kind in _WORDS if word in lowered), EndedKind.OTHER)


def _predicate(annotations: Mapping[str, str]) -> str:
    return next((annotations[key] for key in _PREDICATES if annotations.get(key)), "")
