"""The byte code in a program that PyInstaller made: an archive at the end of an ELF file, and
within it one of Python's modules.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_COOKIE = b"MEI\014\013\012\013\016"
_TAIL = struct.Struct(
    "!8sIII"
)  # magic, and the archive's length, its table's offset and length: PyInstaller's CArchive
_ENTRY = struct.Struct(
    "!IIIIBc"
)  # length of the entry, offset, packed size, size, whether packed, kind
_TAIL_BYTES = 88
_SEARCHED = 64 << 10  # a signature may stand behind the archive
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
    """What may still be unpacked of one program, and in how many parts."""

    bytes: int = 1 << 30
    parts: int = 50_000


def frozen_code(stream: BinaryIO, limit: int) -> Iterator[bytes]:
    """Yield the byte code of the scripts and modules in a frozen program, at most `limit` packed
    bytes; nothing of a file that is none, or is broken.
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
    """The modules lie one behind the other, each packed by itself; the table behind them, which is
    Python's own marshal, is not needed.
    """
    first = data.find(_ZLIB, _MODULES_HEAD, _MODULES_HEAD + 64)
    if data.startswith(_MODULES) and first >= 0:
        yield from _unpacked(data[: int.from_bytes(data[8:12], "big")], first, left)


def _unpacked(data: bytes, at: int, left: _Left) -> Iterator[bytes]:
    """Yield what each of the packed parts from `at` on holds, its first 4 MiB, while there is
    something left of what a program may cost.
    """
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
