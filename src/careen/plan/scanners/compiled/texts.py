"""Texts of compiled Python: Cython's string table, and the constants of Nuitka.

Cython's table is contiguous, and may be packed.
"""

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

_PYTHON = b"PyImport_"
# names in every Cython module outside its table
_CYTHON = (
    b"cython_runtime",
    b"_cython_",
    b"__pyx_",
)
# names in the table of every module
_MARKS = (
    b"cline_in_traceback",
    b"_is_coroutine",
    b"__pyx_unpickle",
    b"__qualname__",
)
_TABLE = re.compile(rb"[\t\n\r -~\x80-\xf4]{2,}")
_PACKED_TABLE = re.compile(rb"\xff(?=[\t\n\r -~\xc2-\xf4][\t\n\r -~\x80-\xf4]{7})")
_ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
_MAX_TABLE = 1 << 20
_MAX_TRIED = 20_000
_SHORTEST = 40
_WINDOW = 2048
_SPECIAL = re.compile(rb"__[a-z]+(?:_[a-z]+)*__")
_SPECIAL_RUN = re.compile(rb"(?:" + _SPECIAL.pattern + rb"){2,60}")
_ENOUGH = 3
_SIZE = 4
_LONG, _SHORT = 5, 3
_MAX_LOOSE = 64 << 10  # a longer table has a contiguous list of lengths, which is found
_MAX_PRODUCED = 4 << 20  # bytes, by all false starts in one module
_NO_TEXT = re.compile(rb"[^\t\n\r -~\x80-\xf4]")
_CONSTANT = re.compile(rb"(?<![ -~])[au]([!#-&(-\[\]-~][ !#-&(-\[\]-~]{1,200})(?=\0)")
_NUITKA = b"__nuitka"


@dataclass(frozen=True, slots=True)
class CythonTexts:
    """The texts of a Cython module.

    `loose` is all of them together, where their ends are not known.
    """

    texts: frozenset[bytes] = frozenset()
    loose: bytes = b""

    def names(self, word: bytes) -> bool:
        """Return whether one of the texts is the word.

        In `loose` a word counts with at least five letters, or three that are not all lower-case
        letters.
        """
        if word in self.texts:
            return True
        # A shorter word may be a syllable.
        return (
            len(word) >= (_LONG if word.isalpha() and word.islower() else _SHORT)
            and word in self.loose
        )


def cython_texts(data: bytes) -> CythonTexts:
    """Return the texts of a module that Cython 3.2 or later compiled.

    Empty for other modules. Those of older versions end each text with a NUL.
    """
    # The texts follow each other without separators; their lengths stand elsewhere.
    table = _table(data) if _PYTHON in data and any(mark in data for mark in _CYTHON) else b""
    texts = frozenset(_cut(table, data))
    return (
        CythonTexts(texts)
        if texts
        else CythonTexts(loose=table if len(table) <= _MAX_LOOSE else b"")
    )


def _cut(table: bytes, data: bytes) -> Iterator[bytes]:
    """Yield the texts of a table; none if the list of their lengths is not found."""
    # Names of special attributes show their own ends (`__main____module____name__`). Where their
    # lengths follow each other as numbers of four bytes, there is the list of all lengths.
    # Compilers write a short list into the code instead.
    run = max(_SPECIAL_RUN.finditer(table), key=lambda match: len(match.group()), default=None)
    lengths = [len(name) for name in _SPECIAL.findall(run.group())] if run is not None else []
    at = data.find(struct.pack(f"<{len(lengths)}I", *lengths)) if len(lengths) >= _ENOUGH else -1
    if run is None or at < 0:
        return
    place = run.start()
    while (
        at >= _SIZE
        and place > 0
        and place >= (length := int.from_bytes(data[at - _SIZE : at], "little"))
    ):
        at -= _SIZE
        place -= length
    for _ in range(len(table) + _ENOUGH):  # a text may be empty
        if place >= len(table) or at + _SIZE > len(data):
            return
        length = int.from_bytes(data[at : at + _SIZE], "little")
        if length > len(table) - place:
            return
        yield table[place : place + length]
        place += length
        at += _SIZE


def _table(data: bytes) -> bytes:
    for mark in _MARKS[:2]:
        at = data.find(mark)
        if at >= 0 and data[at + len(mark) : at + len(mark) + 1] != b"\0":
            return _around(data, at)
        if at >= 0:
            return b""
    return _first(data, _PACKED_TABLE, unpacked) or _first(data, _ZLIB, _inflated)


def _first(
    data: bytes, beginning: re.Pattern[bytes], unpack: Callable[[bytes, int], bytes]
) -> bytes:
    """Return the first table among the possible starts; give up after 4 MiB of wrong output."""
    produced = 0
    for match in islice(beginning.finditer(data), _MAX_TRIED):
        if _is_table(table := unpack(data, match.start())):
            return table
        produced += len(table)
        if produced > _MAX_PRODUCED:
            break
    return b""


def _inflated(data: bytes, at: int) -> bytes:
    try:
        return zlib.decompressobj().decompress(memoryview(data)[at : at + _MAX_TABLE], _MAX_TABLE)
    except zlib.error:
        return b""


def _around(data: bytes, at: int) -> bytes:
    start = max(0, at - _MAX_TABLE)
    return next(
        (
            match.group()
            for match in _TABLE.finditer(data, start, at + _MAX_TABLE)
            if match.end() > at
        ),
        b"",
    )


def _is_table(data: bytes) -> bool:
    return any(mark in data for mark in _MARKS)


def unpacked(data: bytes, at: int) -> bytes:
    """Return what Cython packed (LZSS) from `at` on, at most 1 MiB.

    Each byte of eight flags is followed by eight items: a byte as it is, or the distance and length
    of a repetition. Stops at invalid data; after a wrong start that is mostly within a few bytes.
    """
    out = bytearray()
    end = len(data) - 3
    looked_at = 0
    while at < end and len(out) < _MAX_TABLE:
        flags = data[at]
        at += 1
        for bit in range(8):
            if at >= end:
                break
            if flags >> bit & 1:
                out.append(data[at])
                at += 1
                continue
            low, high = data[at], data[at + 1]
            at += 2
            if low < 0x80:  # noqa: PLR2004 — the upper bit says how a distance is written
                back, length = low, high
            elif high < 0x80:  # noqa: PLR2004
                back, length = 0x80 + ((high << 2 & 0x180) | (low & 0x7F)), high & 0x1F
            else:
                back, length = 0x80 + ((high & 0x7F) << 7 | (low & 0x7F)), data[at]
                at += 1
            length += 3
            start = len(out) - back - length
            if start < 0:
                return bytes(out)
            out += out[start : start + length]
        if len(out) < _SHORTEST and not _TABLE.fullmatch(out):
            return b""
        if len(out) - looked_at >= _WINDOW:
            if len(_NO_TEXT.findall(out, looked_at)) > _WINDOW // 4:
                break  # code tables follow the texts, then unrelated bytes
            looked_at = len(out)
    return bytes(out)


def constants(data: bytes) -> Iterator[bytes]:
    """Yield the short texts among the constants of a program or module that Nuitka compiled."""
    if _NUITKA in data:
        yield from _CONSTANT.findall(data)
