"""The hashes of files of an image."""

import hashlib

from careen.model.entry import Entry
from careen.oci.rootfs import Rootfs

_CHUNK = 1 << 20


class ContentHashes:
    """SHA-256 in hex, each content read once, in chunks: hard links share it."""

    def __init__(self, rootfs: Rootfs) -> None:
        self._rootfs = rootfs
        self._known: dict[int, str] = {}

    def of(self, entry: Entry) -> str:
        """Return the hash of a regular file's content."""
        known = self._known.get(entry.inode)
        if known is None:
            digest = hashlib.sha256()
            with self._rootfs.open(entry.path) as stream:
                while chunk := stream.read(_CHUNK):
                    digest.update(chunk)
            known = self._known[entry.inode] = digest.hexdigest()
        return known
