"""A layout that documents are pushed from, one at a time."""

from pathlib import Path
from typing import Any

from careen.oci.documents import dump_json
from careen.oci.hashing import digest_of_bytes
from careen.oci.manifest import OCI_INDEX, REF_NAME, Descriptor
from careen.oci.reference import RegistryImage
from careen.oci.select import blob_name
from careen.oci.write import LAYOUT_FILE
from careen.registries.skopeo import Call, Skopeo

_NAME = "list"


class ArtifactLayout:
    """A layout in a new directory, with one image at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "blobs" / "sha256").mkdir(parents=True)
        (path / "oci-layout").write_bytes(LAYOUT_FILE)

    def put(self, data: bytes, media_type: str) -> dict[str, Any]:
        """Write a blob and return its descriptor."""
        digest = digest_of_bytes(data)
        (self.path / blob_name(digest)).write_bytes(data)
        return Descriptor(media_type, digest, len(data)).document()

    def publish(self, item: dict[str, Any]) -> None:
        """Make one document or list the layout's only image."""
        named = {**item, "annotations": {REF_NAME: _NAME}}
        index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [named]}
        (self.path / "index.json").write_bytes(dump_json(index))


def copy(
    layout: ArtifactLayout, item: dict[str, Any], target: RegistryImage, skopeo: Skopeo
) -> None:
    """Push one document or list of the layout. Raises InputError or ToolError."""
    layout.publish(item)
    words = ("--quiet", "--preserve-digests", "--multi-arch", "index-only")
    names = (f"oci:{layout.path}:{_NAME}", str(target))
    skopeo.call(Call("copy", (*words, *names), target, f"attaching to {target}", "dest-"))
