"""Finder of Linux kernels in virtual-machine images and bootable containers."""

import re
import struct

from packageurl import PackageURL

from careen.errors import ImageError
from careen.inventory.port import Found
from careen.inventory.unknowns import Unknowns
from careen.model.entry import Entry
from careen.model.packages.package import Ecosystem, Package, Presence
from careen.oci.tree.rootfs import Rootfs

NAME = "linux-kernel"

_FILE = re.compile(r"/(?:vmlinuz|kernel|bzImage)(?:-[^/]*)?\Z")
_HEAD = 0x10200  # the text is in the setup code, which the 16-bit pointer can reach
# Linux's Documentation/arch/x86/boot.rst: "HdrS", kernel_version.
_MAGIC_AT, _POINTER_AT, _BASE = (
    0x202,
    0x20E,
    0x200,
)
_TEXT = re.compile(rb"(\d++\.\d++[0-9A-Za-z._+~-]{0,100}+) ?+[^\0]{0,500}+\0")


def find(rootfs: Rootfs) -> Found:
    """Return the x86 kernel images, each as a package inside its file.

    The distribution's package that owns the file is listed apart.
    """
    unknowns = Unknowns()
    packages = []
    for entry in rootfs:
        if not entry.is_file or entry.size < _HEAD or not _FILE.search(entry.path):
            continue
        try:
            version = _version(rootfs, entry)
        except ImageError as error:
            unknowns.add(entry.path, error)
            continue
        if version:
            packages.append(_package(entry, version))
    return Found(tuple(packages), unknowns.all())


def _version(rootfs: Rootfs, entry: Entry) -> str:
    """Return the release (`6.18.56-0-virt`) of a kernel image, or "" for other files."""
    with rootfs.open(entry.path) as stream:
        head = stream.read(_HEAD)
    if head[_MAGIC_AT : _MAGIC_AT + 4] != b"HdrS":
        return ""
    (pointer,) = struct.unpack_from("<H", head, _POINTER_AT)
    match = _TEXT.match(head, pointer + _BASE) if pointer else None
    if match is None:
        msg = f"{entry.path}: a kernel image whose header names no release"
        raise ImageError(msg)
    return match.group(1).decode("ascii")


def _package(entry: Entry, version: str) -> Package:
    return Package(
        ecosystem=Ecosystem.GENERIC,
        name=NAME,
        version=version,
        purl=PackageURL("generic", None, NAME, version).to_string(),
        record=entry.path,
        files=(entry.path,),
        presence=Presence.EMBEDDED,
        evidence="release in the kernel's setup header",
    )
