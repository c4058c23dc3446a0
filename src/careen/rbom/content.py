"""The hashes of files of an image."""

import hashlib

from careen.model.entry import Entry
from careen.model.rbom import RuntimeBom
from careen.oci.rootfs import Rootfs

_CHUNK = 1 << 20


class ContentHashes:
    """SHA-256 in hex, each content read once, in chunks: hard links share it. One for all the runs
    of an image spares reading it again for each.
    """

    def __init__(self, rootfs: Rootfs, known: RuntimeBom | None = None) -> None:
        """`known` is an RBOM that was made of this very index: what it has hashed is not read
        again.
        """
        self._rootfs = rootfs
        files = known.files if known is not None else ()
        self._known = {
            entry.inode: file.sha256
            for file in files
            if file.sha256 and (entry := rootfs.get(file.path)) is not None
        }

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
