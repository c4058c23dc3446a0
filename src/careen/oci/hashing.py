"""Digests of bytes in memory and of extents."""

import hashlib
from pathlib import Path

from careen.model.digest import Digest
from careen.oci.extents import Extents

CHUNK = 1 << 20


def digest_of_bytes(data: bytes) -> Digest:
    """Return the sha256 of bytes."""
    return Digest(hashlib.sha256(data).hexdigest())


def digest_of_extents(extents: Extents) -> Digest:
    """Return the sha256 of all bytes of the extents."""
    hasher = hashlib.sha256()
    buffer = memoryview(bytearray(CHUNK))
    at = 0
    while got := extents.fill(buffer, at):
        hasher.update(buffer[:got])
        at += got
    return Digest(hasher.hexdigest())


def scratch_error(scratch: Path, error: OSError) -> str:
    """Return the message for a scratch directory that cannot be written."""
    return (
        f"writing to the work directory {str(scratch)!r}: {error.strerror}; free some space or name"
        " another one with --work-dir"
    )
