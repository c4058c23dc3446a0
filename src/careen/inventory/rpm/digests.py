"""The digests of files that rpm's database records."""

from collections.abc import Iterator
from contextlib import ExitStack

from careen.errors import ImageError
from careen.formats.rpm_header import FILEDIGESTALGO, FILEDIGESTS, FILEFLAGS, RpmHeader, read_header
from careen.inventory.rpm.blobs import Damage
from careen.inventory.rpm.find import DATABASES, DIRECTORIES, package_blobs
from careen.model.entry import Entry
from careen.model.packages.file_digest import FileDigest
from careen.model.paths import ROOT
from careen.oci.tree.rootfs import Rootfs

_CONFIG, _GHOST = 1 << 0, 1 << 6  # flags of files that change, or are not delivered
_ALGORITHMS = {1: "md5", 2: "sha1", 8: "sha256", 9: "sha384", 10: "sha512"}  # OpenPGP's numbers
_MD5 = 1  # what a header without the tag means


def rpm_digests(rootfs: Rootfs) -> Iterator[FileDigest]:
    """Yield the files of the image that a package delivered, without configuration files.

    What should have a digest and has none that can be read has "": a file, or the database itself
    for a damaged header. Raises ImageError for a database that cannot be read at all.
    """
    for entry in _databases(rootfs):
        with ExitStack() as streams:
            for blob in package_blobs(rootfs, entry, streams):
                if isinstance(blob, Damage):
                    yield FileDigest(entry.path, "", "")
                else:
                    yield from _of_package(rootfs, blob, entry)


def _databases(rootfs: Rootfs) -> Iterator[Entry]:
    seen: set[str] = set()
    for directory in DIRECTORIES:
        found = (rootfs.find(f"{directory}/{name}") for name in DATABASES)
        entry = next((each for each in found if each is not None and each.is_file), None)
        if entry is not None and entry.size and entry.path not in seen:
            seen.add(entry.path)
            yield entry


def _of_package(rootfs: Rootfs, blob: bytes, database: Entry) -> Iterator[FileDigest]:
    try:
        listed = list(_listed(read_header(blob, database.path)))
    except ImageError:
        yield FileDigest(database.path, "", "")
        return
    for name, algorithm, digest in listed:
        entry = rootfs.walk(name, ROOT, follow=bool(digest)).final  # rpm has none for links
        if entry is not None and entry.is_file:
            yield FileDigest(entry.path, algorithm, digest)


def _listed(header: RpmHeader) -> Iterator[tuple[str, str, str]]:
    files, digests = header.files(), header.strings(FILEDIGESTS)
    flags = header.numbers(FILEFLAGS)
    number = next(iter(header.numbers(FILEDIGESTALGO)), _MD5)
    algorithm = _ALGORITHMS.get(number)
    if algorithm is None or not len(files) == len(digests) == len(flags):
        yield from ((name, "", "") for name in files)
        return
    for name, digest, flag in zip(files, digests, flags, strict=True):
        if not flag & (_CONFIG | _GHOST):
            yield name, algorithm, digest.lower()
