"""Bounded reading of foreign JSON documents."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from careen.errors import InputError
from careen.formats.json_document import parse_object

MAX_BYTES = 256 << 20  # of one document; syft's own format has 22 MB for an image of 2.4 GB
# JSON values of one document: for `[[],[],…` each byte of the file takes twenty bytes of memory.
MAX_VALUES = 12_000_000


def read_bytes(source: bytes | Path, where: str, *, regular: bool = False) -> bytes:
    """Return the document's bytes, at most `MAX_BYTES`; `regular` refuses pipes and devices.

    Raises InputError.
    """
    if isinstance(source, bytes):
        data = source[: MAX_BYTES + 1]
    else:
        try:
            with open(source, "rb", opener=_without_waiting if regular else None) as stream:
                status = os.fstat(stream.fileno())
                if regular and not stat.S_ISREG(status.st_mode):
                    msg = f"{where}: not a regular file"
                    raise InputError(msg)
                # A file may grow while it is read, or be a device.
                size = status.st_size
                data = b"" if size > MAX_BYTES else stream.read(MAX_BYTES + 1)
        except OSError as error:
            msg = f"{where}: cannot be read: {error.strerror}"
            raise InputError(msg) from error
        if size > MAX_BYTES:
            _too_large(where)
    if len(data) > MAX_BYTES:
        _too_large(where)
    return data


def _without_waiting(path: str, flags: int) -> int:
    # A pipe without a writer would be waited for.
    return os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC)


def _too_large(where: str) -> NoReturn:
    msg = f"{where}: more than the {MAX_BYTES >> 20} MiB that are read of such a document"
    raise InputError(msg)


def read_object(data: bytes, where: str) -> Mapping[str, Any]:
    """Parse one JSON object.

    Raises InputError for anything else, for too deep nesting, and for more than `MAX_VALUES`
    values.
    """
    limit_values(data, where)
    return parse_object(data, where, InputError)


def limit_values(data: bytes, where: str) -> None:
    """Raise InputError for more bytes than `MAX_BYTES`, or more values than `MAX_VALUES`."""
    if len(data) > MAX_BYTES:
        _too_large(where)
    # An upper bound from the raw bytes, checked before any value takes memory.
    if len(data) <= MAX_VALUES:
        return  # a value takes a byte or more
    if sum(data.count(mark) for mark in (b",", b"{", b"[")) > MAX_VALUES:
        msg = f"{where}: more than {MAX_VALUES} JSON values"
        raise InputError(msg)
