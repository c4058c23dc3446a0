"""Reader of rpm's own database (`Packages.db`, SUSE; rpm's lib/backend/ndb/rpmpkg.c)."""

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from careen.errors import ImageError
from careen.formats.rpm_header import MAX_HEADER
from careen.inventory.rpm.blobs import MAX_PACKAGES, Damage

MAGIC = b"RpmP"

_HEADER = struct.Struct("<4sIII")
# Slots of 16 bytes point to blobs with checksums.
_SLOT = struct.Struct("<4sIII")
_BLOB_HEAD = struct.Struct("<4sIII")
_BLOB_TAIL = struct.Struct("<II4s")
_BLOCK = 16
_PAGE = 4096
_SLOTS_PER_PAGE = _PAGE // _SLOT.size
_HEADER_SLOTS = 2
_MAX_PAGES = (MAX_PACKAGES + _HEADER_SLOTS) // _SLOTS_PER_PAGE + 1


def read_ndb(stream: BinaryIO, size: int, where: str) -> Iterator[bytes | Damage]:
    """Yield the header of each package (see `blobs`); a wrong checksum gives a `Damage`."""
    head = stream.read(_HEADER.size)
    if len(head) < _HEADER.size:
        msg = f"{where}: ndb: ends in its header"
        raise ImageError(msg)
    magic, version, _, pages = _HEADER.unpack(head)
    if magic != MAGIC or version != 0 or not 0 < pages <= _MAX_PAGES:
        msg = (
            f"{where}: ndb: expected {MAGIC!r}, version 0 and up to {_MAX_PAGES} pages of slots,"
            f" found {magic!r}, {version} and {pages}"
        )
        raise ImageError(msg)
    stream.seek(0)
    slots = stream.read(pages * _PAGE)
    if len(slots) < pages * _PAGE:
        yield Damage(f"ends within its {pages} pages of slots")
    for number, (slot_magic, package, block, count) in enumerate(
        _SLOT.iter_unpack(slots[: len(slots) // _SLOT.size * _SLOT.size])
    ):
        if number < _HEADER_SLOTS or (slot_magic == b"Slot" and package == 0):
            continue
        yield (
            _blob(stream, size, package, block, count)
            if slot_magic == b"Slot"
            else Damage(f"slot {number}: expected b'Slot', found {slot_magic!r}")
        )


def _blob(stream: BinaryIO, size: int, package: int, block: int, count: int) -> bytes | Damage:
    length = count * _BLOCK
    if (
        length > MAX_HEADER
        or block * _BLOCK + length > size
        or length < _BLOB_HEAD.size + _BLOB_TAIL.size
    ):
        return Damage(
            f"package {package}: a blob of {count} blocks at block {block} does not fit in {size}"
            " bytes"
        )
    stream.seek(block * _BLOCK)
    raw = stream.read(length)
    if len(raw) < length:
        return Damage(f"package {package}: its blob is cut off")
    magic, owner, _, used = _BLOB_HEAD.unpack_from(raw)
    checksum, used_again, end = _BLOB_TAIL.unpack_from(raw, length - _BLOB_TAIL.size)
    if (
        (magic, end) != (b"BlbS", b"BlbE")
        or owner != package
        or used != used_again
        or used > length - _BLOB_HEAD.size - _BLOB_TAIL.size
    ):
        return Damage(f"package {package}: what is at block {block} is not its blob")
    if zlib.adler32(raw[: length - _BLOB_TAIL.size]) != checksum:
        return Damage(f"package {package}: the checksum of its blob is wrong")
    return raw[_BLOB_HEAD.size : _BLOB_HEAD.size + used]
