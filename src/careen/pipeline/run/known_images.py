"""Cache of what earlier runs found in images, so that a known image's layers are not read.

It has two kinds of entries. The index of an image is stored by the digest of its configuration,
which names every byte of its layers. That digest is stored by the place where the image was last
verified. A place is an ID of the engine's store, or files with their inodes, sizes and times; it
counts only while it is unchanged.
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
from careen.formats.image_object import image_object, read_image
from careen.formats.json_document import parse
from careen.inventory.index import ImageIndex, read_index, write_index
from careen.inventory.inside import always
from careen.inventory.scan import scan_contents
from careen.inventory.search_memory import SearchMemory
from careen.model.image import Platform
from careen.model.packages.package import Inventory
from careen.model.rbom import ImageRef
from careen.oci.reference import OciLayout, StoredImage
from careen.oci.select import host_platform
from careen.oci.tree.rootfs import Content, Rootfs
from careen.tools.cache import Cache, code_stamp

LIMIT = 1 << 30  # bytes of the cache; the index of an image of 7 GB takes about 5 MB
_MAX_PLACE = 1 << 20
_MAX_FILES = 10_000  # of a layout; a larger one is not cached
_SETTLED, _COARSE = (
    0.1,
    3.0,
    # seconds; a file written within this time could be written again without a change of its times.
    # The second value is for file systems with times in whole seconds.
)
_MAX_ENTRIES, _MAX_TEXT, _MAX_DOCUMENT = (
    500_000,
    64 << 20,
    256 << 20,
)  # a larger image is not cached


@dataclass(frozen=True, slots=True)
class Place:
    """Where an image is, and its state there; `state` is "" if it cannot be read."""

    state: str
    look: Callable[[], str]

    @property
    def unchanged(self) -> bool:
        """Whether the state is still the same."""
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
    """Return the place of an image in the engine's store."""
    # The ID is a digest, so its content for one platform never changes.
    state = f"{image_id}\0{platform or host_platform()}"
    return Place(state, lambda: state)


def _state(reference: StoredImage) -> str:
    """Return the files of an image with their stat fields. Raises OSError."""
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
    """Cache of image contents; `cache` None remembers nothing."""

    cache: Cache | None = None

    def at(self, place: Place) -> ImageRef | None:
        """Return the image that was verified at a place, or None."""
        if self.cache is None or not place.state:
            return None
        key = ("place", code_stamp(), place.state)
        found = self.cache.get(*key)
        if found is None:
            return None
        try:
            return read_image(
                parse(found, "a cached place", ConfigError, limit=_MAX_PLACE), "a cached place"
            )
        except ConfigError:
            self.cache.drop(*key)
            return None

    def note(self, place: Place, ref: ImageRef) -> None:
        """Record that this image was verified at a place, unless the place has changed."""
        if self.cache is not None and place.unchanged:
            self.cache.put(
                json.dumps(image_object(ref)).encode(), "place", code_stamp(), place.state
            )

    def index(self, config_digest: str, content: Content | None = None) -> ImageIndex | None:
        """Return the index of an image, or None; `content` opens its files."""
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
        """Record the content of an image, with all ecosystems; very large ones are skipped."""
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

    def stock(
        self,
        ref: ImageRef,
        rootfs: Rootfs,
        managed: Inventory,
        memory: SearchMemory | None = None,
        goes_on: Callable[[], bool] = always,
    ) -> Inventory:
        """Return the full inventory of an open image, from the cache if possible.

        Else it is searched for, as `scan_contents` does.
        """
        known = self.index(ref.config_digest)
        if known is not None:
            return known.inventory
        stock = scan_contents(rootfs, managed, memory, goes_on)
        self.keep(ref, rootfs, stock)
        return stock


def known_images(named: Path | None) -> KnownImages:
    """Return the cache in a directory; None disables it."""
    return KnownImages(Cache(named, LIMIT) if named is not None else None)
