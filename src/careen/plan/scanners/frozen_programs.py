"""Byte code in a program that PyInstaller made.

An archive at the end of an ELF file holds one of Python's modules.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_COOKIE = b"MEI\014\013\012\013\016"
# PyInstaller's CArchive: magic, length of the archive, offset and length of its table
_TAIL = struct.Struct("!8sIII")
# length of the entry, offset, packed size, size, whether packed, kind
_ENTRY = struct.Struct("!IIIIBc")
_TAIL_BYTES = 88
_SEARCHED = 64 << 10  # a signature may follow the archive
_MODULES = b"PYZ\0"
_MODULES_HEAD = 12
_MAX_TABLE = 16 << 20
_MAX_CODE = 4 << 20
_MAX_PART = 256 << 20
_CHUNK = 64 << 10
_SCRIPT, _ARCHIVE = b"s", b"z"
_ZLIB = b"\x78"


@dataclass(slots=True)
class _Left:
    """The bytes and parts of one program that may still be unpacked."""

    bytes: int = 1 << 30
    parts: int = 50_000


def frozen_code(stream: BinaryIO, limit: int) -> Iterator[bytes]:
    """Yield the byte code of the scripts and modules in a frozen program.

    Reads at most `limit` packed bytes. Yields nothing of another or a broken file.
    """
    end = stream.seek(0, 2)
    stream.seek(max(0, end - _SEARCHED))
    tail = stream.read(_SEARCHED)
    at = tail.rfind(_COOKIE)
    if at < 0 or at + _TAIL_BYTES > len(tail):
        return
    _, length, offset, size = _TAIL.unpack_from(tail, at)
    start = max(0, end - _SEARCHED) + at + _TAIL_BYTES - length
    if start < 0 or size > _MAX_TABLE:
        return
    stream.seek(start + offset)
    left = _Left()
    for place, packed, is_packed, kind in _table(stream.read(size)):
        if kind not in (_SCRIPT, _ARCHIVE) or packed > min(limit, _MAX_PART):
            continue
        limit -= packed
        stream.seek(start + place)
        data = stream.read(packed)
        if kind == _ARCHIVE:
            yield from _modules(data, left)
        else:
            yield from _unpacked(data, 0, left) if is_packed else (data[:_MAX_CODE],)


def _table(data: bytes) -> Iterator[tuple[int, int, bool, bytes]]:
    at = 0
    while at + _ENTRY.size <= len(data):
        length, place, packed, _, is_packed, kind = _ENTRY.unpack_from(data, at)
        if length <= _ENTRY.size:
            return
        yield place, packed, bool(is_packed), kind
        at += length


def _modules(data: bytes, left: _Left) -> Iterator[bytes]:
    """Yield the modules of the inner archive, which are packed one by one."""
    # The table behind the modules (Python's marshal format) is not needed.
    first = data.find(_ZLIB, _MODULES_HEAD, _MODULES_HEAD + 64)
    if data.startswith(_MODULES) and first >= 0:
        yield from _unpacked(data[: int.from_bytes(data[8:12], "big")], first, left)


def _unpacked(data: bytes, at: int, left: _Left) -> Iterator[bytes]:
    """Yield the first 4 MiB of each packed part from `at` on, within the limits of `left`."""
    while data[at : at + 1] == _ZLIB and left.bytes > 0 and left.parts > 0:
        left.parts -= 1
        unpacker = zlib.decompressobj()
        out = bytearray()
        while not unpacker.eof and at < len(data) and left.bytes > 0:
            piece = data[at : at + _CHUNK]
            try:
                part = unpacker.decompress(piece, _MAX_CODE)
            except zlib.error:
                return
            left.bytes -= len(part)
            out += part[: _MAX_CODE - len(out)]
            at += len(piece) - len(
                unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
            )
        yield bytes(out)
