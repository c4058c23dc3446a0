"""Signed statements under the tag `sha256-HEX.att` of an image, as cosign before 3 keeps them.

Admission controllers with a key read no Sigstore bundles, or only of late.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from careen.errors import ImageError
from careen.oci.documents import as_list, as_object, dump_json, read_json
from careen.oci.manifest import OCI_MANIFEST, refuse_urls
from careen.oci.reference import RegistryImage
from careen.registries.artifact_layout import ArtifactLayout, copy
from careen.registries.failures import Failure, SkopeoFailure
from careen.registries.manifests import raw_manifest_call
from careen.registries.referrers import Subject
from careen.registries.skopeo import Call, Skopeo, error_of

ENVELOPE = "application/vnd.dsse.envelope.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_SIGNATURE, _PREDICATE = "dev.cosignproject.cosign/signature", "predicateType"
_MOST = 64  # statements under one tag


@dataclass(frozen=True, slots=True)
class Envelope:
    """A signed DSSE envelope (JSON) and the predicate type of the statement in it."""

    predicate_type: str
    data: bytes


def tag_of(subject: Subject) -> RegistryImage:
    """Return the name of an image's attestations."""
    return RegistryImage(f"{subject.image.repository}:sha256-{subject.digest.hex}.att")


def tag_envelopes(
    subject: Subject, envelopes: Sequence[Envelope], folder: Path, skopeo: Skopeo
) -> None:
    """Push envelopes under the tag, beside those of other predicate types that are there.

    Raises InputError, ToolError or ImageError.
    """
    target = tag_of(subject)
    layout = ArtifactLayout(folder / "layout")
    ours = {each.predicate_type for each in envelopes}
    kept = [
        layer
        for layer in _fetched(target, layout, folder, skopeo)
        if as_object(layer.get("annotations") or {}, str(target)).get(_PREDICATE) not in ours
    ]
    layers = [
        *kept,
        *(
            {
                **layout.put(each.data, ENVELOPE),
                "annotations": {_SIGNATURE: "", _PREDICATE: each.predicate_type},
            }
            for each in envelopes
        ),
    ]
    if len(layers) > _MOST:
        msg = f"{target}: has more than {_MOST} statements"
        raise ImageError(msg)
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
        "layers": layers,
    }
    copy(layout, layout.put(dump_json(document), OCI_MANIFEST), target, skopeo)


def _fetched(
    target: RegistryImage, layout: ArtifactLayout, folder: Path, skopeo: Skopeo
) -> list[dict[str, Any]]:
    """Return the layers that are under the tag, with their blobs in the layout."""
    call = raw_manifest_call(target, f"asking for the attestations of {target}")
    done = skopeo.attempt(call)
    if isinstance(done, SkopeoFailure):
        if done.kind is Failure.ABSENT:
            return []
        raise error_of(done, call)
    where = str(target)
    refuse_urls(done.stdout, where)
    document = as_object(read_json(done.stdout, where), where)
    layers = [
        dict(as_object(item, f"{where}.layers[{i}]"))
        for i, item in enumerate(as_list(document.get("layers"), f"{where}.layers"))
    ]
    shared = str(layout.path / "blobs")
    words = ("--quiet", "--preserve-digests", "--dest-shared-blob-dir", shared)
    names = (str(target), f"oci:{folder / 'there'}:list")
    skopeo.call(Call("copy", (*words, *names), target, f"fetching {target}", "src-"))
    return layers
