"""Python modules that an application's packed files name: the classes of a pickle, the imports of byte code without a source and of sources in an archive."""

import bz2
import contextlib
import lzma
import re
import zlib
from collections.abc import Callable, Iterator
from itertools import islice
from typing import BinaryIO, Protocol

from careen.errors import ImageError
from careen.formats.zip_reader import ZipArchive, ZipBudget
from careen.model.entry import Entry
from careen.model.package import Ecosystem
from careen.plan.application import SOURCES, Application, Unread
from careen.plan.imports import dotted_literals, imported, literals
from careen.plan.mechanism import Work
from careen.plan.python import Distributions

MAX_UNPACKED = 256 << 20  # of one file: a pickle names its classes among its arrays
MAX_ALL = 1 << 30  # of all files of an image: some ten seconds
MAX_MEMBER = 4 << 20
MAX_MEMBERS = 20_000  # of all archives of an image
_CHUNK = 4 << 20
_LZMA_MEMORY = 256 << 20
_HEAD = 8
_PICKLE = re.compile(rb"\x80[\x02-\x05]")
_PICKLES = (".pkl", ".pickle", ".joblib", ".p", ".sav", ".dill")
_LZ4 = b"\x04\x22\x4d\x18"
_ZIP = b"PK\x03\x04"
_SHORT_TEXT = re.compile(rb"\x8c(.)([A-Za-z_]\w{0,63})((?:\.\w{1,100}){0,12})(?=\x94?\x8c.\w{1,100}\x94?\x93|[\x94\x8ch])", re.DOTALL)
_LINE_OF_NAME = re.compile(rb"\n(?=[A-Za-z_][\w.]{0,100}\n)")
_END_OF_LINE = re.compile(rb"[\w.]*\Z")
_MODULE = re.compile(rb"c(?=([A-Za-z_]\w{0,63})(?:\.\w{1,100}){0,12}\Z)")
_MAX_LINE = 200
_MAX_FOUND = 1_000_000  # of one file: some seconds
_LOOSE = re.compile(rb"(?<![\w.])([A-Za-z_]\w{2,63})\.[A-Za-z_]")
_STACK_GLOBAL = re.compile(rb"\x94?\x8c.\w{1,100}\x94?\x93", re.DOTALL)
_BYTE_CODE_TEXT = re.compile(rb"[zZ\xfa\xda](?=(.)[A-Za-z_])", re.DOTALL)
_NAME = re.compile(rb"[\w.]{1,200}")


class _Decompressor(Protocol):
    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


_COMPRESSED: tuple[tuple[bytes, Callable[[], _Decompressor]], ...] = (
    (b"\x1f\x8b", lambda: zlib.decompressobj(47)),
    (b"\x78", lambda: zlib.decompressobj(47)),
    (b"BZh", bz2.BZ2Decompressor),
    (b"\xfd7zXZ", lambda: lzma.LZMADecompressor(memlimit=_LZMA_MEMORY)),
    (b"\x5d\0\0", lambda: lzma.LZMADecompressor(memlimit=_LZMA_MEMORY)),
)


def pickled(data: bytes) -> frozenset[str]:
    """Return the first components of the modules whose classes and functions a pickle names. Arrays between its parts (joblib) are passed over."""
    out: set[bytes] = set()
    for end in islice(_LINE_OF_NAME.finditer(data), _MAX_FOUND):
        line = _END_OF_LINE.search(data[max(0, end.start() - _MAX_LINE) : end.start()])
        out.update(_MODULE.findall(line.group()) if line is not None and b"c" in line.group() else ())
    for found in islice(_SHORT_TEXT.finditer(data), _MAX_FOUND):
        text = found.group(2) + found.group(3)
        if found.group(1)[0] == len(text) and (found.group(3) or _STACK_GLOBAL.match(data, found.end())):
            out.add(found.group(2))
    return frozenset(item.decode() for item in out)


def byte_code_texts(data: bytes) -> bytes:
    """Return the names and short texts of a compiled module (marshal, version 4) as one literal a line, as if they stood in a source."""
    found = (data[match.end() + 1 : match.end() + 1 + match.group(1)[0]] for match in islice(_BYTE_CODE_TEXT.finditer(data), _MAX_FOUND))
    return b"\n".join(b'"%b"' % text for text in sorted(set(found)) if _NAME.fullmatch(text))


def is_sourceless(path: str) -> bool:
    """Say whether byte code is what Python imports itself: beside, not in, the cache of what has a source."""
    return path.endswith(".pyc") and "/__pycache__/" not in path


class PackedModules:
    """Keeps the distributions whose modules the application's packed files name."""

    id = "packed-modules"
    why = "a model names its classes, and an archive or byte code its imports, where no source shows them; they are imported when it is loaded"

    def __init__(self, work: Work, distributions: Distributions, application: Application) -> None:
        self._work = work
        self._distributions = distributions
        self._unread = Unread(application)
        self._installed: list[Entry] = []
        self._budget = ZipBudget(MAX_ALL)
        self._members = MAX_MEMBERS
        self._left = MAX_ALL

    def visit(self, entry: Entry) -> None:
        """The application's files are read when they are all known; byte code of distributions has no other reader."""
        if entry.is_file and is_sourceless(entry.path) and self._work.scene.owners(entry.path, Ecosystem.PYPI):
            self._installed.append(entry)

    def settle(self) -> None:
        installed, self._installed = self._installed, []
        for entry in (*self._unread.take(), *installed):
            if entry.size > _HEAD and not entry.path.endswith(SOURCES):
                with self._work.scene.rootfs.open(entry.path) as stream:
                    self._distributions.import_from(frozenset().union(*self._modules(entry, stream)), entry.path)

    def _modules(self, entry: Entry, stream: BinaryIO) -> Iterator[frozenset[str]]:
        head = stream.read(_HEAD)
        stream.seek(0)
        if is_sourceless(entry.path):
            yield _of_source(byte_code_texts(stream.read(MAX_MEMBER)))
        elif head.startswith(_ZIP) or (head.startswith(b"#!") and entry.path.endswith((".pyz", ".pex"))):
            yield from self._archive(entry, stream)
        elif head.startswith(_LZ4):
            yield frozenset(item.decode() for item in _LOOSE.findall(self._take(stream.read(min(MAX_UNPACKED, self._left)))))
        elif _PICKLE.match(head) or entry.path.endswith(_PICKLES) or any(head.startswith(magic) for magic, _ in _COMPRESSED):
            yield pickled(self._take(_unpacked(stream, min(MAX_UNPACKED, self._left))))

    def _take(self, data: bytes) -> bytes:
        self._left -= len(data)
        return data

    def _archive(self, entry: Entry, stream: BinaryIO) -> Iterator[frozenset[str]]:
        with contextlib.suppress(ImageError), ZipArchive(stream, entry.path, budget=self._budget) as archive:
            for member in archive.names():
                if not member.endswith((".py", ".pyc", *_PICKLES)) or self._members < 1 or archive.size(member) > MAX_MEMBER:
                    continue
                self._members -= 1
                data = archive.read(member, MAX_MEMBER)
                yield pickled(data) if member.endswith(_PICKLES) else _of_source(data if member.endswith(".py") else byte_code_texts(data))


def _of_source(text: bytes) -> frozenset[str]:
    return imported(text) | dotted_literals(text) | literals(text)


def _unpacked(stream: BinaryIO, limit: int) -> bytes:
    """Return a pickle's bytes, at most `limit`, unpacked if it is packed as joblib does; nothing of what turns out to be none, or broken."""
    first = stream.read(min(_CHUNK, limit))
    make = next((make for magic, make in _COMPRESSED if first.startswith(magic)), None)
    if make is None:
        return first + stream.read(limit - len(first))
    out = bytearray()
    decompressor = make()
    with contextlib.suppress(zlib.error, lzma.LZMAError, OSError, EOFError, MemoryError):
        while first and len(out) < limit and (not out or _PICKLE.match(out)):
            out += _step(decompressor, first, limit - len(out))
            first = stream.read(_CHUNK)
    return bytes(out) if _PICKLE.match(out) else b""


def _step(decompressor: _Decompressor, data: bytes, limit: int) -> bytes:
    """Unpack what has come, at most `limit` bytes; what a decompressor holds back beyond that is of no use any more."""
    return decompressor.decompress(data, limit)
