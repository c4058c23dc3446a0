"""Digests of streams and of files of the image."""

import hashlib
from pathlib import Path
from typing import BinaryIO

from careen.model.digest import Digest
from careen.model.paths import ImagePath
from careen.oci.extents import Extents
from careen.oci.rootfs import Rootfs

CHUNK = 1 << 20


def digest_of_bytes(data: bytes) -> Digest:
    """Return the sha256 of bytes in memory."""
    return Digest(hashlib.sha256(data).hexdigest())


def digest_of_extents(extents: Extents) -> Digest:
    """Return the sha256 of all bytes."""
    hasher = hashlib.sha256()
    buffer = memoryview(bytearray(CHUNK))
    at = 0
    while got := extents.fill(buffer, at):
        hasher.update(buffer[:got])
        at += got
    return Digest(hasher.hexdigest())


def _digest_of_stream(stream: BinaryIO) -> str:
    hasher = hashlib.sha256()
    while chunk := stream.read(CHUNK):
        hasher.update(chunk)
    return hasher.hexdigest()


def sha256_of(rootfs: Rootfs, path: ImagePath) -> str:
    """Return the sha256 (64 hex characters) of the regular file at exactly `path`. Raises ImageError if it is not one."""
    with rootfs.open(path) as stream:
        return _digest_of_stream(stream)


def scratch_error(scratch: Path, error: OSError) -> str:
    """Return the message for a scratch directory that cannot be written."""
    return f"writing to the work directory {str(scratch)!r}: {error.strerror}; free some space or name another one with --work-dir"
