"""Selection of a layout's manifest by tag, then by platform, through nested indexes."""

import platform as host
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from careen.errors import ImageError, InputError
from careen.model.digest import Digest
from careen.model.image import Platform
from careen.oci.blobs import Store
from careen.oci.choices import listed
from careen.oci.config import parse_config
from careen.oci.documents import as_object, read_json
from careen.oci.hashing import digest_of_bytes
from careen.oci.index.walk import walk
from careen.oci.limits import MAX_DOCUMENT
from careen.oci.manifest import (
    CONFIGS,
    CONTAINERD_NAME,
    REF_NAME,
    Descriptor,
    Index,
    Manifest,
    parse_manifest,
)
from careen.oci.reference import full_name

_MACHINES = {
    "x86_64": "amd64",
    "aarch64": "arm64",
    "armv7l": "arm",
    "armv6l": "arm",
    "i686": "386",
    "i386": "386",
    "ppc64le": "ppc64le",
    "s390x": "s390x",
    "riscv64": "riscv64",
}
# The variant that a platform without one stands for, as in containerd's `platforms.Normalize`.
_USUAL = {"amd64": "v1", "arm": "v7", "arm64": "v8"}
ATTESTATION = "vnd.docker.reference.type"
SAVED = "kind"
SAVED_DOCUMENTS = tuple(f"dev.cosignproject.cosign/{kind}" for kind in ("sigs", "atts", "sboms"))
"""Values of the annotation `SAVED` in a layout by `cosign save`."""
_DOCUMENT = re.compile(r"(?:\A|:)sha256-[0-9a-f]{64}(?:\.(?:sig|att|sbom))?\Z")


@dataclass(frozen=True, slots=True)
class Found:
    """A manifest of the layout, with the digest of its bytes."""

    digest: Digest
    manifest: Manifest
    platform: Platform


def host_platform() -> Platform:
    """Return the platform of the images that this machine runs."""
    return Platform("linux", architecture_named(host.machine()))


def architecture_named(machine: str) -> str:
    """Return an architecture's name in images by that of `uname -m`."""
    return _MACHINES.get(machine.lower(), machine.lower())


def blob_name(digest: Digest) -> str:
    """Return a blob's path in a layout."""
    return f"blobs/sha256/{digest.hex}"


def read_blob(store: Store, descriptor: Descriptor, where: str) -> bytes:
    """Return a document's bytes after checking size and digest, or raise ImageError."""
    found = store.find(blob_name(descriptor.digest))
    if found is None:
        msg = f"{where}: the blob {descriptor.digest} is not in the image"
        raise ImageError(msg)
    if found.size != descriptor.size or found.size > MAX_DOCUMENT:
        msg = (
            f"{where}: blob {descriptor.digest} has {found.size} bytes, expected {descriptor.size}"
            f" (at most {MAX_DOCUMENT})"
        )
        raise ImageError(msg)
    data = found.read_at(0, found.size)
    seen = digest_of_bytes(data)
    if seen != descriptor.digest:
        msg = (
            f"{where}: the blob's content does not match its digest: expected {descriptor.digest},"
            f" computed {seen}"
        )
        raise ImageError(msg)
    return data


def names_of(descriptor: Descriptor) -> tuple[str, ...]:
    """Return the names that an index gives a manifest."""
    return tuple(
        name for key in (REF_NAME, CONTAINERD_NAME) if (name := descriptor.annotations.get(key))
    )


def is_image(descriptor: Descriptor) -> bool:
    """Return whether a manifest is an image, not an attestation."""
    # BuildKit's attestations have the platform unknown/unknown.
    return (
        ATTESTATION not in descriptor.annotations
        and (descriptor.platform is None or descriptor.platform.os != "unknown")
        and not is_document(descriptor)
    )


def is_document(descriptor: Descriptor) -> bool:
    """Return whether a manifest is about an image, by its name or by what `cosign save` notes."""
    names = names_of(descriptor)
    return descriptor.annotations.get(SAVED) in SAVED_DOCUMENTS or (
        bool(names) and all(_DOCUMENT.search(name) for name in names)
    )


def is_about_another(data: bytes, where: str) -> bool:
    """Return whether a manifest is a referrer, and no image itself."""
    document = as_object(read_json(data, where), where)
    config = document.get("config")
    kind = config.get("mediaType") if isinstance(config, dict) else None
    return "subject" in document and kind not in CONFIGS


def tagged(index: Index, tag: str | None, reference: str) -> tuple[Descriptor, ...]:
    """Return the manifests that `tag` names, or all if they are one image.

    Raises InputError that lists the tags.
    """
    images = tuple(item for item in index.manifests if not is_document(item))
    names = sorted({names_of(item)[0] for item in images if names_of(item)})
    if tag is None:
        if len(names) > 1:
            msg = (
                f"{reference}: holds several images; name one of them after a colon:"
                f" {listed(names)}"
            )
            raise InputError(msg)
        return images
    found = tuple(
        item
        for item in index.manifests
        if tag in names_of(item) or full_name(tag) in names_of(item)
    )
    if not found:
        there = f"there are: {listed(names)}"
        if not names:
            there = "its images have no tags, leave the tag out"
        msg = f"{reference}: no image is tagged {tag!r}; {there}"
        raise InputError(msg)
    return found


def manifests(
    store: Store, roots: tuple[Descriptor, ...], where: str
) -> tuple[tuple[Descriptor, Manifest], ...]:
    """Return every image manifest below `roots`, in order, each once.

    Platforms of an index that the store does not hold are left out. Raises ImageError as `walk`,
    for bad documents, and if all platforms are missing.
    """
    out: dict[Digest, tuple[Descriptor, Manifest]] = {}
    named, missing = frozenset(root.digest for root in roots), list[Descriptor]()

    def visit(descriptor: Descriptor) -> Sequence[Descriptor]:
        if not is_image(descriptor):
            return ()
        # `docker save` writes the whole index, and the platforms alone that its store holds.
        if descriptor.digest not in named and store.find(blob_name(descriptor.digest)) is None:
            missing.append(descriptor)
            return ()
        place = f"{where}: manifest {descriptor.digest}"
        data = read_blob(store, descriptor, place)
        if len(roots) > 1 and is_about_another(data, place):
            return ()
        found = parse_manifest(data, descriptor.media_type, place)
        if isinstance(found, Index):
            return found.manifests
        out.setdefault(descriptor.digest, (descriptor, found))
        return ()

    walk(roots, visit, where)
    if missing and not out:
        names = listed([str(each.digest) for each in missing])
        msg = f"{where}: none of the manifests that the index names is in it: {names}"
        raise ImageError(msg)
    return tuple(out.values())


def matches(have: Platform, want: Platform) -> bool:
    """Return whether platform `have` satisfies `want`; without a wanted variant any will do."""
    return (
        have.os == want.os
        and have.architecture == want.architecture
        and (not want.variant or have.variant == want.variant)
    )


def choose(
    store: Store,
    found: tuple[tuple[Descriptor, Manifest], ...],
    want: Platform | None,
    reference: str,
) -> Found:
    """Return the manifest for the platform; the default is the host's, or the only one.

    Raises InputError that lists the platforms.
    """

    def stated(descriptor: Descriptor, manifest: Manifest) -> Platform:
        if descriptor.platform is not None and len(found) > 1:
            return descriptor.platform
        where = f"{reference}: config"
        return parse_config(read_blob(store, manifest.config, where), where).platform

    options = [
        Found(descriptor.digest, manifest, stated(descriptor, manifest))
        for descriptor, manifest in found
    ]
    if len(options) == 1 and (want is None or matches(options[0].platform, want)):
        return options[0]
    found_at = pick([(one.digest, one.platform) for one in options], want, reference)
    return options[found_at]


def pick(options: Sequence[tuple[Digest, Platform]], want: Platform | None, reference: str) -> int:
    """Return the position of the manifest for the platform; None is this machine's.

    Of several variants it is the one that is asked for; without one, the image that states none,
    or the architecture's usual one. Raises InputError that lists the platforms.
    """
    target = want or host_platform()
    fitting = [i for i, (_, platform) in enumerate(options) if matches(platform, target)]
    if not fitting:
        there = listed(sorted({str(platform) for _, platform in options})) or "none"
        msg = f"{reference}: no image for {target}; available: {there} (choose with --platform)"
        raise InputError(msg)
    usual = replace(target, variant=_USUAL.get(target.architecture, target.variant))
    for exact in (target, usual):
        fitting = [i for i in fitting if options[i][1] == exact] or fitting
    if len({options[i][1] for i in fitting}) < len(fitting):
        msg = (
            f"{reference}: holds {len(fitting)} images for {target} and no tag tells them apart:"
            f" {listed([str(options[i][0]) for i in fitting])}"
        )
        raise InputError(msg)
    if len(fitting) > 1:
        variants = listed(sorted(str(options[i][1]) for i in fitting))
        msg = f"{reference}: has several variants of {target}: {variants}; choose with --platform"
        raise InputError(msg)
    return fitting[0]
