"""Texts of a SQLite database, read page by page (sqlite.org, "Database File Format").

It is not opened as a database. Damaged parts are skipped.
"""

import struct
from collections.abc import Iterator

HEADER = b"SQLite format 3\0"
MAX_DATABASE = 16 << 20
MAX_COLUMNS = 1_000_000  # texts or not; all cells of a hostile page may be the same long one
MAX_VALUE = 2000
_TABLE_LEAF, _INDEX_LEAF = 0x0D, 0x0A
_SMALLEST_PAGE, _LARGEST_PAGE = 512, 65536
_FIRST_TEXT = 13


def texts_of(data: bytes) -> Iterator[str]:
    """Yield the text values of the rows, up to a million columns and 16 Mi characters.

    Each has at most 2,000 bytes; of a longer row only what lies on its own page is read.
    """
    if not data.startswith(HEADER) or len(data) < _SMALLEST_PAGE:
        return
    size = int.from_bytes(data[16:18], "big")
    size = _LARGEST_PAGE if size == 1 else size
    if size < _SMALLEST_PAGE or size > _LARGEST_PAGE:
        return
    left, letters = MAX_COLUMNS, MAX_DATABASE
    for start in range(0, len(data), size):
        for value in _of_page(data[start : start + size], 100 if start == 0 else 0):
            if value:
                yield value
            left -= 1
            letters -= len(value)
            if left == 0 or letters <= 0:
                return


def _of_page(page: bytes, at: int) -> Iterator[str]:
    kind = page[at : at + 1]
    if len(page) < at + 8 or kind[0] not in (_TABLE_LEAF, _INDEX_LEAF):
        return
    (count,) = struct.unpack_from(">H", page, at + 3)
    for number in range(min(count, (len(page) - at - 8) // 2)):
        (cell,) = struct.unpack_from(">H", page, at + 8 + 2 * number)
        yield from _of_cell(page, cell, row_number=kind[0] == _TABLE_LEAF)


def _of_cell(page: bytes, at: int, *, row_number: bool) -> Iterator[str]:
    """Yield the columns of a row; "" for one that is not a text."""
    _, at = _number(page, at)
    if row_number:
        _, at = _number(page, at)
    length, types = _number(page, at)
    end = value = at + length
    while types < min(end, len(page)) and value < len(page):
        kind, types = _number(page, types)
        size = _size(kind)
        is_text = kind >= _FIRST_TEXT and kind % 2
        yield (
            page[value : value + min(size, MAX_VALUE)].decode("utf-8", "replace") if is_text else ""
        )
        value += size


def _size(kind: int) -> int:
    if kind >= _FIRST_TEXT - 1:
        return (kind - _FIRST_TEXT + 1) // 2
    return (0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0)[kind]


def _number(page: bytes, at: int) -> tuple[int, int]:
    """Read a number of one to nine bytes; return it with the offset after it."""
    value = 0
    for count in range(9):
        byte = page[at + count] if at + count < len(page) else 0
        if count == 8:  # noqa: PLR2004 — all bits of the ninth byte count
            return value << 8 | byte, at + 9
        value = value << 7 | (byte & 0x7F)
        if byte < 0x80:  # noqa: PLR2004
            return value, at + count + 1
    return value, at
