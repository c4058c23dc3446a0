"""Byte sequences stored elsewhere: ranges of open files, bytes in memory and runs of zeros.

A layer of the original is one range of the archive. A layer of the result is thousands of ranges of
the original's layers, with new headers between. Neither is copied to be read.
"""

import io
import os
from array import array
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO, cast

from careen.errors import ImageError
from careen.oci.tree.beneath import RootedDirectory

BUFFER = 128 * 1024


@dataclass(frozen=True, slots=True)
class FilePart:
    """`size` bytes at `offset` of an open file; its creator keeps the descriptor open."""

    fd: int
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class BytesPart:
    """Bytes in memory."""

    data: bytes

    @property
    def size(self) -> int:
        return len(self.data)


@dataclass(frozen=True, slots=True)
class ZeroPart:
    """A run of zeros: a hole of a sparse file, or padding."""

    size: int


@dataclass(frozen=True, slots=True)
class NamedPart:
    """`size` bytes at `offset` of a file that is opened for each read."""

    # A layer may have a hundred thousand of these, too many to keep open.
    folder: RootedDirectory
    name: bytes
    offset: int
    size: int


Part = FilePart | BytesPart | ZeroPart | NamedPart


def _cut(part: Part, start: int, size: int) -> Part:
    match part:
        case FilePart(fd, offset, _):
            return FilePart(fd, offset + start, size)
        case BytesPart(data):
            return BytesPart(data[start : start + size])
        case ZeroPart():
            return ZeroPart(size)
        case NamedPart(folder, name, offset, _):
            return NamedPart(folder, name, offset + start, size)


def _joined(parts: Iterable[Part]) -> list[Part]:
    """Drop empty parts and join neighbouring ranges of one file."""
    out: list[Part] = []
    for part in parts:
        if not part.size:
            continue
        last = out[-1] if out else None
        if (
            isinstance(part, FilePart)
            and isinstance(last, FilePart)
            and last.fd == part.fd
            and last.offset + last.size == part.offset
        ):
            out[-1] = FilePart(last.fd, last.offset, last.size + part.size)
        else:
            out.append(part)
    return out


class Extents:
    """An immutable sequence of parts with a total `size`; several threads may open it."""

    __slots__ = ("_parts", "_starts", "size")

    def __init__(self, parts: "Iterable[Part] | Extents") -> None:
        if isinstance(parts, Extents):  # a layer may have a hundred thousand parts
            self._parts, self._starts, self.size = parts.all()
            return
        self._parts = _joined(parts)
        self._starts = array("Q")
        total = 0
        for part in self._parts:
            self._starts.append(total)
            total += part.size
        self.size = total

    def same_as(self, other: "Extents") -> bool:
        """Return whether both have the same parts; if not, the bytes may still be equal."""
        return self.size == other.size and self._parts == other.parts()

    def all(self) -> "tuple[list[Part], array[int], int]":
        """Return the parts, where each starts, and their size; nobody may change them."""
        return self._parts, self._starts, self.size

    def parts(self) -> list[Part]:
        """Return the parts in order."""
        return list(self._parts)

    @property
    def known_program(self) -> bool | None:
        """Whether a file begins as ELF does; None if that takes reading it."""
        match self._parts:
            case [NamedPart(folder, name, 0, _)] if folder.programs is not None:
                return name in folder.programs
        return None

    def slice(self, start: int, size: int) -> list[Part]:
        """Return the parts that hold `size` bytes from `start`; both must be in range."""
        out: list[Part] = []
        index = bisect_right(self._starts, start) - 1
        while size > 0:
            part = self._parts[index]
            within = start - self._starts[index]
            take = min(size, part.size - within)
            out.append(_cut(part, within, take))
            start, size, index = start + take, size - take, index + 1
        return out

    def fill(self, view: memoryview, start: int) -> int:
        """Copy bytes from `start` into `view` and return how many; fewer only at the end.

        Raises ImageError if a file became shorter.
        """
        want = min(len(view), self.size - start)
        if want <= 0:
            return 0
        done = 0
        index = bisect_right(self._starts, start) - 1
        while done < want:
            part = self._parts[index]
            within = start + done - self._starts[index]
            take = min(want - done, part.size - within)
            _copy(part, within, view[done : done + take])
            done, index = done + take, index + 1
        return done

    def read_at(self, start: int, size: int) -> bytes:
        """Return up to `size` bytes from `start`, fewer only at the end.

        Raises ImageError if a file became shorter.
        """
        want = min(size, self.size - start)
        found: list[bytes] = []
        index = bisect_right(self._starts, start) - 1
        while want > 0:
            part = self._parts[index]
            within = start - self._starts[index]
            take = min(want, part.size - within)
            found.append(_bytes(part, within, take))
            start, want, index = start + take, want - take, index + 1
        # One range of a file, the common case, is not copied again.
        return found[0] if len(found) == 1 else b"".join(found)

    def read_near(self, start: int, size: int) -> bytes:
        """Return up to `size` bytes from `start`, fewer where a file would have to be opened."""
        index = bisect_right(self._starts, start) - 1
        end = start
        while end < start + size and index < len(self._parts):
            part = self._parts[index]
            if isinstance(part, NamedPart):
                break
            end, index = self._starts[index] + part.size, index + 1
        return self.read_at(start, min(size, end - start))

    def open(self) -> BinaryIO:
        """Return a readable, seekable stream of all bytes; the caller closes it."""
        return cast("BinaryIO", io.BufferedReader(_ExtentsStream(self), BUFFER))


def _bytes(part: Part, within: int, size: int) -> bytes:
    if isinstance(part, BytesPart):
        return part.data[within : within + size]
    if isinstance(part, FilePart):
        data = os.pread(part.fd, size, part.offset + within)
        if len(data) == size:
            return data
    buffer = bytearray(size)
    _copy(part, within, memoryview(buffer))
    return bytes(buffer)


def _copy(part: Part, within: int, view: memoryview) -> None:
    match part:
        case BytesPart(data):
            view[:] = data[within : within + len(view)]
        case ZeroPart():
            view[:] = bytes(len(view))
        case FilePart(fd, offset, _):
            _read(fd, offset + within, view)
        case NamedPart(folder, name, offset, _):
            try:
                fd = folder.open(name)
            except OSError as error:
                msg = (
                    f"reading {os.fsdecode(name)!r} of a layer in {folder.where}: {error.strerror};"
                    " leave the image alone and try again"
                )
                raise ImageError(msg) from error
            try:
                _read(fd, offset + within, view)
            finally:
                os.close(fd)


def _read(fd: int, start: int, view: memoryview) -> None:
    done = 0
    while done < len(view):
        got = os.preadv(fd, [view[done:]], start + done)
        if got == 0:
            msg = (
                f"reading the image at byte {start + done}: the file became shorter while it was"
                " read; leave it alone and try again"
            )
            raise ImageError(msg)
        done += got


class _ExtentsStream(io.RawIOBase):
    def __init__(self, extents: Extents) -> None:
        super().__init__()
        self._extents = extents
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        done = self._extents.fill(memoryview(buffer).cast("B"), self._position)  # type: ignore[arg-type]
        self._position += done
        return done

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._extents.size}[
            whence
        ]
        if base + offset < 0:
            msg = f"negative seek position {base + offset}"
            raise ValueError(msg)
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        return self._position
