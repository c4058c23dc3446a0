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


class Values(Protocol):
    """Values of earlier runs by key."""

    def get(self, *words: str) -> bytes | None:
        """Return the value under a key, or None."""

    def put(self, value: bytes, *words: str) -> None:
        """Keep a value for later runs."""


@dataclass(frozen=True, slots=True)
class Reader(Generic[S, T]):
    """A function of nothing but the content of a file, and its value as JSON and back.

    `name` is unique. `load` may raise ValueError, KeyError, TypeError or IndexError.
    """

    name: str
    read: Callable[[S], T]
    dump: Callable[[T], Any]
    load: Callable[[Any], T]


class Readings:
    """What readers find in the files of one image, over all images and runs that share `values`.

    `stamp` names the readers' code. A layer with all below it, and a path, name a content; so a
    known file is not opened.
    """

    def __init__(
        self, values: Values | None = None, diff_ids: Sequence[str] = (), stamp: str = ""
    ) -> None:
        self._values = values
        self._stamp = stamp
        self._layers = _chained(diff_ids)
        self._digests: dict[ImagePath, str] = {}
        self._packer = zstandard.ZstdCompressor(level=1)
        self._unpacker = zstandard.ZstdDecompressor()

    def of(self, entry: Entry, reader: Reader[bytes, T], content: Callable[[], bytes]) -> T:
        """Return what a reader finds in a regular file, all of which `content` returns."""
        values = self._values
        if values is None or not 0 <= entry.layer < len(self._layers):
            return reader.read(content())
        digest = self._digests.get(entry.path) or self._digest(entry, values, content)
        return self._once(values, (self._stamp, reader.name, digest), reader, content)

    def at(self, entry: Entry, reader: Reader[S, T], content: Callable[[], S]) -> T:
        """Return what a reader finds in a regular file that is too large to read for its digest.

        Another image knows it only in the same layers.
        """
        values = self._values
        if values is None or not 0 <= entry.layer < len(self._layers):
            return reader.read(content())
        key = (self._stamp, reader.name, self._layers[entry.layer], entry.path)
        return self._once(values, key, reader, content)

    def _once(
        self,
        values: Values,
        key: tuple[str, ...],
        reader: Reader[S, T],
        content: Callable[[], S],
    ) -> T:
        packed = values.get(*key)
        if packed is not None:
            try:
                plain = self._unpacker.decompress(packed, max_output_size=_MOST)
                return reader.load(json.loads(plain))
            except (zstandard.ZstdError, ValueError, KeyError, TypeError, IndexError):
                pass  # damaged: the file is read again
        found = reader.read(content())
        document = json.dumps(reader.dump(found), separators=(",", ":")).encode()
        if len(document) <= _MOST:
            values.put(self._packer.compress(document), *key)
        return found

    def _digest(self, entry: Entry, values: Values, content: Callable[[], bytes]) -> str:
        key = ("digest", self._layers[entry.layer], entry.path)
        known = values.get(*key)
        if known is None:
            known = hashlib.sha256(content()).hexdigest().encode()
            values.put(known, *key)
        digest = self._digests[entry.path] = known.decode("ascii", "replace")
        return digest


def _chained(diff_ids: Sequence[str]) -> list[str]:
    """Return a digest of each layer with those below it."""
    out: list[str] = []
    for diff_id in diff_ids:
        below = out[-1] if out else ""
        out.append(hashlib.sha256(f"{below} {diff_id}".encode()).hexdigest())
    return out
