"""Python modules that an application's packed files name: the classes of a pickle, the imports of byte code without a source and of sources in an archive."""

import bz2
import contextlib
import lzma
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
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
MAX_TRIED = 256 << 20  # of an image's packed files that turn out to be no pickles: 32,000 of gzip, some 300 of bzip2, whose blocks are unpacked whole
MAX_MEMBER = 4 << 20
MAX_MEMBERS = 20_000  # of all archives of an image
_CHUNK = 4 << 20
_LZMA_MEMORY = 256 << 20
_HEAD = 8
_PROBE = 64 << 10
_PROBED = 8 << 10  # what a look at a packed file's beginning costs of MAX_TRIED, at least: some 100 µs
_PICKLE = re.compile(rb"\x80[\x02-\x05]")
_PICKLES = (".pkl", ".pickle", ".joblib", ".p", ".sav", ".dill")
_NAMED = re.compile(r"\.(?:pkl|pickle|joblib|p|sav|dill)(?:\.\w{1,8})?\Z")
_LZ4 = b"\x04\x22\x4d\x18"
_ZIP = b"PK\x03\x04"
_SHORT_TEXT = re.compile(rb"\x8c(.)([A-Za-z_]\w{0,63})((?:\.\w{1,100}){0,12})(?=\x94?\x8c.\w{1,100}\x94?\x93|[\x94\x8ch])", re.DOTALL)
_LINE_OF_NAME = re.compile(rb"\n(?=[A-Za-z_][\w.]{0,100}\n)")
_END_OF_LINE = re.compile(rb"(?<![\w.])[\w.]*+\Z")
_MODULE = re.compile(rb"c(?=([A-Za-z_]\w{0,63}+)(?:\.\w{1,100}+){0,12}+\Z)")
_MAX_LINE = 200
_MAX_FOUND = 1_000_000  # of one file: a second
_LOOSE = re.compile(rb"(?<![\w.])([A-Za-z_]\w{2,63})\.[A-Za-z_]")
_STACK_GLOBAL = re.compile(rb"\x94?\x8c.\w{1,100}\x94?\x93", re.DOTALL)
_BYTE_CODE_TEXT = re.compile(rb"[zZ\xfa\xda](?=(.)[A-Za-z_])", re.DOTALL)
_NAME = re.compile(rb"[\w.]{1,200}")


@dataclass(slots=True)
class Allowance:
    """What may still be looked at in the packed files of one image: places that look like names, and the letters `c` in lines that may name a module."""

    places: int = 10_000_000
    letters: int = 1_000_000

    def of(self, found: Iterator[re.Match[bytes]]) -> Iterator[re.Match[bytes]]:
        """Pass on what was found in one file while the allowance lasts."""
        for match in islice(found, min(_MAX_FOUND, self.places)):
            self.places -= 1
            yield match


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


_COMPRESSED: tuple[tuple[bytes, Callable[[], _Decompressor], int], ...] = (
    (b"\x1f\x8b", lambda: zlib.decompressobj(47), _HEAD),
    (b"\x78", lambda: zlib.decompressobj(47), _HEAD),
    (b"BZh", bz2.BZ2Decompressor, 900_000),
    (b"\xfd7zXZ", lambda: lzma.LZMADecompressor(memlimit=_LZMA_MEMORY), _HEAD),
    (b"\x5d\0\0", lambda: lzma.LZMADecompressor(memlimit=_LZMA_MEMORY), _HEAD),
)
"""How a packed file begins, what unpacks it, and how many bytes that unpacks at least."""


_BROKEN = (zlib.error, lzma.LZMAError, OSError, EOFError, MemoryError)


def pickled(data: bytes, allowance: Allowance | None = None) -> frozenset[str]:
    """Return the first components of the modules whose classes and functions a pickle names. Arrays between its parts (joblib) are passed over."""
    allowance = allowance or Allowance()
    out = _of_lines(data, allowance)
    for found in allowance.of(_SHORT_TEXT.finditer(data)):
        text = found.group(2) + found.group(3)
        if found.group(1)[0] == len(text) and (found.group(3) or _STACK_GLOBAL.match(data, found.end())):
            out.add(found.group(2))
    return frozenset(item.decode() for item in out)


def _of_lines(data: bytes, allowance: Allowance) -> set[bytes]:
    """Return what the older protocols name: `c`, a module, and in the next line a name in it. A line that comes again is looked at once."""
    seen: set[bytes] = set()
    out: set[bytes] = set()
    for end in allowance.of(_LINE_OF_NAME.finditer(data)):
        least = max(0, end.start() - _MAX_LINE)
        line = data[max(least, data.rfind(b"\n", least, end.start()) + 1) : end.start()]
        if b"c" not in line or line in seen or allowance.letters < 1:
            continue
        seen.add(line)
        run = _END_OF_LINE.search(line)
        allowance.letters -= line.count(b"c")
        out.update(_MODULE.findall(run.group()) if run is not None else ())
    return out


def byte_code_texts(data: bytes, allowance: Allowance | None = None) -> bytes:
    """Return the names and short texts of a compiled module (marshal, version 4) as one literal a line, as if they stood in a source. They do not overlap, so
    they have no more bytes than the module.
    """
    out: set[bytes] = set()
    left = len(data)
    for match in (allowance or Allowance()).of(_BYTE_CODE_TEXT.finditer(data)):
        text = data[match.end() + 1 : match.end() + 1 + match.group(1)[0]]
        if text not in out and _NAME.fullmatch(text):
            left -= len(text)
            if left < 0:
                break
            out.add(text)
    return b"\n".join(b'"%b"' % text for text in sorted(out))


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
        self._tried = MAX_TRIED
        self._allowance = Allowance()

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
            yield self._of_byte_code(stream.read(min(MAX_MEMBER, self._left)))
        elif head.startswith(_ZIP) or (head.startswith(b"#!") and entry.path.endswith((".pyz", ".pex"))):
            yield from self._archive(entry, stream)
        elif head.startswith(_LZ4):
            found = self._allowance.of(_LOOSE.finditer(self._take(stream.read(min(MAX_UNPACKED, self._left)))))
            yield frozenset(item.decode() for item in {match.group(1) for match in found})
        elif _PICKLE.match(head) or _NAMED.search(entry.path) or (self._tried > 0 and any(head.startswith(magic) for magic, _, _ in _COMPRESSED)):
            yield pickled(self._unpack(entry, stream), self._allowance)

    def _unpack(self, entry: Entry, stream: BinaryIO) -> bytes:
        """Return a pickle, unpacked. What is none is paid for apart, so that a thousand packed tables leave enough for the models."""
        data, cost = _unpacked(stream, min(MAX_UNPACKED, self._left))
        if data or _NAMED.search(entry.path):
            self._left -= min(cost, self._left)
        else:
            self._tried -= cost
        return data

    def _take(self, data: bytes) -> bytes:
        self._left -= min(len(data), self._left)
        return data

    def _of_byte_code(self, data: bytes) -> frozenset[str]:
        return _of_source(self._take(byte_code_texts(data, self._allowance)))

    def _archive(self, entry: Entry, stream: BinaryIO) -> Iterator[frozenset[str]]:
        with contextlib.suppress(ImageError), ZipArchive(stream, entry.path, budget=self._budget) as archive:
            for member in archive.names():
                if member.endswith((".py", ".pyc", *_PICKLES)):
                    yield self._member(archive, member)

    def _member(self, archive: ZipArchive, member: str) -> frozenset[str]:
        """Return what one member names: nothing, if it cannot be read. Others may be read all the same."""
        with contextlib.suppress(ImageError):
            if self._members > 0 and archive.size(member) <= MAX_MEMBER:
                self._members -= 1
                data = archive.read(member, MAX_MEMBER)
                if member.endswith(".py"):
                    return _of_source(data)
                return self._of_byte_code(data) if member.endswith(".pyc") else pickled(data, self._allowance)
        return frozenset()


def _of_source(text: bytes) -> frozenset[str]:
    return imported(text) | dotted_literals(text) | literals(text)


def _unpacked(stream: BinaryIO, limit: int) -> tuple[bytes, int]:
    """Return a pickle's bytes, at most `limit`, unpacked if it is packed as joblib does, and how many bytes were unpacked for that, if only to see that it is
    none: nothing is returned then, nor of what is broken at its beginning.
    """
    first = stream.read(min(_CHUNK, limit))
    make, least = next(((make, least) for magic, make, least in _COMPRESSED if first.startswith(magic)), (None, 0))
    if make is None:
        data = first + stream.read(limit - len(first))
        return data, len(data)
    out = bytearray()
    beginning = b""
    with contextlib.suppress(*_BROKEN):
        beginning = make().decompress(first[:_PROBE], least) or make().decompress(first, least)
        if _PICKLE.match(beginning):
            for part in _parts(make(), stream, first, limit):
                out += part
    return bytes(out), max(len(out), len(beginning), _PROBED)


def _parts(decompressor: _Decompressor, stream: BinaryIO, data: bytes, limit: int) -> Iterator[bytes]:
    """Unpack a stream whose beginning is `data`, at most `limit` bytes, a part at a time: what breaks off has cost no more than one that was not counted."""
    while limit > 0 and not decompressor.eof:
        part = decompressor.decompress(data, min(_CHUNK, limit))
        yield part
        limit -= len(part)
        data = getattr(decompressor, "unconsumed_tail", b"")  # zlib's hand back what they did not take; the others hold it
        if not data and (getattr(decompressor, "needs_input", True) or not part):
            data = stream.read(_CHUNK)
            if not data:
                return
