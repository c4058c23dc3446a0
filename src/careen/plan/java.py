"""Commands that Java classes start: the string literals of classes that use ProcessBuilder or Runtime, in archives and beside them (JVM specification, 4.4)."""

import contextlib
from collections.abc import Iterator
from typing import BinaryIO

from careen.errors import ImageError
from careen.formats.zip_reader import ZipArchive, ZipBudget

ARCHIVES = (".jar", ".war", ".ear")
CLASS = ".class"
MAX_CLASS = 4 << 20
MAX_NESTED = 64 << 20  # bytes of a packed archive within another; a stored one is read in place
MAX_CLASSES = 60_000  # of all archives of an image: some seconds. What is not read could only have kept a command more
_STARTERS = (b"java/lang/ProcessBuilder", b"java/lang/Runtime", b"java.lang.ProcessBuilder")
_MAGIC = b"\xca\xfe\xba\xbe"
_FIXED = {3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4, 15: 3, 16: 2, 17: 4, 18: 4, 19: 2, 20: 2}
"""Bytes after the tag of each kind of constant but text."""
_TEXT, _LITERAL, _WIDE = 1, 8, (5, 6)


class ClassTexts:
    """Reads archives and classes of one image, within one budget."""

    def __init__(self) -> None:
        self._budget = ZipBudget()
        self._left = MAX_CLASSES

    def of_archive(self, stream: BinaryIO, where: str) -> frozenset[str]:
        """Return the texts in those classes of an archive, and of the archives within it, that can start programs; none of what cannot be read."""
        out: set[str] = set()
        with contextlib.suppress(ImageError), ZipArchive(stream, where, budget=self._budget) as archive:
            self._read(archive, out)
        return frozenset(out)

    def _read(self, archive: ZipArchive, out: set[str]) -> None:
        for item in archive.names():
            if item.endswith(CLASS) and self._left > 0:
                self._left -= 1
                out.update(texts(archive.read(item, MAX_CLASS)))
            elif item.endswith(ARCHIVES):  # at most as deep as the reader allows
                with contextlib.suppress(ImageError), archive.open_nested(item, MAX_NESTED) as nested:
                    self._read(nested, out)


def texts(data: bytes) -> Iterator[str]:
    """Yield the string literals of a class that can start programs, in order; names of classes and methods are none. A broken class ends early."""
    if not data.startswith(_MAGIC) or not any(word in data for word in _STARTERS):
        return
    last, index, position = int.from_bytes(data[8:10], "big"), 1, 10
    found: dict[int, bytes] = {}
    literals: list[int] = []
    while index < last and position + 3 <= len(data):
        tag, following = data[position], int.from_bytes(data[position + 1 : position + 3], "big")
        if tag == _TEXT:
            found[index] = data[position + 3 : position + 3 + following]
            position += 3 + following
        elif tag in _FIXED:
            literals.extend([following] if tag == _LITERAL else ())
            position += 1 + _FIXED[tag]
        else:
            break
        index += 2 if tag in _WIDE else 1
    yield from (found[item].decode("utf-8", "replace") for item in literals if item in found)
