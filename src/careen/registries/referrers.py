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
from careen.oci.hashing import digest_of_bytes
from careen.oci.limits import MAX_MANIFESTS
from careen.oci.manifest import OCI_INDEX, OCI_MANIFEST, REF_NAME, Descriptor
from careen.oci.reference import RegistryImage
from careen.oci.select import blob_name
from careen.oci.write import LAYOUT_FILE
from careen.registries.failures import Failure, SkopeoFailure
from careen.registries.listing import listed_referrers
from careen.registries.manifests import raw_manifest_call
from careen.registries.skopeo import Call, Skopeo, error_of

TRIES = 3
"""Attempts at adding to the list under the tag, which another writer may replace."""

_EMPTY_TYPE = "application/vnd.oci.empty.v1+json"
_TITLE = "org.opencontainers.image.title"
_LIST = "list"


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
    layout = _Layout(folder)
    items = [layout.add(attachment, subject) for attachment in attachments]
    for item in items:
        _copy(layout, item, subject.image.at(item["digest"]), skopeo)
    wanted = {str(item["digest"]) for item in items}
    if not wanted <= listed_referrers(subject.image, subject.digest, skopeo):
        _list_under_tag(subject, layout, items, skopeo)


def _list_under_tag(
    subject: Subject, layout: "_Layout", items: Sequence[dict[str, Any]], skopeo: Skopeo
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
        named = layout.add_list([*fresh, *items])
        _copy(layout, named, subject.list_tag, skopeo)
    if not wanted <= {str(item.get("digest")) for item in _listed_under_tag(subject, skopeo)}:
        msg = f"{subject.list_tag}: another program keeps replacing this list; try again"
        raise ToolError(msg)


def _listed_under_tag(subject: Subject, skopeo: Skopeo) -> list[dict[str, Any]]:
    call = raw_manifest_call(subject.list_tag, f"asking for the documents of {subject.image}")
    done = skopeo.attempt(call)
    if isinstance(done, SkopeoFailure):
        if done.kind is Failure.ABSENT:
            return []
        raise error_of(done, call)
    where = str(subject.list_tag)
    document = as_object(read_json(done.stdout, where), where)
    return [
        dict(as_object(item, f"{where}.manifests[{i}]"))
        for i, item in enumerate(as_list(document.get("manifests"), f"{where}.manifests"))
    ]


def _copy(layout: "_Layout", item: dict[str, Any], target: RegistryImage, skopeo: Skopeo) -> None:
    layout.publish(item)
    words = ("--quiet", "--preserve-digests", "--multi-arch", "index-only")
    names = (f"oci:{layout.path}:{_LIST}", str(target))
    skopeo.call(Call("copy", (*words, *names), target, f"attaching to {target}", "dest-"))


class _Layout:
    """A layout that documents are pushed from, one at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "blobs" / "sha256").mkdir(parents=True)
        (path / "oci-layout").write_bytes(LAYOUT_FILE)

    def add(self, attachment: Attachment, subject: Subject) -> dict[str, Any]:
        """Write a document's manifest and return its descriptor."""
        kind = attachment.media_type
        blob = self._put(attachment.data, kind)
        document = {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "artifactType": kind,
            "config": self._put(b"{}", _EMPTY_TYPE),
            "layers": [{**blob, "annotations": {_TITLE: attachment.name}}],
            "subject": Descriptor(OCI_MANIFEST, subject.digest, subject.size).document(),
        }
        return {**self._put(dump_json(document), OCI_MANIFEST), "artifactType": kind}

    def add_list(self, items: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Write a list of documents and return its descriptor."""
        document = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": list(items)}
        return self._put(dump_json(document), OCI_INDEX)

    def publish(self, item: dict[str, Any]) -> None:
        """Make one document or list the layout's only image."""
        named = {**item, "annotations": {REF_NAME: _LIST}}
        index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [named]}
        (self.path / "index.json").write_bytes(dump_json(index))

    def _put(self, data: bytes, media_type: str) -> dict[str, Any]:
        digest = digest_of_bytes(data)
        (self.path / blob_name(digest)).write_bytes(data)
        return Descriptor(media_type, digest, len(data)).document()
