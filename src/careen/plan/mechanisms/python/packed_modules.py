"""Modules that an application's packed files name.

Pickles name classes. Byte code, archives and frozen programs hold texts for the readers of sources.
"""

import bz2
import contextlib
import lzma
import re
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

from careen.model.entry import Entry
from careen.model.packages.package import Ecosystem
from careen.plan.core.facts import ModulesImported, ModulesRun, OwnFiles, TextFound
from careen.plan.core.mechanism import Mechanism, Work
from careen.plan.mechanisms.application.own_files import SOURCES
from careen.plan.mechanisms.application.packed_texts import (
    MAX_ALL,
    PICKLES,
    Allowance,
    PackedTexts,
    is_sourceless,
)
from careen.plan.scanners.imports import dotted_literals, imported, literals, run_as_modules
from careen.plan.scanners.packed_text import Kind

MAX_UNPACKED = 256 << 20  # of one file: a pickle names its classes among its arrays
MAX_TRIED = (
    256 << 20
    # per image, for packed files that are no pickles: 32,000 gzip files, or some 300 bzip2 files,
    # whose blocks are unpacked whole
)
_CHUNK = 4 << 20
_LZMA_MEMORY = 256 << 20
_HEAD = 8
_PROBE = 64 << 10
_PROBED = 8 << 10  # least charge of MAX_TRIED for a probe of a packed file: some 100 µs
_PICKLE = re.compile(rb"\x80[\x02-\x05]")
_NAMED = re.compile(rf"(?:{'|'.join(map(re.escape, PICKLES))})(?:\.\w{{1,8}})?\Z")
_LZ4 = b"\x04\x22\x4d\x18"
_SHORT_TEXT = re.compile(
    rb"\x8c(.)([A-Za-z_]\w{0,63})((?:\.\w{1,100}){0,12})(?=\x94?\x8c.\w{1,100}\x94?\x93|[\x94\x8ch])",
    re.DOTALL,
)
_LINE_OF_NAME = re.compile(rb"\n(?=[A-Za-z_][\w.]{0,100}\n)")
_END_OF_LINE = re.compile(rb"(?<![\w.])[\w.]*+\Z")
_MODULE = re.compile(rb"c(?=([A-Za-z_]\w{0,63}+)(?:\.\w{1,100}+){0,12}+\Z)")
_MAX_LINE = 200
_LOOSE = re.compile(rb"([A-Za-z_](?<![\w.][A-Za-z_])\w{2,63}+)\.[A-Za-z_]")
_STACK_GLOBAL = re.compile(rb"\x94?\x8c.\w{1,100}\x94?\x93", re.DOTALL)


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
"""Magic bytes, the decompressor, and how many bytes a probe unpacks."""


_BROKEN = (zlib.error, lzma.LZMAError, OSError, EOFError, MemoryError)


def pickled(data: bytes, allowance: Allowance | None = None) -> frozenset[str]:
    """Return the top-level modules whose classes and functions a pickle names.

    Arrays between its parts (joblib) are skipped.
    """
    allowance = allowance or Allowance()
    out = _of_lines(data, allowance)
    for found in allowance.of(_SHORT_TEXT.finditer(data)):
        text = found.group(2) + found.group(3)
        if found.group(1)[0] == len(text) and (
            found.group(3) or _STACK_GLOBAL.match(data, found.end())
        ):
            out.add(found.group(2))
    return frozenset(item.decode() for item in out)


def _of_lines(data: bytes, allowance: Allowance) -> set[bytes]:
    """Return the modules that GLOBAL opcodes name: `c`, the module, and a name in the next line.

    A repeated line is examined once.
    """
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


class PackedModules(Mechanism):
    """Keeps the distributions whose modules the application's packed files name.

    Packed files are pickles, archives, byte code and frozen programs. Their texts go to the
    mechanisms that read sources.
    """

    id = "packed-modules"
    why = (
        "a model names its classes; an archive, byte code or a frozen program names what it"
        " imports, starts and reads; no source file shows it"
    )
    codes = ("python-import",)

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._unread = OwnFiles(work.facts)
        self._installed: list[Entry] = []
        self._allowance = Allowance()
        self._texts = PackedTexts(self._allowance, work.scene.rootfs.budget)
        self._left = MAX_ALL
        self._tried = MAX_TRIED

    def visit(self, entry: Entry) -> None:
        """Collect the byte code without source that distributions own."""
        # The application's files are read in `settle`, when all are known.
        if (
            entry.is_file
            and is_sourceless(entry.path)
            and self._work.scene.owners(entry.path, Ecosystem.PYPI)
        ):
            self._installed.append(entry)

    def settle(self) -> None:
        installed, self._installed = self._installed, []
        for entry in self._unread.take():
            if entry.size > _HEAD and not entry.path.endswith(SOURCES):
                self._read(entry, own=True)
        for entry in installed:
            self._read(entry, own=False)

    def _read(self, entry: Entry, *, own: bool) -> None:
        """Post the texts of a packed file, and the modules that it names."""
        modules: set[str] = set()
        with self._work.scene.rootfs.open(entry.path) as stream:
            # One text at a time: an archive may hold hundreds of megabytes of text.
            for text in self._texts.of(entry.path, stream):
                if text.kind is Kind.PICKLE:
                    modules |= pickled(text.data, self._allowance)
                    continue
                if text.kind in (Kind.SOURCE, Kind.BYTE_CODE):
                    modules |= (
                        imported(text.data) | dotted_literals(text.data) | literals(text.data)
                    )
                if text.kind is Kind.SOURCE and not text.foreign:
                    self._work.facts.post(
                        ModulesRun(run_as_modules(text.data, in_lines=True), entry.path)
                    )
                if own:
                    self._work.facts.post(TextFound(text, entry))
            stream.seek(0)
            modules |= self._pickled(entry, stream)
        self._work.facts.post(ModulesImported(frozenset(modules), entry.path))

    def _pickled(self, entry: Entry, stream: BinaryIO) -> frozenset[str]:
        head = stream.read(_HEAD)
        stream.seek(0)
        if head.startswith(_LZ4):
            found = self._allowance.of(
                _LOOSE.finditer(self._take(stream.read(min(MAX_UNPACKED, self._left))))
            )
            return frozenset(item.decode() for item in {match.group(1) for match in found})
        if (
            _PICKLE.match(head)
            or _NAMED.search(entry.path)
            or (self._tried > 0 and any(head.startswith(magic) for magic, _, _ in _COMPRESSED))
        ):
            return pickled(self._unpack(entry, stream), self._allowance)
        return frozenset()

    def _unpack(self, entry: Entry, stream: BinaryIO) -> bytes:
        """Return the unpacked bytes of a pickle, and charge the budget for them."""
        data, cost = _unpacked(stream, min(MAX_UNPACKED, self._left))
        if data or _NAMED.search(entry.path):
            self._left -= min(cost, self._left)
        else:
            # A budget of its own, so that a thousand packed tables leave enough for the models.
            self._tried -= cost
        return data

    def _take(self, data: bytes) -> bytes:
        self._left -= min(len(data), self._left)
        return data


def _unpacked(stream: BinaryIO, limit: int) -> tuple[bytes, int]:
    """Return a pickle's bytes, at most `limit`, and how many bytes were unpacked.

    A packed pickle is unpacked as joblib packs it. The bytes are empty if a packed file is no
    pickle, or is broken at its beginning.
    """
    first = stream.read(min(_CHUNK, limit))
    make, least = next(
        ((make, least) for magic, make, least in _COMPRESSED if first.startswith(magic)), (None, 0)
    )
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


def _parts(
    decompressor: _Decompressor, stream: BinaryIO, data: bytes, limit: int
) -> Iterator[bytes]:
    """Yield an unpacked stream that begins with `data` in parts, at most `limit` bytes.

    A stream that breaks off has cost at most one part that was not yielded.
    """
    while limit > 0 and not decompressor.eof:
        part = decompressor.decompress(data, min(_CHUNK, limit))
        yield part
        limit -= len(part)
        data = getattr(
            decompressor, "unconsumed_tail", b""
        )  # zlib returns the input that it did not take; the others keep it
        if not data and (getattr(decompressor, "needs_input", True) or not part):
            data = stream.read(_CHUNK)
            if not data:
                return
