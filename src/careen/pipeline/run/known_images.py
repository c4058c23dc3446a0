"""What earlier runs found inside an image: a second look at the same image reads no layer.

Two kinds of entries: the index of an image by the digest of its configuration, which names every
byte of its layers; and that digest by the place where the image was last verified. A place counts
only while it is as it was then: an ID of the engine's store, or files of the same inodes, sizes and
times.
"""

import contextlib
import json
import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import zstandard

from careen.errors import ConfigError
from careen.formats.json_checked import image_object, load, read_image
from careen.inventory.index import ImageIndex, read_index, write_index
from careen.inventory.scan import take_stock
from careen.model.image import Platform
from careen.model.package import Inventory
from careen.model.rbom import ImageRef
from careen.oci.reference import OciLayout, StoredImage
from careen.oci.rootfs import Content, Rootfs
from careen.oci.select import host_platform
from careen.tools.cache import Cache, code_stamp

LIMIT = 1 << 30  # bytes of the cache; the index of an image of 7 GB takes some 5 MB
_MAX_PLACE = 1 << 20
_MAX_FILES = 10_000  # of a layout; a larger one is not cached
_SETTLED, _COARSE = (
    0.1,
    3.0,
    # seconds; a file that was written later, where times are in whole seconds, could be written
    # again
    # without a trace in them
)
_MAX_ENTRIES, _MAX_TEXT, _MAX_DOCUMENT = (
    500_000,
    64 << 20,
    256 << 20,
)  # a larger image is not cached


@dataclass(frozen=True, slots=True)
class Place:
    """Where an image lies, as it is now; `state` is "" where that cannot be told."""

    state: str
    look: Callable[[], str]

    @property
    def unchanged(self) -> bool:
        """Whether it is still as it was."""
        return bool(self.state) and self.look() == self.state


def place_of_files(reference: StoredImage, platform: Platform | None) -> Place:
    """Return the place of an image on disk."""

    def look() -> str:
        try:
            return f"{reference}\0{platform or host_platform()}\0{_state(reference)}"
        except OSError:
            return ""

    return Place(look(), look)


def place_in_store(image_id: str, platform: Platform | None) -> Place:
    """Return the place of an image in the engine's store: its ID is a digest, and what lies behind
    it for one platform never changes.
    """
    state = f"{image_id}\0{platform or host_platform()}"
    return Place(state, lambda: state)


def _state(reference: StoredImage) -> str:
    """Say which files an image is read from, by what the system tells of each. Raises OSError."""
    now = time.time()
    lines: list[str] = []
    for path in _files(reference):
        seen = path.stat()
        if (
            now - seen.st_ctime < (_SETTLED if seen.st_ctime_ns % 10**9 else _COARSE)
            or len(lines) > _MAX_FILES
        ):
            raise OSError
        kind = stat.S_IFMT(seen.st_mode)
        lines.append(
            f"{path.absolute()}\0{kind}\0{seen.st_dev}\0{seen.st_ino}\0{seen.st_size}\0{seen.st_mtime_ns}\0{seen.st_ctime_ns}"
        )
    return "\n".join(lines)


def _files(reference: StoredImage) -> Iterator[Path]:
    if not isinstance(reference, OciLayout):
        yield reference.path
        return
    for folder, folders, names in os.walk(reference.path):
        folders.sort()
        yield Path(folder)
        yield from (Path(folder) / name for name in sorted(names))


@dataclass(frozen=True, slots=True)
class KnownImages:
    """The cache of a run; None: nothing is remembered."""

    cache: Cache | None = None

    def at(self, place: Place) -> ImageRef | None:
        """Return which image was verified at a place, None where that is not known."""
        if self.cache is None or not place.state:
            return None
        key = ("place", code_stamp(), place.state)
        found = self.cache.get(*key)
        if found is None:
            return None
        try:
            return read_image(load(found, "a cached place", _MAX_PLACE), "a cached place")
        except ConfigError:
            self.cache.drop(*key)
            return None

    def note(self, place: Place, ref: ImageRef) -> None:
        """Remember that this image was verified at a place, if the place has not changed
        meanwhile.
        """
        if self.cache is not None and place.unchanged:
            self.cache.put(
                json.dumps(image_object(ref)).encode(), "place", code_stamp(), place.state
            )

    def index(self, config_digest: str, content: Content | None = None) -> ImageIndex | None:
        """Return what was found inside an image, None where it is not known; `content` opens its
        files.
        """
        if self.cache is None:
            return None
        key = ("index", code_stamp(), config_digest)
        packed = self.cache.get(*key)
        if packed is None:
            return None
        try:
            with contextlib.closing(zstandard.ZstdDecompressor().stream_reader(packed)) as stream:
                index = read_index(stream.read(_MAX_DOCUMENT + 1), "a cached index", content)
        except (zstandard.ZstdError, ConfigError):
            index = None
        if index is None or index.ref.config_digest != config_digest:
            self.cache.drop(*key)
            return None
        return index

    def keep(self, ref: ImageRef, rootfs: Rootfs, stock: Inventory) -> None:
        """Remember what is inside an image, every ecosystem included. One of very many or long
        names is not remembered.
        """
        if (
            self.cache is None
            or len(rootfs) > _MAX_ENTRIES
            or sum(len(entry.path) + len(entry.target) for entry in rootfs) > _MAX_TEXT
        ):
            return
        document = write_index(rootfs, stock, replace(ref, reference=""))
        if len(document) <= _MAX_DOCUMENT:
            self.cache.put(
                zstandard.ZstdCompressor().compress(document),
                "index",
                code_stamp(),
                ref.config_digest,
            )

    def stock(self, ref: ImageRef, rootfs: Rootfs, managed: Inventory) -> Inventory:
        """Return everything inside an image that is open, taken now or known from before."""
        known = self.index(ref.config_digest)
        if known is not None:
            return known.inventory
        stock = take_stock(rootfs, managed)
        self.keep(ref, rootfs, stock)
        return stock


def known_images(named: Path | None) -> KnownImages:
    """Return the cache in a directory; None: none."""
    return KnownImages(Cache(named, LIMIT) if named is not None else None)
