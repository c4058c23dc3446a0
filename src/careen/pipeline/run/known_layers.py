"""Cache of packed layers of results, so that a layer that was packed before is packed no more.

The blobs lie in the cache of blobs. Beside it is stored which blob a layer was packed into, by its
diff ID, and which diff ID a layer has, by what it is composed of.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from careen.model.digest import Digest
from careen.oci.manifest import LAYER_TYPES, Compression, Descriptor
from careen.oci.write import PackedLayer
from careen.registries.blob_cache import BlobCache
from careen.tools.cache import code_stamp
from careen.tools.value_store import value_store

_SIZE = hashlib.sha256().digest_size


@dataclass(frozen=True, slots=True)
class KnownLayers:
    """Packed layers of earlier runs; `values` None remembers nothing.

    Blobs are linked into `scratch`, and verified there. No method raises: a cache that cannot be
    used only costs time.
    """

    values: Path | None
    blobs: BlobCache | None
    scratch: Path

    @property
    def usable(self) -> bool:
        """Whether anything is remembered."""
        return self.values is not None and self.blobs is not None

    def composed(self, name: str) -> Digest | None:
        """Return the diff ID of the layer that is composed so, or None."""
        with value_store(self.values) as values:
            found = values.get("composed", name)
        return Digest(found.hex()) if found is not None and len(found) == _SIZE else None

    def note_composed(self, diff_ids: Mapping[str, Digest]) -> None:
        """Record the diff IDs of layers by what they are composed of."""
        with value_store(self.values) as values:
            for name, diff_id in diff_ids.items():
                values.put(bytes.fromhex(diff_id.hex), "composed", name)

    def find(self, diff_id: Digest, compression: Compression) -> PackedLayer | None:
        """Return a layer as an earlier run packed it, or None."""
        if self.blobs is None or compression is Compression.NONE:
            return None
        with value_store(self.values) as values:
            found = values.get(*_key(diff_id, compression))
        if found is None:
            return None
        digest, size = Digest(found[:_SIZE].hex()), int.from_bytes(found[_SIZE:], "big")
        blob = self.take(digest, size)
        if blob is None:
            return None
        return PackedLayer(Descriptor(LAYER_TYPES[compression], digest, size), blob)

    def take(self, digest: Digest, size: int) -> Path | None:
        """Return the path of a verified blob of the cache, or None; a damaged one is dropped."""
        if self.blobs is None:
            return None
        target = self.scratch / f"{digest.hex}-{secrets.token_hex(4)}"
        if not self.blobs.take(digest, size, target):
            return None
        with target.open("rb") as stream:
            sound = hashlib.file_digest(stream, "sha256").hexdigest() == digest.hex
        if sound:
            return target
        target.unlink()
        self.blobs.drop(digest)
        return None

    def keep(self, layers: Mapping[Digest, PackedLayer], compression: Compression) -> None:
        """Record layers that this run packed, by their diff IDs."""
        if self.blobs is None or not self.usable or compression is Compression.NONE:
            return
        with value_store(self.values) as values:
            for diff_id, layer in layers.items():
                blob = layer.descriptor
                self.blobs.keep(blob.digest, layer.path)
                packed = bytes.fromhex(blob.digest.hex) + blob.size.to_bytes(8, "big")
                values.put(packed, *_key(diff_id, compression))
        self.blobs.shrink()


def _key(diff_id: Digest, compression: Compression) -> tuple[str, ...]:
    return "packed", code_stamp(), compression.value, diff_id.hex
