"""Signed statements under the tag `sha256-HEX.att` of an image, as cosign before 3 keeps them.

Admission controllers with a key read no Sigstore bundles, or only of late.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from careen.errors import ImageError, ToolError
from careen.model.digest import Digest
from careen.oci.documents import as_list, as_object, dump_json, read_json
from careen.oci.hashing import digest_of_bytes
from careen.oci.manifest import OCI_MANIFEST, Descriptor, parse_descriptor, refuse_urls
from careen.oci.reference import RegistryImage
from careen.oci.select import blob_name
from careen.registries.artifact_layout import ArtifactLayout, copy
from careen.registries.fetch import Watch
from careen.registries.manifests import manifest_at
from careen.registries.referrers import TRIES, Subject
from careen.registries.skopeo import Call, Skopeo, seconds_for

ENVELOPE = "application/vnd.dsse.envelope.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_SIGNATURE, _PREDICATE = "dev.cosignproject.cosign/signature", "predicateType"
_MOST = 64  # statements under one tag
_MOST_BYTES = 1 << 30  # statements of others may hold a list of all packages


@dataclass(frozen=True, slots=True)
class Envelope:
    """A signed DSSE envelope (JSON) and the predicate type of the statement in it."""

    predicate_type: str
    data: bytes


def tag_of(subject: Subject) -> RegistryImage:
    """Return the name of an image's attestations."""
    return RegistryImage(f"{subject.image.repository}:sha256-{subject.digest.hex}.att")


def tag_envelopes(
    subject: Subject,
    envelopes: Sequence[Envelope],
    is_own: Callable[[bytes], bool],
    folder: Path,
    skopeo: Skopeo,
) -> None:
    """Push envelopes under the tag, in place of own ones of their predicate types.

    `is_own` tells of an envelope (JSON) whether the signer of these made it; those of others stay.
    Raises InputError, ToolError or ImageError.
    """
    target = tag_of(subject)
    layout = ArtifactLayout(folder / "layout")
    fresh = [
        {
            **layout.put(each.data, ENVELOPE),
            "annotations": {_SIGNATURE: "", _PREDICATE: each.predicate_type},
        }
        for each in envelopes
    ]
    types = {each.predicate_type for each in envelopes}
    wanted = {str(layer["digest"]) for layer in fresh}
    known = _known(target, skopeo)
    for _ in range(TRIES):
        _fetch(target, known, layout, folder, skopeo)
        kept = [
            layer
            for layer in known.layers
            if not (_predicate(layer, target) in types and is_own(_held(layer, layout, target)))
        ]
        layers = [*kept, *fresh]
        if len(layers) > _MOST:
            msg = f"{target}: has more than {_MOST} statements"
            raise ImageError(msg)
        copy(layout, _document(layers, layout), target, skopeo)
        known = _known(target, skopeo)  # another writer may have replaced the list meanwhile
        if wanted <= {str(layer.get("digest")) for layer in known.layers}:
            return
    msg = f"{target}: another program keeps replacing this list; try again"
    raise ToolError(msg)


@dataclass(frozen=True, slots=True)
class _Known:
    """The list under the tag: its digest, None if there is none, its layers, and all blobs."""

    digest: Digest | None
    layers: Sequence[dict[str, Any]]
    blobs: Sequence[Descriptor]


def _known(target: RegistryImage, skopeo: Skopeo) -> _Known:
    data = manifest_at(target, skopeo, f"asking for the attestations of {target}")
    if data is None:
        return _Known(None, (), ())
    where = str(target)
    refuse_urls(data, where)
    document = as_object(read_json(data, where), where)
    items = as_list(document.get("layers"), f"{where}.layers")
    if len(items) > _MOST:
        msg = f"{target}: has {len(items)} statements, more than the {_MOST} that careen reads"
        raise ImageError(msg)
    layers = [dict(as_object(item, f"{where}.layers[{i}]")) for i, item in enumerate(items)]
    blobs = [
        parse_descriptor(document.get("config"), f"{where}.config"),
        *(parse_descriptor(layer, f"{where}.layers[{i}]") for i, layer in enumerate(layers)),
    ]
    if (size := sum(each.size for each in blobs)) > _MOST_BYTES:
        msg = f"{target}: has {size:,} bytes, more than the {_MOST_BYTES:,} that careen reads"
        raise ImageError(msg)
    return _Known(digest_of_bytes(data), layers, blobs)


def _fetch(
    target: RegistryImage, known: _Known, layout: ArtifactLayout, folder: Path, skopeo: Skopeo
) -> None:
    """Fetch the blobs of the list into the layout, and no more than the list states."""
    if known.digest is None:
        return
    source = target.at(known.digest)  # the list that was checked
    size = sum(each.size for each in known.blobs)
    watch = Watch(layout.path, size, lambda _: None)
    shared = str(layout.path / "blobs")
    words = ("--quiet", "--preserve-digests", "--dest-shared-blob-dir", shared)
    names = (str(source), f"oci:{folder / 'there'}:list")
    doing = f"fetching {target}"
    skopeo.call(
        Call("copy", (*words, *names), source, doing, "src-", seconds_for(size), watch.exceeded)
    )


def _predicate(layer: dict[str, Any], target: RegistryImage) -> Any:
    return as_object(layer.get("annotations") or {}, str(target)).get(_PREDICATE)


def _held(layer: dict[str, Any], layout: ArtifactLayout, target: RegistryImage) -> bytes:
    """Return the bytes of a layer that was fetched. Raises ImageError if it is damaged."""
    found = parse_descriptor(layer, str(target))
    path = layout.path / blob_name(found.digest)
    if not path.is_file() or path.stat().st_size != found.size:
        msg = f"{target}: the registry sent the statement {found.digest} not as its list says"
        raise ImageError(msg)
    return path.read_bytes()


def _document(layers: Sequence[dict[str, Any]], layout: ArtifactLayout) -> dict[str, Any]:
    """Write the list and return its descriptor."""
    config = {
        "architecture": "",
        "os": "",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": [layer["digest"] for layer in layers]},
    }
    document = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": layout.put(dump_json(config), _CONFIG),
        "layers": list(layers),
    }
    return layout.put(dump_json(document), OCI_MANIFEST)
