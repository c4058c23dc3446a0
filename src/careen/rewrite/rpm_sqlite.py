"""Edits of rpm's SQLite database (`rpmdb.sqlite`): removal of packages.

A header is signed as a whole, so packages that lose some files stay, and `rpm -V` reports the
files as missing. Other database formats, and databases with a write-ahead log, are not changed.
"""

import io
import sqlite3
import tempfile
from collections.abc import Collection, Iterable
from contextlib import closing
from pathlib import Path

from careen.errors import ImageError
from careen.formats.rpm_header import ARCH, EPOCH, MAX_HEADER, NAME, RELEASE, VERSION, read_header
from careen.formats.untrusted_sqlite import Steps, copy_database, restrict_connection
from careen.model.packages.package import Package
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs

DATABASE = "rpmdb.sqlite"
MAX_DATABASE = 512 << 20
_MAX_STEPS = 1000  # of 100,000 instructions: the rows of 100,000 packages in twenty tables
_ALLOWED = frozenset(
    {
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_PRAGMA,
        sqlite3.SQLITE_DELETE,
        sqlite3.SQLITE_TRANSACTION,
        sqlite3.SQLITE_UPDATE,
    }
)
_SETTINGS = ("journal_mode = MEMORY", "secure_delete = ON", "foreign_keys = OFF")
_BROKEN = (sqlite3.Error, UnicodeDecodeError, ImageError)


def is_rewritten(rootfs: Rootfs, path: ImagePath) -> bool:
    """Return whether `rpm_edits` can rewrite the database.

    It must be SQLite's, valid, without a write-ahead log, and without triggers or views.
    """
    return (
        _within_reach(rootfs, path)
        and without(rootfs.read(path, MAX_DATABASE), (), path) is not None
    )


def rpm_edits(rootfs: Rootfs, removed: Collection[Package]) -> dict[ImagePath, bytes]:
    """Return new contents for databases without the packages in `removed`, where possible."""
    edits: dict[ImagePath, bytes] = {}
    for path in sorted({package.record for package in removed}):
        if _within_reach(rootfs, path):
            gone = {
                (package.name, package.version, package.architecture)
                for package in removed
                if package.record == path
            }
            content = without(rootfs.read(path, MAX_DATABASE), gone, path)
            if content is not None:
                edits[path] = content
    return edits


def _within_reach(rootfs: Rootfs, path: ImagePath) -> bool:
    entry = rootfs.get(path)
    log = rootfs.get(ImagePath(f"{path}-wal"))
    return (
        path.endswith(f"/{DATABASE}")
        and entry is not None
        and entry.is_file
        and entry.size <= MAX_DATABASE
        and (log is None or not log.size)
    )


def without(data: bytes, gone: Collection[tuple[str, str, str]], where: str) -> bytes | None:
    """Return the database without these packages; None if it cannot be rewritten safely.

    Packages are (name, `epoch:version-release`, architecture). Their bytes are overwritten.
    """
    with tempfile.TemporaryDirectory(prefix="careen-rpmdb-") as directory:
        copy = Path(directory) / DATABASE
        copy_database(io.BytesIO(data), copy)
        try:
            with closing(sqlite3.connect(copy, isolation_level=None)) as database:
                restrict_connection(database, Steps(_MAX_STEPS), MAX_HEADER, _ALLOWED, _SETTINGS)
                tables = _tables(database)
                if tables is None:
                    return None
                numbers = [
                    number for number, blob in _headers(database) if _identity(blob, where) in gone
                ]
                _delete(database, tables, numbers)
        except _BROKEN:
            return None
        return copy.read_bytes()


def _tables(database: sqlite3.Connection) -> tuple[str, ...] | None:
    """Return the quoted tables with rows of packages.

    None if the schema has more than tables and indexes.
    """
    out: list[str] = []
    for kind, name, root in database.execute(
        "SELECT type, name, rootpage FROM sqlite_master"
    ).fetchall():
        if kind not in ("table", "index") or not isinstance(root, int) or root < 1:
            return None
        quoted = '"' + str(name).replace('"', '""') + '"'
        if kind == "table" and any(
            column[1] == "hnum"
            for column in database.execute(f"PRAGMA table_info({quoted})").fetchall()
        ):
            out.append(quoted)
    return tuple(out)


def _headers(database: sqlite3.Connection) -> Iterable[tuple[int, bytes]]:
    return (
        (number, blob)
        for number, blob in database.execute("SELECT hnum, blob FROM Packages")
        if isinstance(blob, bytes)
    )


def _identity(blob: bytes, where: str) -> tuple[str, str, str]:
    header = read_header(blob, where)
    epoch = next(iter(header.numbers(EPOCH)), None)
    release = header.text(RELEASE)
    before = "" if epoch is None else f"{epoch}:"
    version = f"{before}{header.text(VERSION)}{f'-{release}' if release else ''}"
    architecture = header.text(ARCH)
    return header.text(NAME), version, "" if architecture == "(none)" else architecture


def _delete(database: sqlite3.Connection, tables: Iterable[str], numbers: Iterable[int]) -> None:
    database.execute("BEGIN")
    for table in tables:
        database.executemany(
            f"DELETE FROM {table} WHERE hnum = ?",  # noqa: S608
            ((number,) for number in numbers),
        )
    database.execute("COMMIT")
