"""Finder of rpm packages, from a database in any of three formats, or a manifest.

Images built without rpm (Azure Linux's distroless) have a manifest.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from careen.errors import ImageError
from careen.formats.identity import check_identity
from careen.formats.rpm_header import read_header
from careen.inventory.allowance import MAX_BYTES, MAX_LISTED, Allowance
from careen.inventory.os_release import read_distribution
from careen.inventory.port import Found
from careen.inventory.python.installed_files import InstalledFiles
from careen.inventory.rpm.bdb import read_bdb
from careen.inventory.rpm.blobs import Damage
from careen.inventory.rpm.ndb import read_ndb
from careen.inventory.rpm.package import KEYS, RpmFacts, facts_of, facts_of_line, package_of
from careen.inventory.rpm.sqlite import read_sqlite
from careen.inventory.unknowns import Unknowns
from careen.model.entry import Entry
from careen.model.packages.package import Package
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs

DIRECTORIES = ("/var/lib/rpm", "/usr/lib/sysimage/rpm", "/usr/share/rpm")
DATABASES = ("rpmdb.sqlite", "Packages.db", "Packages")
MANIFEST = "/var/lib/rpmmanifest/container-manifest-2"

MAX_DATABASE = 512 << 20  # a workstation with 5,000 packages has about 300 MB
_MAX_MANIFEST = 16 << 20


@dataclass(frozen=True, slots=True)
class _Read:
    """The packages of one database or manifest."""

    record: ImagePath
    facts: tuple[RpmFacts, ...]


def find(rootfs: Rootfs) -> Found:
    """Return the packages of rpm's databases, else of the manifest.

    `files` are a package's existing files, ghosts included. A package in two databases is listed
    once, by the first. `gpg-pubkey` entries are keys and are left out.
    """
    unknowns = Unknowns()
    read = list(_databases(rootfs, unknowns)) or list(_manifest(rootfs, unknowns))
    if not read and not unknowns.all() and (path := _present(rootfs)) is not None:
        unknowns.add(path, "rpm's database holds no package")
    if not read:
        return Found((), unknowns.all())
    allowance = Allowance(rootfs)
    files = InstalledFiles(rootfs, allowance, unknowns)
    release = read_distribution(rootfs)
    packages: dict[str, Package] = {}
    for source in read:
        try:
            lists = files.with_byte_code(
                [files.existing(facts.files, source.record) for facts in source.facts],
                source.record,
            )
        except ImageError as error:
            unknowns.add(source.record, error)
            lists = ((),) * len(source.facts)
        for facts, listed in zip(source.facts, lists, strict=True):
            package = package_of(facts, source.record, listed, _licences(facts, listed), release)
            packages.setdefault(package.purl, package)
    return Found(tuple(packages.values()), unknowns.all())


def _present(rootfs: Rootfs) -> ImagePath | None:
    """Return the path of a database of any kind, or None."""
    entries = (
        rootfs.find(f"{directory}/{name}") for directory in DIRECTORIES for name in DATABASES
    )
    return next((entry.path for entry in entries if entry is not None), None)


def _licences(facts: RpmFacts, files: tuple[ImagePath, ...]) -> tuple[ImagePath, ...]:
    return tuple(
        path
        for path in files
        if path in facts.licence_files or path.startswith("/usr/share/licenses/")
    )


def _databases(rootfs: Rootfs, unknowns: Unknowns) -> Iterator[_Read]:
    """Yield the database of each directory once; the directories are often links to one another.

    With several formats in one directory, rpm uses the newest that has packages; another one gives
    an Unknown.
    """
    seen: set[ImagePath] = set()
    for directory in DIRECTORIES:
        used: ImagePath | None = None
        for name in DATABASES:
            entry = rootfs.find(f"{directory}/{name}")
            if entry is None or not entry.is_file or not entry.size or entry.path in seen:
                continue
            seen.add(entry.path)
            if used is not None:
                unknowns.add(entry.path, f"not read: rpm uses {used}")
                continue
            found = _database(rootfs, entry, unknowns)
            if found.facts:
                used = entry.path
                yield found


def _database(rootfs: Rootfs, entry: Entry, unknowns: Unknowns) -> _Read:
    facts: list[RpmFacts] = []
    left, listed = MAX_BYTES, MAX_LISTED
    try:
        with ExitStack() as streams:
            for blob in package_blobs(rootfs, entry, streams):
                if isinstance(blob, Damage):
                    unknowns.add(entry.path, blob.reason)
                    continue
                left -= len(blob)
                if left < 0:
                    unknowns.add(
                        entry.path,
                        f"more than {MAX_BYTES} bytes of headers; the rest is passed over",
                    )
                    break
                try:
                    one = facts_of(read_header(blob, entry.path))
                    listed -= (
                        len(one.files) + len(one.depends) + len(one.recommends) + len(one.provides)
                    )
                    if listed < 0:
                        unknowns.add(
                            entry.path,
                            f"the packages list more than {MAX_LISTED} files and names; the rest is"
                            " passed over",
                        )
                        break
                    if one.name != KEYS:
                        check_identity(one.name, one.full_version, entry.path)
                        facts.append(one)
                except ImageError as error:
                    unknowns.add(entry.path, error)
    except ImageError as error:
        unknowns.add(entry.path, error)
    return _Read(entry.path, tuple(facts))


def package_blobs(rootfs: Rootfs, entry: Entry, streams: ExitStack) -> Iterator[bytes | Damage]:
    """Yield the header of each package of a database of any format. Raises ImageError."""
    if entry.size > MAX_DATABASE:
        msg = f"{entry.path}: larger than the {MAX_DATABASE} bytes that are read of an rpm database"
        raise ImageError(msg)
    stream = streams.enter_context(rootfs.open(entry.path))
    match entry.path.rpartition("/")[2]:
        case "rpmdb.sqlite":
            log = rootfs.get(ImagePath(f"{entry.path}-wal"))
            has_log = log is not None and log.is_file and 0 < log.size <= MAX_DATABASE
            return read_sqlite(
                stream,
                entry.size,
                entry.path,
                (
                    streams.enter_context(rootfs.open(log.path))
                    if has_log and log is not None
                    else None
                ),
            )
        case "Packages.db":
            return read_ndb(stream, entry.size, entry.path)
        case _:
            return read_bdb(stream, entry.size, entry.path)


def _manifest(rootfs: Rootfs, unknowns: Unknowns) -> Iterator[_Read]:
    entry = rootfs.find(MANIFEST)
    if entry is None or not entry.is_file:
        return
    try:
        lines = rootfs.read(entry.path, _MAX_MANIFEST).decode("utf-8", "replace").splitlines()
    except ImageError as error:
        unknowns.add(entry.path, error)
        return
    facts: list[RpmFacts] = []
    for line in lines:
        one = facts_of_line(line)
        try:
            if one is not None and one.name != KEYS:
                check_identity(one.name, one.full_version, entry.path)
                facts.append(one)
            elif one is None and line.strip():
                unknowns.add(entry.path, f"not a line of an rpm manifest: {line[:80]!r}")
        except ImageError as error:
            unknowns.add(entry.path, error)
    if facts:
        unknowns.add(entry.path, "the manifest lists no files: who owns them is not known")
        yield _Read(entry.path, tuple(facts))
