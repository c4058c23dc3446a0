"""Small values by key in one bounded SQLite file, which holds only what can be computed again."""

import contextlib
import hashlib
import os
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from careen.tools.private_directory import opened_private

NAME = "values.sqlite"
LIMIT = 256 << 20  # bytes of the file
_MAX_VALUE = 1 << 20
_MAX_NEW = 64 << 20  # bytes that one run adds
_BUSY = 0.2  # seconds; a run does not wait for another one
_DAY = 24 * 3600
_CHECK = 8
_TABLE = (
    "CREATE TABLE IF NOT EXISTS value"
    " (key BLOB PRIMARY KEY, used INTEGER NOT NULL, value BLOB NOT NULL)"
)


class ValueStore:
    """An open store; what `put` was given is written when `value_store` ends.

    No method raises: a file that is damaged or in use only costs time. Of `asked` values, `found`
    were of earlier runs.
    """

    def __init__(self, database: sqlite3.Connection | None = None) -> None:
        self._database = database
        self._new: dict[bytes, bytes] = {}
        self._size = 0
        self._old: list[bytes] = []
        self.asked = self.found = 0
        self.damaged = False

    @property
    def keeps(self) -> bool:
        """Whether values of earlier runs may be there, and new ones may be kept."""
        return self._database is not None

    def get(self, *words: str) -> bytes | None:
        """Return the value under a key, or None."""
        self.asked += 1
        key = _key(words)
        if (new := self._new.get(key)) is not None:
            return new
        if self._database is None:
            return None
        try:
            row = self._database.execute(
                "SELECT value, used FROM value WHERE key = ?", (key,)
            ).fetchone()
        except sqlite3.Error as error:
            self._give_up(error)
            return None
        if row is None or not isinstance(row[0], bytes) or not isinstance(row[1], int):
            return None
        check, value = row[0][:_CHECK], row[0][_CHECK:]
        if check != _checksum(key, value):
            return None
        self.found += 1
        if row[1] < time.time() - _DAY:
            self._old.append(key)
        return value

    def put(self, value: bytes, *words: str) -> None:
        """Store a value under a key."""
        if (
            self._database is not None
            and len(value) <= _MAX_VALUE
            and self._size + len(value) <= _MAX_NEW
        ):
            self._new[_key(words)] = value
            self._size += len(value)

    def forget(self) -> None:
        """Drop the new values."""
        self._new.clear()
        self._size = 0

    def write(self) -> None:
        """Write the new values; if there is no room, remove those not used for longest."""
        if self._database is None or not (self._new or self._old):
            return
        now = int(time.time())
        try:
            with self._database as database:
                database.executemany(
                    "UPDATE value SET used = ? WHERE key = ?", ((now, key) for key in self._old)
                )
                if _used_bytes(database) + self._size > LIMIT:
                    database.execute(
                        "DELETE FROM value WHERE used <= (SELECT used FROM value ORDER BY used"
                        " LIMIT 1 OFFSET (SELECT count(*) / 2 FROM value))"
                    )
                database.executemany(
                    "INSERT OR REPLACE INTO value VALUES (?, ?, ?)",
                    ((key, now, _checksum(key, value) + value) for key, value in self._new.items()),
                )
        except sqlite3.Error as error:
            self._give_up(error)
        self.forget()
        self._old.clear()

    def _give_up(self, error: sqlite3.Error) -> None:
        self.damaged = _is_damage(error)
        self._database = None


@contextmanager
def value_store(directory: Path | None) -> Iterator[ValueStore]:
    """Open the store in a directory; None, or a directory of others, gives one that keeps nothing.

    A damaged file is removed.
    """
    database = _opened(directory) if directory is not None else None
    if directory is None or database is None:
        yield ValueStore()
        return
    store = ValueStore(database)
    try:
        yield store
        store.write()
    finally:
        database.close()
        if store.damaged:
            _remove(directory)


def _opened(directory: Path) -> sqlite3.Connection | None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with opened_private(directory):
            if not _is_own(directory / NAME):
                _remove(directory)
            database = sqlite3.connect(directory / NAME, timeout=_BUSY)
    except (OSError, sqlite3.Error):
        return None
    try:
        # It can be computed again, so nothing waits for the disk.
        database.execute("PRAGMA synchronous = OFF")
        database.execute(_TABLE)
        database.execute("SELECT key, used, value FROM value LIMIT 0")
    except sqlite3.Error as error:
        database.close()
        if _is_damage(error):
            _remove(directory)
        return None
    return database


def _is_own(path: Path) -> bool:
    """Return whether nothing is there, or a file that only this user could have written."""
    try:
        seen = path.lstat()
    except FileNotFoundError:
        return True
    private = not seen.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return stat.S_ISREG(seen.st_mode) and seen.st_uid == os.geteuid() and private


def _is_damage(error: sqlite3.Error) -> bool:
    """Return whether the file itself is wrong: damaged, no database, or with another table.

    A file that another run writes, or a disk that is full, is not.
    """
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)


def _remove(directory: Path) -> None:
    with contextlib.suppress(OSError):
        (directory / NAME).unlink()
    with contextlib.suppress(OSError):
        (directory / f"{NAME}-journal").unlink()


def _used_bytes(database: sqlite3.Connection) -> int:
    pages, free, size = (
        int(database.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size


def _key(words: tuple[str, ...]) -> bytes:
    text = "\0".join(words).encode("utf-8", "surrogateescape")
    return hashlib.blake2b(text, digest_size=20).digest()


def _checksum(key: bytes, value: bytes) -> bytes:
    return hashlib.blake2b(value, digest_size=_CHECK, key=key).digest()
