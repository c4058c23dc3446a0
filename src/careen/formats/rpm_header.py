"""The header of an rpm package in an rpm database: an index of typed, big-endian values.

Source: rpm's manual, "Package format", "Header regions".
"""

import struct
from dataclasses import dataclass
from typing import NoReturn

from careen.errors import ImageError

MAX_TAGS = 0xFFFF  # rpm's own limit (hdrchkTags)
MAX_HEADER = 64 << 20  # the largest of a distribution, a kernel's sources, has about 6 MB
MAX_VALUES = 2_000_000  # per tag: as many as an image may have paths

NAME, VERSION, RELEASE, EPOCH = 1000, 1001, 1002, 1003
VENDOR, LICENSE, ARCH, SOURCERPM = 1011, 1014, 1022, 1044
PROVIDENAME, REQUIRENAME, RECOMMENDNAME, SUGGESTNAME = 1047, 1049, 5046, 5049
OLDFILENAMES, FILEFLAGS = 1027, 1037
FILEDIGESTS, FILEDIGESTALGO = 1035, 5011
DIRINDEXES, BASENAMES, DIRNAMES = 1116, 1117, 1118
MODULARITYLABEL = 5096

FILE_IS_LICENCE = 1 << 7

_INTRO = struct.Struct(">II")
_ENTRY = struct.Struct(">IIII")
_INT32 = 4
_STRINGS = frozenset({6, 8, 9})  # a string, an array, a string in several languages


@dataclass(frozen=True, slots=True)
class RpmHeader:
    """The values of one package by tag number.

    A missing tag, or one of another type than requested, reads as empty. Every method raises
    ImageError, naming `where`, for a value that runs past the end of the header.
    """

    index: dict[int, tuple[int, int, int]]  # tag → type, offset into `data`, count
    data: bytes
    where: str

    def strings(self, tag: int) -> tuple[str, ...]:
        """Return all strings of a tag; bytes that are not UTF-8 become surrogate escapes."""
        kind, offset, count = self.index.get(tag, (0, 0, 0))
        if kind not in _STRINGS or not count:
            return ()
        if count > min(MAX_VALUES, len(self.data) - offset):
            self._fail(tag, f"{count} strings in {len(self.data) - offset} bytes")
        parts = self.data[offset:].split(b"\0", count)
        if len(parts) <= count:
            self._fail(tag, f"{count} strings, of which {len(parts) - 1} end")
        return tuple(part.decode("utf-8", "surrogateescape") for part in parts[:count])

    def text(self, tag: int) -> str:
        """Return the first string of a tag or ""; bytes that are not UTF-8 are replaced."""
        kind, offset, count = self.index.get(tag, (0, 0, 0))
        if kind not in _STRINGS or not count:
            return ""
        end = self.data.find(b"\0", offset)
        if end < 0:
            self._fail(tag, "a string without an end")
        return self.data[offset:end].decode("utf-8", "replace")

    def numbers(self, tag: int) -> tuple[int, ...]:
        """Return the 32-bit numbers of a tag."""
        kind, offset, count = self.index.get(tag, (0, 0, 0))
        if kind != _INT32:
            return ()
        if count > MAX_VALUES or offset + 4 * count > len(self.data):
            self._fail(tag, f"{count} numbers in {len(self.data) - offset} bytes")
        return struct.unpack_from(f">{count}I", self.data, offset)

    def files(self) -> tuple[str, ...]:
        """Return every path of the package in order, including directories and ghosts."""
        names = self.strings(BASENAMES)
        if not names:
            return self.strings(OLDFILENAMES)
        directories, indexes = self.strings(DIRNAMES), self.numbers(DIRINDEXES)
        if len(indexes) != len(names) or max(indexes) >= len(directories):
            self._fail(
                DIRINDEXES,
                f"{len(names)} names, {len(indexes)} indexes into {len(directories)} directories",
            )
        lengths = [len(directory) for directory in directories]
        if sum(lengths[index] for index in indexes) > MAX_HEADER:
            self._fail(
                DIRNAMES,
                f"{len(names)} files whose paths have more than {MAX_HEADER} characters together",
            )
        return tuple(directories[index] + name for index, name in zip(indexes, names, strict=True))

    def _fail(self, tag: int, problem: str) -> NoReturn:
        msg = f"{self.where}: rpm header: tag {tag}: {problem}"
        raise ImageError(msg)


def read_header(blob: bytes, where: str) -> RpmHeader:
    """Read the index of a header; values are read on demand.

    Raises ImageError, naming `where`, for an invalid header. The later value of a repeated tag
    holds.
    """
    if len(blob) < _INTRO.size:
        _bad(where, f"{len(blob)} bytes")
    tags, size = _INTRO.unpack_from(blob)
    start = _INTRO.size + tags * _ENTRY.size
    if not 0 < tags <= MAX_TAGS or size > MAX_HEADER or start + size > len(blob):
        _bad(where, f"{tags} tags with {size} bytes of values in {len(blob)} bytes")
    # What rpm adds at installation follows the package's own, signed region.
    index: dict[int, tuple[int, int, int]] = {}
    for tag, kind, offset, count in _ENTRY.iter_unpack(blob[_INTRO.size : start]):
        # The trailer of a region has a negative offset and is no value.
        if offset <= size:
            index[tag] = (kind, start + offset, count)
    return RpmHeader(index, blob[: start + size], where)


def _bad(where: str, problem: str) -> NoReturn:
    msg = f"{where}: not an rpm header: {problem}"
    raise ImageError(msg)
