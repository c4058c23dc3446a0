"""Modification times that depend on contents alone, where nothing but a clock set them.

What reads such times: Python (byte code names the time of its source), fontconfig (its caches name
the times of directories), numba (its caches name the times of sources), rpm (its database).
"""

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

from careen.errors import ImageError
from careen.formats.elf.symbols import Span
from careen.model.entry import Entry
from careen.model.packages.package import Ecosystem, Inventory, Package
from careen.model.paths import ROOT, ImagePath, name, parent, source_of
from careen.oci.tree.rootfs import Rootfs
from careen.rewrite.cut.groups import is_data
from careen.rewrite.cut.units import Units
from careen.rewrite.lines import decode
from careen.rewrite.python_records import MAX_RECORD, record_rows
from careen.rewrite.remade import RemadeFile

_EARLIEST = 315_619_200  # 1980-01-02: zip archives have no earlier time, in any time zone
_SPAN = 10 * 365 * 86_400
_HEADER = 16
_CHUNK = 1 << 20
_FONTS = re.compile(r"(?!/etc/).*?/\.?fonts(?:/|\Z)")
_FONT_CACHE = re.compile(r".*?/\.?fontconfig/[^/]+\.cache-\d+\Z")
_NUMBA = (".nbi", ".nbc")


class CanonicalTimes:
    """Times of one image's paths; contents are read once for all plans."""

    def __init__(self, rootfs: Rootfs, inventory: Inventory) -> None:
        self._rootfs = rootfs
        self._inventory = inventory
        self._units = Units(inventory)
        self._names = Counter(entry.inode for entry in rootfs if entry.is_file)
        self._of_data: dict[int, float] = {}
        self._stamps: dict[ImagePath, bool] = {}
        self._sources: Mapping[ImagePath, float] | None = None

    def times(self, keep: Collection[ImagePath]) -> Mapping[ImagePath, float]:
        """Return the kept paths whose time changes, with the new one in seconds."""
        has_font_caches = any(_FONT_CACHE.match(path) for path in keep)
        found = (
            (path, self._time(self._rootfs[path]))
            for path in keep
            if not (has_font_caches and self._rootfs[path].is_dir and _FONTS.match(path))
        )
        return {
            path: time
            for path, time in found
            if time is not None and time != self._rootfs[path].mtime
        }

    def stamps(self, keep: Collection[ImagePath]) -> Mapping[ImagePath, int]:
        """Return the kept byte code that names the former time of its source, with the new one."""
        out: dict[ImagePath, int] = {}
        for path in keep:
            source = source_of(path)
            time = self._installed.get(source) if source is not None else None
            if source is not None and time is not None and self._names_time_of(path, source):
                out[path] = int(time)
        return out

    @property
    def _installed(self) -> Mapping[ImagePath, float]:
        """The files of Python distributions, with the time that stands for the contents."""
        if self._sources is None:
            self._sources = dict(self._distributions())
        return self._sources

    def _time(self, entry: Entry) -> float | None:
        """Return the canonical time of an entry, or None if it keeps its own."""
        path = entry.path
        if entry.is_dir:
            is_unstated_root = path == ROOT and entry.layer < 0
            return None if is_unstated_root else float(_EARLIEST)
        if entry.is_symlink:
            return float(_EARLIEST)  # those who follow it read the target's
        if path in self._installed:
            return self._installed[path]
        if not entry.is_file or self._names[entry.inode] > 1:
            return None
        if not self._units.is_owned(path):
            source = self._rootfs.get(source_of(path) or path)
            if source is not None and source.path != path and source.is_file:
                # Nothing reads the time of byte code itself.
                return self._installed.get(source.path, source.mtime)
            if is_data(entry.size, self._units.of(path)):
                return self._data_time(entry)
        return None

    def _data_time(self, entry: Entry) -> float:
        if entry.inode not in self._of_data:
            digest = hashlib.sha256()
            with self._rootfs.open(entry.path) as stream:
                while chunk := stream.read(_CHUNK):
                    digest.update(chunk)
            self._of_data[entry.inode] = _time_of(digest.digest())
        return self._of_data[entry.inode]

    def _names_time_of(self, byte_code: ImagePath, source: ImagePath) -> bool:
        """Return whether byte code is valid for its source by the source's time (PEP 552)."""
        if byte_code not in self._stamps:
            entry, text = self._rootfs.get(byte_code), self._rootfs[source]
            header = b""
            if entry is not None and entry.is_file and entry.size >= _HEADER:
                with self._rootfs.open(byte_code) as stream:
                    header = stream.read(_HEADER)
            flags, time, size = (int.from_bytes(header[at : at + 4], "little") for at in (4, 8, 12))
            self._stamps[byte_code] = (
                len(header) == _HEADER
                and flags == 0
                and (time, size) == (int(text.mtime) & 0xFFFFFFFF, text.size & 0xFFFFFFFF)
            )
        return self._stamps[byte_code]

    def _distributions(self) -> Iterator[tuple[ImagePath, float]]:
        blocked = self._blocked()
        for package in sorted(self._inventory.packages.values(), key=_from_inside):
            if package.ecosystem is not Ecosystem.PYPI or name(package.record) != "RECORD":
                continue
            time = self._time_of_contents(package)
            # A file that another package manager lists has a time that its database may record.
            own = [path for path in package.files if self._units.is_python(path)]
            if time is not None and not any(self._is_linked(path) for path in own):
                yield from (
                    (path, time)
                    for path in own
                    if self._rootfs[path].is_file and blocked.isdisjoint((path, parent(path)))
                )

    def _blocked(self) -> frozenset[ImagePath]:
        """Return sources, and directories of sources, whose times others record."""
        out: set[ImagePath] = set()
        for entry in self._rootfs:
            path = entry.path
            if path.endswith(_NUMBA):
                out.add(parent(parent(path)))
            elif (source := source_of(path)) is not None and (
                self._is_linked(path)
                or (self._units.is_owned(path) and not self._units.is_python(path))
            ):
                out.add(source)
        return frozenset(out)

    def _is_linked(self, path: ImagePath) -> bool:
        return self._names[self._rootfs[path].inode] > 1

    def _time_of_contents(self, package: Package) -> float | None:
        """Return a time by what the distribution's list says of its contents, or None."""
        try:
            text = decode(self._rootfs.read(package.record, MAX_RECORD))
        except ImageError:
            return None
        rows = record_rows(text)
        listed = sorted(
            tuple(row[:2])
            for _, row in rows or ()
            if len(row) > 1 and row[1] and not _is_of_install(row[0])
        )
        return _time_of(_digest(listed)) if listed else None


def _from_inside(package: Package) -> tuple[int, str]:
    """Return a sort key by which a distribution that holds others comes last."""
    return -package.record.count("/"), package.purl


def stamped_files(
    rootfs: Rootfs, stamps: Mapping[ImagePath, int]
) -> Mapping[ImagePath, RemadeFile]:
    """Return the byte code whose headers name another time (4 bytes at offset 8)."""
    out: dict[ImagePath, RemadeFile] = {}
    for path, time in stamps.items():
        size = rootfs[path].size
        parts = (Span(0, 8), time.to_bytes(4, "little"), Span(12, size - 12))
        out[path] = RemadeFile(parts, size)
    return out


def _is_of_install(listed: str) -> bool:
    """Return whether a listed file depends on how the distribution was installed."""
    return (
        listed.startswith(("..", "/"))
        or listed.endswith(".pyc")
        or listed.rpartition("/")[2] in ("INSTALLER", "REQUESTED", "direct_url.json")
    )


def _digest(rows: Iterable[tuple[str, ...]]) -> bytes:
    digest = hashlib.sha256()
    for row in rows:
        digest.update("\0".join((*row, "\n")).encode("utf-8", "surrogateescape"))
    return digest.digest()


def _time_of(digest: bytes) -> float:
    """Return a time that differs where contents differ, long before any image was built."""
    # Programs take two files of one size and time for the same: HTTP servers, caches.
    return float(_EARLIEST + int.from_bytes(digest[:8], "big") % _SPAN)
