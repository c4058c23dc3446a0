"""What readers find in files, remembered by the digests of these."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import zstandard

from careen.model.entry import Entry
from careen.model.paths import ImagePath

S = TypeVar("S")
T = TypeVar("T")
_MOST = 16 << 20  # bytes of one value
_DAMAGED = (zstandard.ZstdError, ValueError, KeyError, TypeError, IndexError)
DIGEST = "digest"
"""The name of the SHA-256 (hex) of a whole content, among the names of readers."""


class Values(Protocol):
    """Values of earlier runs by key."""

    def get(self, *words: str) -> bytes | None:
        """Return the value under a key, or None."""

    def put(self, value: bytes, *words: str) -> None:
        """Keep a value for later runs."""


class Ahead(Protocol):
    """Answers of readers that are computed before they are asked for."""

    def expect(self, entry: Entry, wanted: tuple[str, ...] = ()) -> None:
        """Note that readers will be asked about a file, unless nothing can be computed ahead of it.

        Without `wanted`, they are those that are asked about every file of its kind.
        """

    def take(self, entry: Entry, name: str) -> bytes | None:
        """Return the packed answer of a reader, or of `DIGEST`; None if it is for the caller."""


@dataclass(frozen=True, slots=True)
class Reader(Generic[S, T]):
    """A function of nothing but the content of a file, and its value as JSON and back.

    `name` is unique. `load` may raise ValueError, KeyError, TypeError or IndexError.
    """

    name: str
    read: Callable[[S], T]
    dump: Callable[[T], Any]
    load: Callable[[Any], T]

    def pack(self, found: T, packer: zstandard.ZstdCompressor) -> bytes:
        """Return a value as bytes; they are empty if it is too large."""
        document = json.dumps(self.dump(found), separators=(",", ":")).encode()
        return packer.compress(document) if len(document) <= _MOST else b""

    def unpack(self, packed: bytes, unpacker: zstandard.ZstdDecompressor) -> T:
        """Return the value. Raises for damaged bytes, as `load` and as zstandard."""
        plain = unpacker.decompress(packed, max_output_size=_MOST)
        return self.load(json.loads(plain.decode()))


class Readings:
    """What readers find in the files of one image, over all images and runs that share `values`.

    `stamp` names the readers' code. A layer with all below it, and a path, name a content; so a
    known file is not opened.
    """

    def __init__(
        self,
        values: Values | None = None,
        diff_ids: Sequence[str] = (),
        stamp: str = "",
        ahead: Ahead | None = None,
    ) -> None:
        self._values = values
        self._stamp = stamp
        self._ahead = ahead
        self._layers = _chained(diff_ids)
        self._digests: dict[ImagePath, str] = {}
        self._packer = zstandard.ZstdCompressor(level=1)
        self._unpacker = zstandard.ZstdDecompressor()

    def expect(self, entry: Entry, reader: Reader[Any, Any] | None) -> None:
        """Note that `of` or `at` will be asked about a file soon.

        `reader` is one that `at` will be asked for; None stands for `of`.
        """
        if self._ahead is None:
            return
        values = self._stored_for(entry)
        if values is not None and (
            self._known_digest(entry, values) is not None
            if reader is None
            else values.get(*self._place(entry, reader)) is not None
        ):
            return
        self._ahead.expect(entry)

    def expect_of(self, entry: Entry, reader: Reader[bytes, Any]) -> None:
        """Note that `of` will be asked about a source soon, by a reader that few are asked by."""
        if self._ahead is None:
            return
        values = self._stored_for(entry)
        if values is not None:
            digest = self._digests.get(entry.path) or self._known_digest(entry, values)
            if digest is not None and values.get(self._stamp, reader.name, digest) is not None:
                return
        self._ahead.expect(entry, (reader.name,))

    def of(self, entry: Entry, reader: Reader[bytes, T], content: Callable[[], bytes]) -> T:
        """Return what a reader finds in a regular file, all of which `content` returns."""
        values = self._stored_for(entry)
        if values is None:
            return self._fresh(entry, reader, content)[0]
        digest = self._digests.get(entry.path) or self._digest(entry, values, content)
        return self._once(values, (self._stamp, reader.name, digest), entry, reader, content)

    def at(self, entry: Entry, reader: Reader[S, T], content: Callable[[], S]) -> T:
        """Return what a reader finds in a regular file that is too large to read for its digest.

        Another image knows it only in the same layers.
        """
        values = self._stored_for(entry)
        if values is None:
            return self._fresh(entry, reader, content)[0]
        return self._once(values, self._place(entry, reader), entry, reader, content)

    def _stored_for(self, entry: Entry) -> Values | None:
        return self._values if 0 <= entry.layer < len(self._layers) else None

    def _place(self, entry: Entry, reader: Reader[Any, Any]) -> tuple[str, ...]:
        return self._stamp, reader.name, self._layers[entry.layer], entry.path

    def _once(
        self,
        values: Values,
        key: tuple[str, ...],
        entry: Entry,
        reader: Reader[S, T],
        content: Callable[[], S],
    ) -> T:
        if packed := values.get(*key):
            try:
                return reader.unpack(packed, self._unpacker)
            except _DAMAGED:
                pass  # the file is read again
        found, packed = self._fresh(entry, reader, content)
        if packed := packed or reader.pack(found, self._packer):
            values.put(packed, *key)
        return found

    def _fresh(
        self, entry: Entry, reader: Reader[S, T], content: Callable[[], S]
    ) -> tuple[T, bytes]:
        """Return what a reader finds, and the value as bytes if it was computed ahead."""
        if self._ahead is not None and (packed := self._ahead.take(entry, reader.name)):
            try:
                return reader.unpack(packed, self._unpacker), packed
            except _DAMAGED:
                pass
        return reader.read(content()), b""

    def _known_digest(self, entry: Entry, values: Values) -> str | None:
        known = values.get(DIGEST, self._layers[entry.layer], entry.path)
        if known is not None:
            self._digests[entry.path] = known.decode("ascii", "replace")
        return self._digests.get(entry.path)

    def _digest(self, entry: Entry, values: Values, content: Callable[[], bytes]) -> str:
        if (digest := self._known_digest(entry, values)) is not None:
            return digest
        ahead = self._ahead.take(entry, DIGEST) if self._ahead is not None else None
        known = ahead or hashlib.sha256(content()).hexdigest().encode()
        values.put(known, DIGEST, self._layers[entry.layer], entry.path)
        digest = self._digests[entry.path] = known.decode("ascii", "replace")
        return digest


def _chained(diff_ids: Sequence[str]) -> list[str]:
    """Return a digest of each layer with those below it."""
    out: list[str] = []
    for diff_id in diff_ids:
        below = out[-1] if out else ""
        out.append(hashlib.sha256(f"{below} {diff_id}".encode()).hexdigest())
    return out
