"""A new database in the place of the old one: whole, or not at all.

The new one is built in a file without a name, so a build that is killed leaves nothing behind; its name appears when every byte is on the disk.
"""

import fcntl
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from careen.advisories.schema import APPLICATION, FORMAT, TABLES, database_error, opened
from careen.errors import ConfigError, ToolError

_PREFIX, _SUFFIX = ".careen-", ".building"
_CACHE = 64 << 10  # KiB that SQLite may keep of the file while building
_FREE_PAGES = 0.2  # of the file: from here on it is worth packing


@dataclass(slots=True)
class Building:
    """A database that is being built. Without `changed` it does not replace anything."""

    connection: sqlite3.Connection
    changed: bool = True


@contextmanager
def rebuilt(path: Path) -> Iterator[Building]:
    """Give a copy of the database at `path` (a new one if there is none) to change, for the `with` block; put it in place at the end of it.

    After an exception the old file is as it was. Raises ConfigError (a directory that cannot be written to, a damaged old database) and ToolError (another
    process is at it).
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"{path.parent}: cannot be made: {error.strerror}; name another file with --db, or set CAREEN_DB"
        raise ConfigError(msg) from error
    if path.is_file():
        with opened(path):
            pass  # damaged or foreign: say so, and leave it alone
    with _only_one(path), _without_name(path) as (built, connection):
        building = Building(connection)
        yield building
        if building.changed:
            _finish(connection)
            _put_in_place(built, path)


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    """Lock the directory against other imports; readers need no lock. What a killed one left in the moment before it lost its name is removed."""
    held = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            msg = f"{path}: another careen is changing the advisory database; wait for it to end"
            raise ToolError(msg) from error
        for stale in path.parent.glob(f"{_PREFIX}*{_SUFFIX}"):
            with suppress(OSError):
                stale.unlink()
        yield
    finally:
        os.close(held)


@contextmanager
def _without_name(path: Path) -> Iterator[tuple[int, sqlite3.Connection]]:
    try:
        built, name = tempfile.mkstemp(prefix=_PREFIX, suffix=_SUFFIX, dir=path.parent)
    except OSError as error:
        msg = f"{path.parent}: cannot be written to: {error.strerror}; name another file with --db, or set CAREEN_DB"
        raise ConfigError(msg) from error
    try:
        fresh = not path.is_file()
        if not fresh:
            with path.open("rb") as old, os.fdopen(os.dup(built), "wb") as new:
                shutil.copyfileobj(old, new, 1 << 20)
        connection = sqlite3.connect(name, isolation_level=None)
        try:
            # No journal and no sync: this file is thrown away if anything goes wrong, and a journal would have a name.
            for line in ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE", "temp_store = MEMORY", f"cache_size = -{_CACHE}"):
                connection.execute(f"PRAGMA {line}")
            if fresh:
                connection.executescript(f"PRAGMA page_size = 4096; PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {FORMAT}; {TABLES}")
            connection.execute("BEGIN EXCLUSIVE")
            Path(name).unlink()
            name = ""
            yield built, connection
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError) and "disk" in str(error):
                msg = f"{path.parent}: the new advisory database cannot be written: {error}; the old one is as it was"
                raise ToolError(msg) from error
            raise database_error(path, error) from error
        finally:
            connection.close()
    finally:
        if name:
            Path(name).unlink()
        os.close(built)


def _finish(connection: sqlite3.Connection) -> None:
    """Commit, and pack the file if much of it is empty."""
    connection.execute("DELETE FROM package WHERE id NOT IN (SELECT package FROM affected)")
    connection.execute("COMMIT")
    free, pages = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("freelist_count", "page_count"))
    if free > pages * _FREE_PAGES:
        connection.execute("VACUUM")
    connection.execute("PRAGMA optimize")


def _put_in_place(built: int, path: Path) -> None:
    """Copy the nameless file to one that gets the database's name when it is whole and on the disk."""
    try:
        whole = os.open(path.parent, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o644)
        name = path.parent / f"{_PREFIX}{os.getpid()}{_SUFFIX}"
    except OSError:  # a file system without nameless files
        whole, named = tempfile.mkstemp(prefix=_PREFIX, suffix=_SUFFIX, dir=path.parent)
        os.fchmod(whole, 0o644)
        name = Path(named)
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.lseek(built, 0, os.SEEK_SET)
        with os.fdopen(os.dup(built), "rb") as source, os.fdopen(os.dup(whole), "wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
        os.fsync(whole)
        if not name.exists():
            # With a directory's descriptor Python calls linkat(AT_SYMLINK_FOLLOW), which is how a nameless file gets a name.
            os.link(f"/proc/self/fd/{whole}", name.name, dst_dir_fd=directory, follow_symlinks=True)
        name.replace(path)
        os.fsync(directory)
    except OSError as error:
        with suppress(OSError):
            name.unlink()
        msg = f"{path}: the new advisory database cannot be written: {error.strerror}; the old one is as it was"
        raise ToolError(msg) from error
    finally:
        os.close(whole)
        os.close(directory)
