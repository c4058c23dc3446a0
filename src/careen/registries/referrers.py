"""Attach documents to a pushed image, as OCI referrers.

A registry without the referrers API gets the list of them under the tag `sha256-HEX` instead (OCI
distribution specification 1.1, "Unavailable Referrers API").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from careen.errors import ToolError
from careen.model.digest import Digest
from careen.oci.documents import as_list, as_object, dump_json, read_json
from careen.oci.limits import MAX_MANIFESTS
from careen.oci.manifest import OCI_INDEX, OCI_MANIFEST, Descriptor
from careen.oci.reference import RegistryImage
from careen.registries.artifact_layout import ArtifactLayout, copy
from careen.registries.listing import listed_referrers
from careen.registries.manifests import manifest_at
from careen.registries.skopeo import Skopeo

TRIES = 3
"""Attempts at adding to the list under the tag, which another writer may replace."""

_EMPTY_TYPE = "application/vnd.oci.empty.v1+json"
_TITLE = "org.opencontainers.image.title"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document to attach: its file name, its media type, its bytes."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Subject:
    """The image that documents are attached to: its place, its manifest's digest and size."""

    image: RegistryImage
    digest: Digest
    size: int

    @property
    def list_tag(self) -> RegistryImage:
        """Where the list of referrers is, if the registry makes none."""
        return RegistryImage(f"{self.image.repository}:sha256-{self.digest.hex}")


def attach(
    subject: Subject, attachments: Sequence[Attachment], folder: Path, skopeo: Skopeo
) -> None:
    """Push the documents, and see that they are listed. Raises InputError or ToolError."""
    layout = ArtifactLayout(folder)
    items = [_added(layout, attachment, subject) for attachment in attachments]
    for item in items:
        copy(layout, item, subject.image.at(item["digest"]), skopeo)
    wanted = {str(item["digest"]) for item in items}
    if not wanted <= listed_referrers(subject.image, subject.digest, skopeo):
        _list_under_tag(subject, layout, items, skopeo)


def _list_under_tag(
    subject: Subject, layout: ArtifactLayout, items: Sequence[dict[str, Any]], skopeo: Skopeo
) -> None:
    wanted = {str(item["digest"]) for item in items}
    for _ in range(TRIES):
        known = _listed_under_tag(subject, skopeo)
        if wanted <= {str(item.get("digest")) for item in known}:
            return
        fresh = [item for item in known if item.get("digest") not in wanted]
        if len(fresh) + len(items) > MAX_MANIFESTS:
            msg = f"{subject.list_tag}: lists more than {MAX_MANIFESTS} documents already"
            raise ToolError(msg)
        named = _added_list(layout, [*fresh, *items])
        copy(layout, named, subject.list_tag, skopeo)
    if not wanted <= {str(item.get("digest")) for item in _listed_under_tag(subject, skopeo)}:
        msg = f"{subject.list_tag}: another program keeps replacing this list; try again"
        raise ToolError(msg)


def _listed_under_tag(subject: Subject, skopeo: Skopeo) -> list[dict[str, Any]]:
    doing = f"asking for the documents of {subject.image}"
    data = manifest_at(subject.list_tag, skopeo, doing)
    if data is None:
        return []
    where = str(subject.list_tag)
    document = as_object(read_json(data, where), where)
    return [
        dict(as_object(item, f"{where}.manifests[{i}]"))
        for i, item in enumerate(as_list(document.get("manifests"), f"{where}.manifests"))
    ]


def _added(layout: ArtifactLayout, attachment: Attachment, subject: Subject) -> dict[str, Any]:
    """Write a document's manifest and return its descriptor."""
    kind = attachment.media_type
    blob = layout.put(attachment.data, kind)
    document = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "artifactType": kind,
        "config": layout.put(b"{}", _EMPTY_TYPE),
        "layers": [{**blob, "annotations": {_TITLE: attachment.name}}],
        "subject": Descriptor(OCI_MANIFEST, subject.digest, subject.size).document(),
    }
    return {**layout.put(dump_json(document), OCI_MANIFEST), "artifactType": kind}


def _added_list(layout: ArtifactLayout, items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Write a list of documents and return its descriptor."""
    document = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": list(items)}
    return layout.put(dump_json(document), OCI_INDEX)
