"""Reassembly of a layer from tar-split's record and its unpacked directory.

The record (of docker's library) holds, in order, all tar bytes outside file contents, and the names
of the files between them.
"""

import base64
import gzip
import json
import os
import zlib
from typing import BinaryIO

from careen.errors import ImageError
from careen.model.runs.run_budget import RunBudget
from careen.oci.extents import Extents, FilePart, NamedPart, Part
from careen.oci.limits import MAX_MEMBERS, MIB
from careen.oci.tree.beneath import RootedDirectory

_FILE, _SEGMENT = 1, 2
_MAX_LINE = 16 * MIB
_MAX_SIZE = 1 << 50
_MAX_RECORDS = 2 * MAX_MEMBERS  # a segment and a file for each entry


class Headers:
    """An open file for the tar bytes between contents; about 60 MB for a large image."""

    def __init__(self, fd: int, budget: RunBudget) -> None:
        self.fd = fd
        self._budget = budget
        self._end = 0

    def add(self, data: bytes, where: str) -> FilePart:
        """Append bytes and return their part.

        Raises BudgetError, and OSError if the disk is full.
        """
        self._budget.unpack(len(data), where)
        start = self._end
        while data:
            written = os.pwrite(self.fd, data, self._end)
            self._end += written
            data = data[written:]
        return FilePart(self.fd, start, self._end - start)


def read_layer(record: BinaryIO, folder: RootedDirectory, headers: Headers) -> Extents:
    """Return the extents of a layer; `record` is the gzip stream of JSON lines.

    The caller must check the diff ID: nothing else proves the bytes. Raises ImageError for an
    unreadable record.
    """
    parts: list[Part] = []
    try:
        with gzip.open(record) as lines:
            for count, line in enumerate(iter(lambda: lines.readline(_MAX_LINE), b"")):
                if count > _MAX_RECORDS:
                    raise _refused(folder, f"more than {_MAX_RECORDS:,} records")
                part = _part(json.loads(line), folder, headers)
                if part is not None:
                    parts.append(part)
    except (EOFError, zlib.error, gzip.BadGzipFile, ValueError, RecursionError) as error:
        raise _refused(folder, str(error)) from error
    return Extents(parts)


def _part(item: object, folder: RootedDirectory, headers: Headers) -> Part | None:
    if not isinstance(item, dict):
        raise _refused(folder, "a record is no object")
    kind, payload, size = item.get("type"), item.get("payload"), item.get("size", 0)
    if kind == _SEGMENT and isinstance(payload, str):
        return headers.add(base64.b64decode(payload, validate=True), folder.where)
    if kind == _FILE and isinstance(size, int) and 0 <= size < _MAX_SIZE:
        return NamedPart(folder, _name(item, folder), 0, size) if size else None
    raise _refused(folder, f"a record of type {kind!r}")


def _name(item: dict[str, object], folder: RootedDirectory) -> bytes:
    match item.get("name"), item.get("name_raw"):
        case str(name), None if name:
            return name.encode("utf-8", "surrogateescape").lstrip(b"/")
        case _, str(raw):
            return base64.b64decode(raw, validate=True).lstrip(b"/")
        case _:
            raise _refused(folder, "a file without a name")


def _refused(folder: RootedDirectory, why: str) -> ImageError:
    return ImageError(f"the tar-split record of {folder.where}: {why[:200]}")
