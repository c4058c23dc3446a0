"""Reader of rpm's Berkeley DB (`Packages`; up to RHEL 8, Amazon Linux 2, openSUSE 15.1).

It is a hash of package number → header (libdb's src/dbinc/db_page.h). Pages are read in file order
rather than by bucket, so circular chains do no harm.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from careen.errors import ImageError
from careen.formats.rpm_header import MAX_HEADER
from careen.inventory.rpm.blobs import MAX_PACKAGES, Damage

HASH_MAGIC = 0x061561

_META = 512
_PAGE_HEAD = 26
_FREE, _HASH_META, _HASH_UNSORTED, _HASH, _OVERFLOW = 0, 8, 2, 13, 7
_KEY_DATA, _OFF_PAGE = 1, 3
_OFF_PAGE_SIZE = 12
_MIN_PAGE, _MAX_PAGE = 512, 65536


@dataclass(frozen=True, slots=True)
class _File:
    """The database and the fields of its first page."""

    stream: BinaryIO
    order: str  # "<" or ">"
    page_size: int
    pages: int

    def page(self, number: int) -> bytes:
        """Return a page, or b"" if it does not exist."""
        if not 0 < number < self.pages:
            return b""
        self.stream.seek(number * self.page_size)
        page = self.stream.read(self.page_size)
        return page if len(page) == self.page_size else b""


def read_bdb(stream: BinaryIO, size: int, where: str) -> Iterator[bytes | Damage]:
    """Yield the header of each package (see `blobs`)."""
    file = _open(stream, size, where)
    if size % file.page_size:
        yield Damage(f"ends within a page of {file.page_size} bytes")
    found = 0
    for number in range(1, file.pages):
        page = file.page(number)
        if page and page[25] in (_HASH, _HASH_UNSORTED):
            for item in _values(file, page, number):
                found += 1
                if found > MAX_PACKAGES:
                    msg = f"{where}: more than {MAX_PACKAGES} packages; the rest is passed over"
                    raise ImageError(msg)
                yield item
        elif page and page[25] not in (_FREE, _HASH_META, _OVERFLOW):
            yield Damage(f"page {number}: of type {page[25]}, which no page of a hash has")


def _open(stream: BinaryIO, size: int, where: str) -> _File:
    head = stream.read(_META)
    if len(head) < _META:
        msg = f"{where}: Berkeley DB: ends in its first page"
        raise ImageError(msg)
    order = next(
        (order for order in "<>" if struct.unpack_from(f"{order}I", head, 12)[0] == HASH_MAGIC), ""
    )
    if not order:
        msg = f"{where}: Berkeley DB: not a hash: magic number {head[12:16].hex()}"
        raise ImageError(msg)
    page_size = struct.unpack_from(f"{order}I", head, 20)[0]
    if (
        not _MIN_PAGE <= page_size <= _MAX_PAGE
        or page_size & (page_size - 1)
        or head[25] != _HASH_META
        or head[24]
    ):
        msg = (
            f"{where}: Berkeley DB: pages of {page_size} bytes, type {head[25]}, encryption"
            f" {head[24]}: expected a power of two from 512, type 8 and none"
        )
        raise ImageError(msg)
    return _File(stream, order, page_size, size // page_size)


def _values(file: _File, page: bytes, number: int) -> Iterator[bytes | Damage]:
    """Yield the values of a page."""
    # Keys and values alternate; each is found by its offset, and items fill the page from its end.
    count = struct.unpack_from(f"{file.order}H", page, 20)[0]
    if count % 2 or _PAGE_HEAD + 2 * count > file.page_size:
        yield Damage(f"page {number}: {count} items")
        return
    offsets = struct.unpack_from(f"{file.order}{count}H", page, _PAGE_HEAD)
    for place in range(1, count, 2):
        key, offset = offsets[place - 1], offsets[place]
        if not _PAGE_HEAD <= offset < key < file.page_size:
            yield Damage(f"page {number}: item {place} at {offset}, its key at {key}")
            continue
        # Key 0 has the number of the next package.
        if page[key + 1 : key + 5] == b"\0\0\0\0":
            continue
        match page[offset]:
            case 1:
                yield page[offset + 1 : key]
            case 3 if offset + _OFF_PAGE_SIZE <= file.page_size:
                first, length = struct.unpack_from(f"{file.order}II", page, offset + 4)
                yield _chain(file, first, length)
            case kind:
                yield Damage(
                    f"page {number}: item {place} is of kind {kind}, neither in its place nor on"
                    " pages of its own"
                )


def _chain(file: _File, first: int, length: int) -> bytes | Damage:
    """Return a value from its overflow pages; a repeated page is damage."""
    if length > min(MAX_HEADER, file.pages * file.page_size):
        return Damage(f"a header of {length} bytes in {file.pages} pages")
    parts: list[bytes] = []
    left, number = length, first
    seen: set[int] = set()
    while left > 0:
        page = file.page(number) if number not in seen else b""
        seen.add(number)
        used = (
            struct.unpack_from(f"{file.order}H", page, 22)[0]
            if page and page[25] == _OVERFLOW
            else 0
        )
        if not 0 < used <= file.page_size - _PAGE_HEAD:
            return Damage(
                f"page {number}: expected {left} more bytes of a header that begins at page {first}"
            )
        parts.append(page[_PAGE_HEAD : _PAGE_HEAD + min(used, left)])
        left -= used
        number = struct.unpack_from(f"{file.order}I", page, 16)[0]
    return b"".join(parts)
