"""Chunks that gzip cannot make smaller are stored, and all others are packed."""

import gzip
import hashlib

from careen.oci.compress import _gzip


def noise(size: int) -> bytes:
    return hashlib.shake_256(b"noise").digest(size)


def test_noise_is_stored_and_read_back() -> None:
    chunk = noise(4 << 20)
    stored = _gzip(chunk)
    assert len(chunk) < len(stored) < len(chunk) + 1024
    assert stored[15 : 15 + 65535] == chunk[:65535]  # a stored block, behind two headers
    assert gzip.decompress(stored) == chunk


def test_text_between_noise_is_packed() -> None:
    chunk = b"".join(noise(64 << 10) + bytes(64 << 10) for _ in range(32))
    assert len(_gzip(chunk)) < 0.6 * len(chunk)


def test_a_small_chunk_is_never_judged_by_samples() -> None:
    chunk = noise(1 << 10) * 32
    assert len(_gzip(chunk)) < len(chunk) / 8
