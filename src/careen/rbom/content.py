"""Content hashes of an image's files."""

import hashlib

from careen.model.entry import Entry
from careen.model.rbom import RuntimeBom
from careen.oci.tree.rootfs import Rootfs

_CHUNK = 1 << 20


class ContentHashes:
    """SHA-256 of file contents, in hex; each content is read once, and hard links share it.

    One instance can serve all runs of an image.
    """

    def __init__(self, rootfs: Rootfs, known: RuntimeBom | None = None) -> None:
        """Take over the hashes of `known`, an RBOM made from the same index."""
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
