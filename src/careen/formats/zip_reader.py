"""Bounded reader of zip archives (APPNOTE 6.3): wheels, eggs, jars, and files of `torch.save`.

The standard library reads the format. This module limits the size of a central directory, the
number of entries, expansion, nesting, and the cost of all archives of one image together.
"""

import contextlib
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import BinaryIO, Self, cast

from careen.errors import ImageError
from careen.model.runs.run_budget import RunBudget

# Per archive; the largest jars in use have about 65,000. A gigabyte of central directory is 20
# million objects.
MAX_ENTRIES = 200_000
MAX_RATIO = 250  # deflate reaches 1,032 on zeros; code, text and byte code stay below 30
MAX_DEPTH = 6  # an ear with a war with a jar with a shaded jar is 4; a quine never ends
# Directories and unpacked data of all archives of one image: a thousand hard links to one are a
# thousand archives.
MAX_TOTAL_BYTES = 2 << 30
# Per image, nested ones included: an archive of 22 bytes without entries still costs about 100 µs.
MAX_ARCHIVES = 100_000
# Per image, at about 10 µs each; an image of a thousand jars has half as many.
MAX_TOTAL_ENTRIES = 2_000_000
FREE_BYTES = 1 << 20  # always allowed: a small file of zeros is no bomb
# Bytes of central directory per allowed entry: 46 bytes, a name and extra fields.
_DIRECTORY_BYTES = 300
_SHOWN = 200
_ENTRY = b"PK\x01\x02"
_LOCAL = struct.Struct("<4s5H3I2H")
# Others unpack with a dictionary whose size the archive chooses.
_METHODS = (
    zipfile.ZIP_STORED,
    zipfile.ZIP_DEFLATED,
)
_BROKEN = (
    zipfile.BadZipFile,
    OSError,
    ValueError,
    EOFError,
    RuntimeError,
    struct.error,
    zlib.error,
    OverflowError,
    LookupError,
)


@dataclass(slots=True)
class ZipBudget:
    """Remaining cost of all archives of one image for one reader; exceeding it raises ImageError.

    `run` bounds the cost for all readers.
    """

    bytes_left: int = MAX_TOTAL_BYTES
    entries_left: int = MAX_TOTAL_ENTRIES
    archives_left: int = MAX_ARCHIVES
    run: RunBudget = field(default_factory=RunBudget)

    def take_archive(self, where: str) -> None:
        """Count the archive `where`."""
        if self.archives_left < 1:
            msg = f"{where}: passed over: the image has more than {MAX_ARCHIVES} archives"
            raise ImageError(msg)
        self.archives_left -= 1

    def take_bytes(self, number: int, where: str) -> None:
        """Count `number` bytes of the archive `where`, from its directory or unpacked."""
        if number > self.bytes_left:
            msg = (
                f"{where}: passed over: the image's archives have more than {MAX_TOTAL_BYTES} bytes"
                " to read"
            )
            raise ImageError(msg)
        self.bytes_left -= number
        self.run.inflate(number, where)

    def take_entries(self, number: int, where: str) -> None:
        """Count `number` entries that the archive `where` states."""
        if number > self.entries_left:
            msg = (
                f"{where}: passed over: the image's archives state more than {MAX_TOTAL_ENTRIES}"
                " entries"
            )
            raise ImageError(msg)
        self.entries_left -= number


class ZipArchive:
    """One archive over a seekable stream that the caller closes; `where` names it in errors.

    Every method raises only ImageError. Data before the archive is allowed, such as the shell
    script of an executable jar. Of two entries with one name the last holds.
    """

    def __init__(
        self,
        stream: BinaryIO,
        where: str,
        *,
        max_entries: int = MAX_ENTRIES,
        max_ratio: int = MAX_RATIO,
        budget: ZipBudget | None = None,
        depth: int = 0,
    ) -> None:
        if depth > MAX_DEPTH:
            msg = f"{where}: archives nested more than {MAX_DEPTH} deep"
            raise ImageError(msg)
        self._stream = stream
        self._where = where
        self._max_entries = max_entries
        self._max_ratio = max_ratio
        self._budget = budget if budget is not None else ZipBudget()
        self._depth = depth
        self._budget.take_archive(where)
        guarded = _BoundedDirectoryStream(stream, where, max_entries, self._budget)
        with _refused(where):
            self._zip = zipfile.ZipFile(cast("BinaryIO", guarded))
        guarded.directory_was_read()
        try:
            self._budget.take_entries(len(self._zip.filelist), where)
        except ImageError:
            self._zip.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the directory; the stream stays open."""
        self._zip.close()

    def __contains__(self, name: object) -> bool:
        return name in self._zip.NameToInfo

    def names(self) -> tuple[str, ...]:
        """Return the stored names in directory order; folders end in `/`. They are hostile text."""
        return tuple(self._zip.NameToInfo)

    def size(self, name: str) -> int:
        """Return the unpacked size in bytes that the directory states, which may be wrong."""
        return self._info(name).file_size

    def read(self, name: str, limit: int) -> bytes:
        """Return an entry's content; raise ImageError above `limit` bytes or the allowed ratio."""
        info = self._info(name)
        allowed = max(FREE_BYTES, info.compress_size * self._max_ratio)
        most = min(limit, allowed)
        place = f"{self._where}: {name[:_SHOWN]!r}"
        self._budget.take_bytes(min(max(info.file_size, 0), most), place)
        # zipfile reads no more than the size that an entry states.
        if info.file_size <= most:
            with _refused(place), self._zip.open(info) as entry:
                return entry.read(most + 1)
        if limit <= allowed:
            msg = f"{place}: larger than the {limit} bytes that are read of such an entry"
        else:
            msg = (
                f"{place}: unpacks to more than {self._max_ratio} times its packed size of"
                f" {info.compress_size} bytes, as a zip bomb does"
            )
        raise ImageError(msg)

    def open_nested(self, name: str, limit: int) -> "ZipArchive":
        """Open an archive within the archive; close it before this one.

        A stored one is read in place; a packed one is held in memory, at most `limit` bytes.
        """
        info = self._info(name)
        stream = (
            self._window(info)
            if info.compress_type == zipfile.ZIP_STORED
            else io.BytesIO(self.read(name, limit))
        )
        return ZipArchive(
            stream,
            f"{self._where}!{name[:_SHOWN] if name.isprintable() else repr(name[:_SHOWN])}",
            max_entries=self._max_entries,
            max_ratio=self._max_ratio,
            budget=self._budget,
            depth=self._depth + 1,
        )

    def _info(self, name: str) -> zipfile.ZipInfo:
        info = self._zip.NameToInfo.get(name)
        if info is None:
            msg = f"{self._where}: no entry {name[:_SHOWN]!r}"
            raise ImageError(msg)
        if info.compress_type not in _METHODS:
            msg = (
                f"{self._where}: {name[:_SHOWN]!r}: packed with method {info.compress_type}; only"
                " stored and deflate are read"
            )
            raise ImageError(msg)
        return info

    def _window(self, info: zipfile.ZipInfo) -> BinaryIO:
        with _refused(f"{self._where}: {info.filename[:_SHOWN]!r}"):
            # This compares the local header with the directory.
            self._zip.open(info).close()
            self._stream.seek(info.header_offset)
            *_, name_size, extra_size = _LOCAL.unpack(self._stream.read(_LOCAL.size))
            start = info.header_offset + _LOCAL.size + name_size + extra_size
            return cast(
                "BinaryIO", io.BufferedReader(_Window(self._stream, start, info.compress_size))
            )


@contextlib.contextmanager
def _refused(where: str) -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        msg = (
            f"{where}: cannot be read as a zip archive: {str(error)[:200] or type(error).__name__}"
        )
        raise ImageError(msg) from error


class _BoundedDirectoryStream:
    """A stream that refuses to read a central directory above the limit."""

    def __init__(self, stream: BinaryIO, where: str, max_entries: int, budget: ZipBudget) -> None:
        self._stream = stream
        self._where = where
        self._max_entries = max_entries
        self._budget = budget
        self._opening = True

    def directory_was_read(self) -> None:
        """Stop checking reads: the directory is read, and entries have limits of their own."""
        self._opening = False

    def read(self, size: int = -1) -> bytes:
        if not self._opening:
            return self._stream.read(size)
        # The standard library reads the directory at once, whatever size it states.
        most = max(self._max_entries * _DIRECTORY_BYTES, 1 << 17)
        if size > most:
            msg = (
                f"{self._where}: a zip directory of {size} bytes, more than the {most} that are"
                " read"
            )
            raise ImageError(msg)
        data = self._stream.read(size if size >= 0 else most)
        self._budget.take_bytes(len(data), self._where)
        if data.count(_ENTRY) > self._max_entries:
            msg = f"{self._where}: more than {self._max_entries} zip entries"
            raise ImageError(msg)
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def seekable(self) -> bool:
        return True


class _Window(io.RawIOBase):
    """A range of `size` bytes at `start` of a shared stream."""

    def __init__(self, stream: BinaryIO, start: int, size: int) -> None:
        super().__init__()
        self._stream = stream
        self._start = start
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            msg = f"seek before the start: {base + offset}"
            raise ValueError(msg)
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        self._stream.seek(self._start + self._at)
        data = self._stream.read(max(0, min(len(buffer), self._size - self._at)))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)
