"""Reader of the containerd store: blobs by digest, as in an OCI image layout."""

import json
import re
from contextlib import ExitStack, suppress
from pathlib import Path

from careen.errors import ImageError, InputError
from careen.oci.blobs import open_file
from careen.oci.documents import as_object, read_json
from careen.oci.extents import BytesPart, Extents
from careen.oci.hashing import digest_of_bytes
from careen.oci.limits import MAX_DOCUMENT

_CONTENT = "io.containerd.content.v1.content"
_BLOB = re.compile(r"blobs/sha256/[0-9a-f]{64}\Z")
_LAYOUT = {"imageLayoutVersion": "1.0.0"}


class ContentStore:
    """An image by the digest of its manifest or index, presented as an OCI image layout.

    Platforms of an index that the store does not hold are left out. Raises ImageError and OSError
    for unexpected content.
    """

    def __init__(self, folder: Path, digest: str, files: ExitStack) -> None:
        self._folder = folder
        self._files = files
        self._found: dict[str, Extents | None] = {}
        text = self._document(digest)
        if str(digest_of_bytes(text)) != digest:
            msg = f"the content store has another document under {digest[:100]!r}"
            raise ImageError(msg)
        document = as_object(read_json(text, digest), digest)
        inner = document.get("manifests")
        own = {"mediaType": document.get("mediaType"), "digest": digest, "size": len(text)}
        here = [item for item in inner if self._has(item)] if isinstance(inner, list) else [own]
        index = {"schemaVersion": 2, "manifests": here}
        self._found |= {"oci-layout": _json(_LAYOUT), "index.json": _json(index)}

    def find(self, name: str) -> Extents | None:
        if name not in self._found:  # an index may name one blob a thousand times
            self._found[name] = self._open(name)
        return self._found[name]

    def _open(self, name: str) -> Extents | None:
        path = self._folder / name
        if not _BLOB.match(name) or path.is_symlink() or not path.exists():
            return None
        try:
            return open_file(path, self._files, follow=False)
        except InputError as error:  # a fault of the store, not of the user
            raise ImageError(str(error)) from error

    def _document(self, digest: str) -> bytes:
        found = self.find(f"blobs/{digest.replace(':', '/')}")
        if found is None or found.size > MAX_DOCUMENT:
            msg = f"the content store has no document {digest[:100]!r}"
            raise ImageError(msg)
        return found.read_at(0, found.size)

    def _has(self, item: object) -> bool:
        digest = item.get("digest") if isinstance(item, dict) else None
        return (
            isinstance(digest, str) and self.find(f"blobs/{digest.replace(':', '/')}") is not None
        )


def content_folder(root: Path, digest: str) -> Path:
    """Return the content store that has a blob: the daemon's own containerd, or the machine's.

    Raises ImageError if neither can be read or has it.
    """
    own = root / "containerd" / "daemon" / _CONTENT
    for folder in (own, Path("/var/lib/containerd") / _CONTENT):
        with suppress(OSError):
            if (folder / "blobs" / digest.replace(":", "/")).is_file():
                return folder
    msg = f"no content store on this machine has {digest}"
    raise ImageError(msg)


def _json(value: object) -> Extents:
    return Extents([BytesPart(json.dumps(value).encode())])
