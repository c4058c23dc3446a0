"""Cache of the configuration and the small files that package managers ask for, by image.

What is stored was read from an image whose digests were checked.
"""

import binascii
import contextlib
import io
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

import zstandard

from careen.errors import ConfigError, ImageError
from careen.formats.json_document import parse_object
from careen.model.entry import Entry
from careen.model.image import ImageConfig
from careen.model.paths import ImagePath
from careen.oci.config import parse_config
from careen.oci.hashing import digest_of_bytes
from careen.oci.tree.rootfs import Content
from careen.tools.cache import Cache, code_stamp

_MAX_FILE = 1 << 20
_MAX_FILES = 16 << 20  # bytes of one image
_MAX_DOCUMENT = 64 << 20
_WHERE = "cached files of an image"


@dataclass(frozen=True, slots=True)
class KnownFiles:
    """The configuration of an image, and the content of some of its small files."""

    config_bytes: bytes
    config: ImageConfig
    files: Mapping[ImagePath, bytes]


class NotedContent:
    """Content that notes the small files that are read."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self.files: dict[ImagePath, bytes] = {}
        self._left = _MAX_FILES

    def open(self, entry: Entry) -> BinaryIO:
        """Open a regular file."""
        if entry.size > min(_MAX_FILE, self._left) or entry.path in self.files:
            return self._content.open(entry)
        with self._content.open(entry) as stream:
            data = stream.read(entry.size + 1)
        self.files[entry.path] = data
        self._left -= len(data)
        return io.BytesIO(data)


class KnownContent:
    """Content of known files; `other` opens the others."""

    def __init__(self, files: Mapping[ImagePath, bytes], other: Content) -> None:
        self._files = files
        self._other = other

    def open(self, entry: Entry) -> BinaryIO:
        """Open a regular file."""
        data = self._files.get(entry.path)
        if data is None or len(data) != entry.size:
            return self._other.open(entry)
        return io.BytesIO(data)


def keep_files(cache: Cache | None, config_bytes: bytes, files: Mapping[ImagePath, bytes]) -> None:
    """Store files of the image that has this configuration."""
    if cache is None:
        return
    document = {
        "config": b64encode(config_bytes).decode(),
        "files": {path: b64encode(data).decode() for path, data in files.items()},
    }
    packed = zstandard.ZstdCompressor().compress(json.dumps(document).encode())
    cache.put(packed, *_key(str(digest_of_bytes(config_bytes))))


def known_files(cache: Cache | None, config_digest: str) -> KnownFiles | None:
    """Return what is stored of an image, or None."""
    if cache is None:
        return None
    packed = cache.get(*_key(config_digest))
    if packed is None:
        return None
    try:
        with contextlib.closing(zstandard.ZstdDecompressor().stream_reader(packed)) as stream:
            found = parse_object(stream.read(_MAX_DOCUMENT + 1), _WHERE, ConfigError)
        config_bytes = b64decode(found["config"], validate=True)
        files = {
            ImagePath(path): b64decode(data, validate=True) for path, data in found["files"].items()
        }
        known = KnownFiles(config_bytes, parse_config(config_bytes, _WHERE), files)
    except (
        zstandard.ZstdError,
        ConfigError,
        ImageError,
        binascii.Error,
        KeyError,
        TypeError,
        AttributeError,
    ):
        known = None
    if known is None or str(digest_of_bytes(known.config_bytes)) != config_digest:
        cache.drop(*_key(config_digest))
        return None
    return known


def _key(config_digest: str) -> tuple[str, ...]:
    return "files", code_stamp(), config_digest
