"""The containerd store: blobs by digest, as in an OCI image layout."""

import json
import re
from contextlib import ExitStack
from pathlib import Path

from careen.errors import ImageError
from careen.oci.blobs import open_file
from careen.oci.documents import as_object, read_json
from careen.oci.extents import BytesPart, Extents
from careen.oci.limits import MAX_DOCUMENT

_CONTENT = "io.containerd.content.v1.content"
_BLOB = re.compile(r"blobs/sha256/[0-9a-f]{64}\Z")
_LAYOUT = {"imageLayoutVersion": "1.0.0"}


class ContentStore:
    """The image of one digest (of its manifest, or of an index), in the shape of an image layout.

    Of an index, the store has often one platform alone: the others are left out. Raises ImageError and OSError for what
    is not as expected.
    """

    def __init__(self, folder: Path, digest: str, files: ExitStack) -> None:
        self._folder = folder
        self._files = files
        self._made: dict[str, Extents] = {}
        text = self._document(digest)
        document = as_object(read_json(text, digest), digest)
        inner = document.get("manifests")
        own = {"mediaType": document.get("mediaType"), "digest": digest, "size": len(text)}
        here = [item for item in inner if self._has(item)] if isinstance(inner, list) else [own]
        index = {"schemaVersion": 2, "manifests": here}
        self._made = {"oci-layout": _json(_LAYOUT), "index.json": _json(index)}

    def find(self, name: str) -> Extents | None:
        if name in self._made:
            return self._made[name]
        path = self._folder / name
        known = _BLOB.match(name) and not path.is_symlink() and path.exists()
        return open_file(path, self._files, follow=False) if known else None

    def _document(self, digest: str) -> bytes:
        found = self.find(f"blobs/{digest.replace(':', '/')}")
        if found is None or found.size > MAX_DOCUMENT:
            msg = f"the content store has no document {digest[:100]!r}"
            raise ImageError(msg)
        return found.read_at(0, found.size)

    def _has(self, item: object) -> bool:
        digest = item.get("digest") if isinstance(item, dict) else None
        return isinstance(digest, str) and self.find(f"blobs/{digest.replace(':', '/')}") is not None


def content_folder(root: Path, digest: str) -> Path:
    """Return the content store that has a blob: the daemon's own containerd, or the machine's.

    Raises ImageError where neither can be read, or has it.
    """
    own = root / "containerd" / "daemon" / _CONTENT
    for folder in (own, Path("/var/lib/containerd") / _CONTENT):
        if (folder / "blobs" / digest.replace(":", "/")).is_file():
            return folder
    msg = f"no content store on this machine has {digest}"
    raise ImageError(msg)


def _json(value: object) -> Extents:
    return Extents([BytesPart(json.dumps(value).encode())])
