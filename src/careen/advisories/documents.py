"""Reader of the documents in a file, one at a time, each as a stream with its head.

A file is plain, gzip or zstd, or a zip or tar archive of documents.
"""

import gzip
import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

import zstandard

from careen.advisories.feeds.head import HEAD, read_head
from careen.advisories.feeds.port import Document

MOST_MEMBERS = 3_000_000
"""Limit on the members of one archive; the largest real one has about 400,000."""

BROKEN = (
    EOFError,
    zlib.error,
    gzip.BadGzipFile,
    zipfile.BadZipFile,
    tarfile.TarError,
    zstandard.ZstdError,
    NotImplementedError,
)
"""Exceptions of the decoders for truncated or damaged bytes."""

_GZIP, _ZSTD, _ZIP = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04"
_LARGEST_WINDOW = 1 << 27  # bytes: the maximum of `zstd --ultra` without `--long`
_EMPTY_ZIP = b"PK\x05\x06"
_TAR_MAGIC, _TAR_AT = b"ustar", 257


class _Readable(Protocol):
    """Protocol of a byte stream."""

    def read(self, size: int = -1, /) -> bytes:
        """Return at most `size` bytes, b"" at the end."""


class _Replay(io.RawIOBase):
    """A stream that first returns bytes already read, then the rest."""

    def __init__(self, taken: bytes, rest: _Readable) -> None:
        super().__init__()
        self._taken, self._at, self._rest = taken, 0, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._at < len(self._taken):
            part = self._taken[self._at : self._at + len(buffer)]
            self._at += len(part)
        else:
            part = self._rest.read(len(buffer))
        buffer[: len(part)] = part
        return len(part)


@contextmanager
def documents(path: Path) -> Iterator[Iterator[Document]]:
    """Yield an iterator over the documents of a file; use in a `with` block.

    A document's stream is valid until the next document is taken. Members of an archive are
    decompressed once, not recursively. Raises OSError, and the exceptions in `BROKEN` if the bytes
    are truncated or damaged.
    """
    with ExitStack() as stack:
        stream = stack.enter_context(path.open("rb"))
        head = stream.read(len(_ZIP))
        stream.seek(0)
        if head in (_ZIP, _EMPTY_ZIP):
            yield _zip_members(path.name, stack.enter_context(zipfile.ZipFile(stream)))
            return
        plain = _decompressed(stream, head, stack)
        first = _fill(plain, HEAD + 1)
        replayed = stack.enter_context(_buffered(_Replay(first, plain)))
        if first[_TAR_AT : _TAR_AT + len(_TAR_MAGIC)] == _TAR_MAGIC:
            yield _tar_members(
                path.name, stack.enter_context(tarfile.open(fileobj=replayed, mode="r|"))
            )
        else:
            yield iter((_document(path.name, first, replayed),))


def is_archive(path: Path) -> bool:
    """Return whether a file is an archive of documents. Raises OSError and those in `BROKEN`."""
    with path.open("rb") as stream, ExitStack() as stack:
        head = stream.read(len(_ZIP))
        stream.seek(0)
        return (
            head in (_ZIP, _EMPTY_ZIP)
            or _fill(_decompressed(stream, head, stack), 512)[_TAR_AT : _TAR_AT + len(_TAR_MAGIC)]
            == _TAR_MAGIC
        )


def _decompressed(stream: io.BufferedReader, head: bytes, stack: ExitStack) -> io.BufferedReader:
    if head.startswith(_GZIP):
        return stack.enter_context(_buffered(gzip.GzipFile(fileobj=stream)))
    if head.startswith(_ZSTD):
        return stack.enter_context(
            _buffered(
                zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW).stream_reader(
                    stream, read_across_frames=True
                )
            )
        )
    return stream


def _buffered(raw: Any) -> io.BufferedReader:
    return io.BufferedReader(raw, HEAD)


def _fill(stream: _Readable, wanted: int) -> bytes:
    """Read until `wanted` bytes are there or the stream ends."""
    parts: list[bytes] = []
    while wanted > 0 and (part := stream.read(wanted)):
        parts.append(part)
        wanted -= len(part)
    return b"".join(parts)


def _document(name: str, first: bytes, stream: io.BufferedReader) -> Document:
    return Document(name, read_head(first[:HEAD], complete=len(first) <= HEAD), stream)


def _member(name: str, stream: _Readable) -> Iterator[Document]:
    with ExitStack() as stack:
        first = _fill(stream, len(_ZIP))
        if first.startswith((_GZIP, _ZSTD)):
            stream = _decompressed(
                stack.enter_context(_buffered(_Replay(first, stream))), first, stack
            )
            first = b""
        first += _fill(stream, HEAD + 1 - len(first))
        yield _document(name, first, stack.enter_context(_buffered(_Replay(first, stream))))


def _zip_members(name: str, archive: zipfile.ZipFile) -> Iterator[Document]:
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        msg = f"{name}: an archive of more than {MOST_MEMBERS} members"
        raise zipfile.BadZipFile(msg)
    for member in members:
        if member.is_dir():
            continue
        if member.flag_bits & 1:
            msg = f"{name}: {member.filename!r} is encrypted"
            raise zipfile.BadZipFile(msg)
        with archive.open(member) as stream:
            yield from _member(f"{name}:{member.filename}", stream)


def _tar_members(name: str, archive: tarfile.TarFile) -> Iterator[Document]:
    for number, member in enumerate(archive):
        if number > MOST_MEMBERS:
            msg = f"{name}: an archive of more than {MOST_MEMBERS} members"
            raise tarfile.ReadError(msg)
        stream = archive.extractfile(member) if member.isreg() else None
        if stream is not None:
            with stream:
                yield from _member(f"{name}:{member.name}", stream)
        # TarFile would keep every header in memory.
        archive.members = []  # type: ignore[attr-defined]
