"""Parallel compression of layers in fixed chunks, with equal bytes for any number of threads.

Each chunk is an independent gzip member or zstd frame. Both formats define concatenated streams as
one (RFC 1952 section 2.2, RFC 8878 section 3), and engines read it. gzip is libdeflate's: at this
level it is three times as fast as zlib at its default level, for the same size. A chunk is
stored as it is if gzip hardly makes samples of it smaller.
"""

import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import deflate
import zstandard

from careen.errors import ImageError
from careen.model.runs.meter import Meter
from careen.oci.extents import Extents
from careen.oci.image import Layer
from careen.oci.manifest import Compression

CHUNK = 4 << 20
_GZIP_LEVEL = 5
_FASTEST, _STORED = 1, 0
_SAMPLES, _SAMPLE = 16, 8 << 10
_DENSE = 0.98
_ZSTD_LEVEL = 3


def _gzip(chunk: bytes) -> bytes | bytearray:
    # The gzip header has neither time nor name.
    return deflate.gzip_compress(chunk, _STORED if _dense(chunk) else _GZIP_LEVEL)


def _dense(chunk: bytes) -> bool:
    """Return whether samples of `chunk` hardly get smaller."""
    # More than half of a CUDA library is GPU code that is compressed already. libdeflate spends as
    # long on that as on text, and saves nothing; the samples cost 3 % of a chunk that it does pack.
    step = len(chunk) // _SAMPLES
    if step < 2 * _SAMPLE:
        return False
    sample = b"".join(chunk[at * step : at * step + _SAMPLE] for at in range(_SAMPLES))
    return len(deflate.gzip_compress(sample, _FASTEST)) > _DENSE * len(sample)


def _zstd(chunk: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(chunk)


_PACK: dict[Compression, Callable[[bytes], bytes | bytearray]] = {
    Compression.GZIP: _gzip,
    Compression.ZSTD: _zstd,
}


def hashed_chunks(
    extents: Extents, meter: Meter, hasher: "hashlib._Hash", size: int = CHUNK
) -> Iterator[bytes]:
    """Yield all bytes of extents; `meter` counts them, `hasher` takes them."""
    at = 0
    while chunk := extents.read_at(at, size):
        hasher.update(chunk)
        at += len(chunk)
        meter.move(len(chunk))
        yield chunk


def checked_chunks(layer: Layer, meter: Meter, size: int = CHUNK) -> Iterator[bytes]:
    """Yield a layer's bytes; `meter` counts them.

    Raises ImageError at the end if they do not match the diff ID: the file changed while it was
    read.
    """
    hasher = hashlib.sha256()
    yield from hashed_chunks(layer.extents, meter, hasher, size)
    if hasher.hexdigest() != layer.diff_id.hex:
        msg = (
            f"writing layer {layer.diff_id}: its content changed while it was read; leave the"
            " image's files alone and try again"
        )
        raise ImageError(msg)


def packed(
    layer: Layer, compression: Compression, meter: Meter, threads: int = 0
) -> Iterator[bytes | bytearray]:
    """Yield a layer's packed bytes in order; `threads` 0 means up to eight of the machine's."""
    yield from packed_chunks(checked_chunks(layer, meter), compression, threads)


def packed_chunks(
    chunks: Iterable[bytes], compression: Compression, threads: int = 0
) -> Iterator[bytes | bytearray]:
    """Yield the packed bytes of chunks, as `packed` does."""
    if compression is Compression.NONE:
        yield from chunks
        return
    pack = _PACK[compression]
    workers = threads or min(8, os.cpu_count() or 1)
    waiting: deque[Future[bytes | bytearray]] = deque()
    empty = True
    with ThreadPoolExecutor(workers) as pool:
        for chunk in chunks:
            empty = False
            waiting.append(pool.submit(pack, chunk))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    # An empty layer is one empty member.
    if empty:
        yield pack(b"")
