"""The store in one SQLite file: the standard library alone, write-ahead log, one writer."""

import errno
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from careen.fleet.store.port import Row, StoreError

APPLICATION = 0x63726E66
"""SQLite's application_id of the file: `crnf`."""
WAIT = 60
"""Seconds that a writer waits for another one."""
_CACHE = 64 << 10  # KiB of pages in memory
_SETTINGS = (
    "PRAGMA synchronous = NORMAL",
    f"PRAGMA cache_size = -{_CACHE}",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA wal_autocheckpoint = 16384",  # pages; each checkpoint waits for the disk
    "PRAGMA foreign_keys = OFF",
    "PRAGMA trusted_schema = OFF",
)


class SqliteDatabase:
    """A SQLite file as `Database`."""

    sets = "WITHOUT ROWID"
    walked = "image_unit i ON i.unit = m.unit"

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self.name = str(path)

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        with self._told():
            return self._connection.execute(sql, values).fetchall()

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        with self._told():
            self._connection.executemany(sql, rows)

    def script(self, text: str) -> None:
        # `executescript` would commit the transaction first.
        statement = ""
        with self._told():
            for line in text.splitlines(keepends=True):
                statement += line
                if sqlite3.complete_statement(statement):
                    self._connection.execute(statement)
                    statement = ""

    @contextmanager
    def writing(self) -> Iterator[None]:
        with self._transaction("BEGIN IMMEDIATE"):
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        with self._transaction("BEGIN"):
            yield

    def has_table(self, table: str) -> bool:
        query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
        return bool(self.rows(query, (table,)))

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        with self._told():
            self._connection.execute(begin)
        try:
            yield
            with self._told():
                self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise _failed(self.name, error) from error


def open_sqlite(path: Path, *, create: bool) -> SqliteDatabase:
    """Open the store in a file; `create` makes one where there is none.

    Raises StoreError: no store, no rights, another kind of file.
    """
    _check_place(path, create=create)
    mode = "rwc" if create else "rw" if os.access(path, os.W_OK) else "ro"
    try:
        connection = sqlite3.connect(
            f"file:{quote(str(path.absolute()))}?mode={mode}",
            uri=True,
            isolation_level=None,
            timeout=WAIT,
        )
    except sqlite3.Error as error:
        raise _failed(str(path), error) from error
    try:
        _prepare(connection, path, create=create)
    except sqlite3.Error as error:
        connection.close()
        raise _failed(str(path), error) from error
    except BaseException:
        connection.close()
        raise
    return SqliteDatabase(connection, path)


def _prepare(connection: sqlite3.Connection, path: Path, *, create: bool) -> None:
    for setting in _SETTINGS:
        connection.execute(setting)
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if create and empty and not application:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
    elif application != APPLICATION:
        msg = f"{path}: an SQLite file, but not a store of careen's fleet; name another file"
        raise StoreError(msg)


def _check_place(path: Path, *, create: bool) -> None:
    if path.is_dir():
        msg = f"{path}: a directory; name a file for the store of the fleet"
        raise StoreError(msg)
    if path.exists():
        if not os.access(path, os.R_OK | (os.W_OK if create else 0)):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    elif not create:
        msg = f"{path}: there is no store of a fleet; make one with `careen fleet index DIR`"
        raise StoreError(msg)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)


def _failed(name: str, error: sqlite3.Error) -> StoreError:
    said = str(error)
    if "locked" in said or "busy" in said:
        advice = f"another run has been writing to it for {WAIT} seconds; run again later"
    elif "readonly" in said or "unable to open" in said:
        advice = "this user may not write there; name another store with --store"
    elif "full" in said:
        advice = "free some room; what was indexed before is kept"
    else:
        advice = "if the file is damaged, remove it and index again"
    return StoreError(f"{name}: the store of the fleet cannot be used ({said}): {advice}")
