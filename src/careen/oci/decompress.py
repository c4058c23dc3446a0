"""Bounded decompression to scratch files, with digests of both sides."""

import hashlib
import io
import os
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import zstandard

from careen.errors import CareenError, ImageError
from careen.model.digest import Digest
from careen.model.runs.run_budget import RunBudget
from careen.oci.extents import Extents
from careen.oci.hashing import CHUNK, scratch_error
from careen.oci.manifest import Compression
from careen.oci.room import FreeSpaceGuard

_ZSTD_WINDOW = 1 << 27
# Small, because the rest of a block is copied after each of perhaps thousands of joined streams.
_INPUT = 32 * 1024
_MAGICS = ((b"\x1f\x8b", Compression.GZIP), (b"\x28\xb5\x2f\xfd", Compression.ZSTD))


@dataclass(frozen=True, slots=True)
class Plain:
    """A decompressed stream: an open, unlinked scratch file that the caller closes.

    `digest` is of the content, `packed_digest` of the compressed bytes.
    """

    fd: int
    size: int
    digest: Digest
    packed_digest: Digest


def sniff(source: Extents) -> Compression:
    """Return the compression of a stream by its first bytes."""
    head = source.read_at(0, 4)
    return next((kind for magic, kind in _MAGICS if head.startswith(magic)), Compression.NONE)


class _HashedInput(io.RawIOBase):
    """The compressed side, read once from start to end."""

    def __init__(self, source: Extents) -> None:
        super().__init__()
        self.hasher = hashlib.sha256()
        self.position = 0
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        got = self._source.fill(view, self.position)
        self.hasher.update(view[:got])
        self.position += got
        return got


def _gunzip(packed: _HashedInput, where: str) -> Iterator[bytes]:
    """Yield the content of all members; only zeros may follow the last one."""
    data = b""
    first = True
    while True:
        data = data or packed.read(_INPUT) or b""
        if not first and not data.strip(b"\0"):
            if not data:
                return
            data = b""
            continue
        engine = zlib.decompressobj(wbits=31)
        begun = False
        while not engine.eof:
            data = data or packed.read(_INPUT) or b""
            if not data:
                msg = f"{where}: the gzip stream is truncated"
                raise ImageError(msg)
            try:
                out = engine.decompress(data, CHUNK)
            except zlib.error as error:
                what = (
                    "damaged gzip stream"
                    if first or begun
                    else "something that is not gzip follows the gzip stream"
                )
                msg = f"{where}: {what} ({error})"
                raise ImageError(msg) from error
            begun = True
            data = engine.unconsumed_tail
            if out:
                yield out
        data = engine.unused_data
        first = False


def _unzstd(packed: _HashedInput, where: str) -> Iterator[bytes]:
    engine = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    try:
        with engine.stream_reader(
            cast("BinaryIO", packed), read_size=_INPUT, read_across_frames=True, closefd=False
        ) as stream:
            while out := stream.read(CHUNK):
                yield out
    except zstandard.ZstdError as error:
        msg = f"{where}: damaged zstd stream ({error})"
        raise ImageError(msg) from error
    # The reader ends silently if its input ends within a frame; the diff ID check finds that.
    while packed.read(_INPUT):
        pass


def decompress(
    source: Extents, compression: Compression, scratch: Path, where: str, budget: RunBudget
) -> Plain:
    """Decompress to an unlinked file in `scratch`.

    Raises ImageError for damage, truncation and trailing data, BudgetError for bombs, CareenError
    if the disk is nearly full.
    """
    packed = _HashedInput(source)
    hasher = hashlib.sha256()
    size = 0
    try:
        fd, name = tempfile.mkstemp(prefix="layer-", dir=scratch)
    except OSError as error:
        raise CareenError(scratch_error(scratch, error)) from error
    try:
        room = FreeSpaceGuard(fd, scratch, f"unpacking {where}")
        # Unlinked at once, so that nothing is left behind.
        os.unlink(name)  # noqa: PTH108
        for chunk in (
            _gunzip(packed, where) if compression is Compression.GZIP else _unzstd(packed, where)
        ):
            size += len(chunk)
            budget.unpack(len(chunk), where)
            room.take(len(chunk))
            hasher.update(chunk)
            _write(fd, chunk, scratch)
    except BaseException:
        os.close(fd)
        raise
    return Plain(fd, size, Digest(hasher.hexdigest()), Digest(packed.hasher.hexdigest()))


def _write(fd: int, chunk: bytes, scratch: Path) -> None:
    view = memoryview(chunk)
    try:
        while view:
            view = view[os.write(fd, view) :]
    except OSError as error:
        raise CareenError(scratch_error(scratch, error)) from error
