"""Reassembly of a layer from tar-split's record and its unpacked directory.

The record (of docker's library) holds, in order, all tar bytes outside file contents, and the names
of the files between them.
"""

import binascii
import gzip
import json
import os
import zlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from careen.errors import ImageError
from careen.model.runs.run_budget import RunBudget
from careen.oci.extents import Extents, FilePart, NamedPart, Part
from careen.oci.limits import MAX_MEMBERS, MIB
from careen.oci.tree.beneath import RootedDirectory

_FILE, _SEGMENT = 1, 2
_PIECE = MIB
_MAX_LINE = 16 * MIB
_MAX_SIZE = 1 << 50
_MAX_RECORDS = 2 * MAX_MEMBERS  # a segment and a file for each entry


class NamedContent(NamedTuple):
    """Content of a layer: the name of a file in the layer's directory, and its size in bytes."""

    name: bytes
    size: int


class Headers:
    """An open file for the tar bytes between contents; about 60 MB for a large image."""

    def __init__(self, fd: int, budget: RunBudget) -> None:
        self.fd = fd
        self._budget = budget
        self._end = 0
        self._unwritten = bytearray()

    def add(self, data: bytes, where: str) -> FilePart:
        """Append bytes and return their part, which can be read after `flush`.

        Raises BudgetError, and OSError if the disk is full.
        """
        self._budget.unpack(len(data), where)
        part = FilePart(self.fd, self._end + len(self._unwritten), len(data))
        self._unwritten += data
        if len(self._unwritten) >= _PIECE:
            self.flush()
        return part

    def flush(self) -> None:
        """Write what was added. Raises OSError if the disk is full."""
        with memoryview(bytes(self._unwritten)) as data:
            done = 0
            while done < len(data):
                done += os.pwrite(self.fd, data[done:], self._end + done)
        self._end += len(self._unwritten)
        self._unwritten.clear()


def read_layer(record: BinaryIO, folder: RootedDirectory, headers: Headers) -> Extents:
    """Return the extents of a layer; `record` is the gzip stream of JSON lines.

    The caller must check the diff ID: nothing else proves the bytes. Raises ImageError for an
    unreadable record.
    """
    parts: list[Part] = [
        headers.add(piece, folder.where)
        if isinstance(piece, bytes)
        else NamedPart(folder, piece.name, 0, piece.size)
        for piece in read_pieces(record, folder.where)
    ]
    headers.flush()
    return Extents(parts)


def read_pieces(record: BinaryIO, where: str) -> Iterator[bytes | NamedContent]:
    """Yield the bytes of a layer in order: tar bytes, and the names of contents that are not empty.

    Raises ImageError for an unreadable record.
    """
    count = 0
    try:
        for lines in _whole_lines(record):
            # One document is decoded faster than each line of it.
            items = json.loads(b"[%b]" % b",".join(lines))
            if len(items) != len(lines):
                raise _refused(where, "a line that is not one record")
            count += len(items)
            if count > _MAX_RECORDS:
                raise _refused(where, f"more than {_MAX_RECORDS:,} records")
            for item in items:
                piece = _piece(item, where)
                if piece is not None:
                    yield piece
    except (EOFError, zlib.error, gzip.BadGzipFile, ValueError, RecursionError) as error:
        raise _refused(where, str(error)) from error


def _whole_lines(record: BinaryIO) -> Iterator[list[bytes]]:
    """Yield the lines of a gzip stream, about a MiB of them at a time."""
    rest = b""
    with gzip.open(record) as stream:
        while data := stream.read(_PIECE):
            *lines, rest = (rest + data).split(b"\n")
            if len(rest) > _MAX_LINE:
                msg = f"a line of more than {_MAX_LINE:,} bytes"
                raise ValueError(msg)
            if lines:
                yield lines
    if rest:
        yield [rest]


def _piece(item: object, where: str) -> bytes | NamedContent | None:
    if not isinstance(item, dict):
        raise _refused(where, "a record is no object")
    kind, payload, size = item.get("type"), item.get("payload"), item.get("size", 0)
    if kind == _SEGMENT and isinstance(payload, str):
        return binascii.a2b_base64(payload, strict_mode=True)
    if kind == _FILE and isinstance(size, int) and 0 <= size < _MAX_SIZE:
        return NamedContent(_name(item, where), size) if size else None
    raise _refused(where, f"a record of type {kind!r}")


def _name(item: dict[str, object], where: str) -> bytes:
    match item.get("name"), item.get("name_raw"):
        case str(name), None if name:
            return name.encode("utf-8", "surrogateescape").lstrip(b"/")
        case _, str(raw):
            return binascii.a2b_base64(raw, strict_mode=True).lstrip(b"/")
        case _:
            raise _refused(where, "a file without a name")


def _refused(where: str, why: str) -> ImageError:
    return ImageError(f"the tar-split record of {where}: {why[:200]}")
