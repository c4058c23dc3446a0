"""Reader of rpm's SQLite database (`rpmdb.sqlite`; Fedora from 33, RHEL from 9).

SQLite reads a copy and trusts nothing in it: no view, trigger or virtual table is followed, no
function of the schema is run, and sizes and steps are bounded.
"""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO, Literal

from careen.errors import ImageError
from careen.formats.rpm_header import MAX_HEADER
from careen.formats.untrusted_sqlite import Steps, copy_database, restrict_connection
from careen.inventory.rpm.blobs import MAX_PACKAGES, Damage

MAGIC = b"SQLite format 3\0"

# SQLite's own message quotes the schema, which need not be text.
_BROKEN = (
    sqlite3.Error,
    UnicodeDecodeError,
)

_MAX_STEPS = 200  # of 100,000 instructions; reading 100,000 packages takes two million
_ALLOWED = frozenset({sqlite3.SQLITE_READ, sqlite3.SQLITE_SELECT, sqlite3.SQLITE_PRAGMA})


def read_sqlite(
    stream: BinaryIO, size: int, where: str, log: BinaryIO | None = None
) -> Iterator[bytes | Damage]:
    """Yield the header of each package (see `blobs`).

    `log` is the write-ahead log, which is part of the database.
    """
    del size
    try:
        with tempfile.TemporaryDirectory(prefix="careen-rpmdb-") as directory:
            copy = Path(directory) / "rpmdb.sqlite"
            copy_database(stream, copy)
            if log is not None:
                copy_database(log, Path(f"{copy}-wal"))
            with closing(
                sqlite3.connect(
                    f"file:{copy}?{'mode=rw' if log is not None else 'mode=ro&immutable=1'}",
                    uri=True,
                )
            ) as database:
                steps = Steps(_MAX_STEPS)
                # A schema that is not UTF-8 is no reason to fail.
                database.text_factory = bytes
                restrict_connection(database, steps, MAX_HEADER, _ALLOWED, ("cache_size = -4096",))
                for blob in _blobs(database, where):
                    yield blob
                    if steps.left < 0:
                        msg = (
                            f"{where}: sqlite: more than {steps.most} steps of its machine; the"
                            " rest is passed over"
                        )
                        raise ImageError(msg)
    except _BROKEN as error:
        msg = f"{where}: sqlite: {error}"
        raise ImageError(msg) from error


def _blobs(database: sqlite3.Connection, where: str) -> Iterator[bytes | Damage]:
    kinds = database.execute(
        "SELECT type, rootpage FROM sqlite_master WHERE name = 'Packages'"
    ).fetchall()
    # A virtual table has no root page.
    if (
        len(kinds) != 1
        or kinds[0][0] != b"table"
        or not isinstance(kinds[0][1], int)
        or kinds[0][1] < 1
    ):
        msg = f"{where}: sqlite: no table 'Packages'"
        raise ImageError(msg)
    numbers, damage = _numbers(database, "ASC")
    if damage is not None:
        # Read the list from the other end, too.
        yield damage
        numbers += sorted(set(_numbers(database, "DESC")[0]) - set(numbers))
    if len(numbers) > MAX_PACKAGES:
        msg = f"{where}: more than {MAX_PACKAGES} packages"
        raise ImageError(msg)
    for number in numbers:
        try:
            row = database.execute(
                "SELECT blob FROM Packages WHERE rowid = ?", (number,)
            ).fetchone()
        except _BROKEN as error:
            # Other packages lie on undamaged pages.
            yield Damage(f"package {number}: sqlite: {error}")
            continue
        yield (
            row[0]
            if row is not None and isinstance(row[0], bytes)
            else Damage(f"package {number}: its header is no blob")
        )


def _numbers(
    database: sqlite3.Connection, order: Literal["ASC", "DESC"]
) -> tuple[list[int], Damage | None]:
    """Return the packages' row numbers in one order, up to the first damaged page."""
    # They are row ids, whatever the schema says, so no search is needed.
    out: list[int] = []
    try:
        for (number,) in database.execute(
            f"SELECT rowid FROM Packages ORDER BY rowid {order} LIMIT {MAX_PACKAGES + 1}"  # noqa: S608
        ):
            if isinstance(number, int):
                out.append(number)
    except _BROKEN as error:
        return out, Damage(f"the list of packages is cut after {len(out)} of them: sqlite: {error}")
    return out, None
