"""An image's root as another scanner may read it, unpacked on a machine that is not its own.

OpenSCAP follows links as the machine does, so that an absolute one leads out of the image. It takes
a root for a container only by a marker, and knows packages only by dpkg's status or rpm's database.
"""

import io
import os.path
from collections.abc import Mapping
from dataclasses import replace
from typing import BinaryIO

from careen.errors import ImageError
from careen.model.entry import Entry, EntryKind
from careen.model.paths import ImagePath, parent
from careen.oci.tree.rootfs import Rootfs

_STATUS, _STATUS_D = ImagePath("/var/lib/dpkg/status"), ImagePath("/var/lib/dpkg/status.d")
_RUN, _IN_RUN = ImagePath("/run"), ImagePath("/run/.containerenv")
_AT_ROOT = ImagePath("/.dockerenv")
_KEPT = (EntryKind.FILE, EntryKind.DIRECTORY, EntryKind.SYMLINK)
_LARGE = 16 << 20  # bytes of a file whose content no rule of a benchmark reads
# OpenSCAP finds no package in an empty database, and so each that must be absent passes.
DATABASES = (
    *(parent(_STATUS), ImagePath("/var/lib/rpm"), ImagePath("/usr/lib/sysimage/rpm")),
    ImagePath("/usr/share/rpm"),
)
_RECORD = 1 << 20  # bytes of one record in status.d
_INSTALLED = "Status: install ok installed\n"


class _Content:
    """Contents of the image, with some files added and large ones left empty."""

    def __init__(self, original: Rootfs, added: Mapping[ImagePath, bytes]) -> None:
        self._original, self._added = original, added

    def open(self, entry: Entry) -> BinaryIO:
        data = self._added.get(entry.path)
        return self._original.open(entry.path) if data is None else io.BytesIO(data)


def scan_copy(rootfs: Rootfs) -> Rootfs:
    """Return the root with links that stay inside, a container's marker and dpkg's status.

    Devices are left out, and files above 16 MiB are empty, but for databases of packages.
    """
    entries = {entry.path: _copied(rootfs, entry) for entry in rootfs if entry.kind in _KEPT}
    added: dict[ImagePath, bytes] = {}
    run = entries.get(_RUN)
    added[_IN_RUN if run is not None and run.is_dir else _AT_ROOT] = b""
    status = _status(rootfs)
    if status:
        added[_STATUS] = status
    for number, (path, data) in enumerate(added.items(), 1):
        entries[path] = _file(path, len(data), -number)
    return Rootfs(entries, _Content(rootfs, added), rootfs.budget)


def _copied(rootfs: Rootfs, entry: Entry) -> Entry:
    if entry.is_symlink:
        end = rootfs.walk(entry.path).end
        return replace(entry, target=os.path.relpath(end, parent(entry.path)))
    if entry.is_file and entry.size > _LARGE and parent(entry.path) not in DATABASES:
        return replace(entry, size=0)
    return entry


def _file(path: ImagePath, size: int, inode: int) -> Entry:
    return Entry(path, EntryKind.FILE, 0o644, 0, 0, size, 0.0, 0, inode)


def _status(rootfs: Rootfs) -> bytes:
    """Return dpkg's status made of the records of status.d, b"" if there is one, or no records."""
    folder = rootfs.get(_STATUS_D)
    if rootfs.get(_STATUS) is not None or folder is None or not folder.is_dir:
        return b""
    records: list[str] = []
    for path in rootfs.children(_STATUS_D):
        entry = rootfs[path]
        if entry.is_file and not path.endswith(".md5sums"):
            records.append(_record(rootfs, entry))
    return "\n".join(filter(None, records)).encode("utf-8", "surrogateescape")


def _record(rootfs: Rootfs, entry: Entry) -> str:
    try:
        text = rootfs.read(entry.path, _RECORD).decode("utf-8", "surrogateescape").strip() + "\n"
    except ImageError:  # named by the inventory as unreadable
        return ""
    if not text.startswith("Package:"):
        return ""
    if "\nStatus:" in text:
        return text
    first, _, rest = text.partition("\n")
    return f"{first}\n{_INSTALLED}{rest}"
