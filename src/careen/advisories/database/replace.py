"""Atomic replacement of the database.

The new one is built in an unnamed file, so a killed build leaves nothing behind. It gets its name
when all bytes are on the disk.
"""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from careen.advisories.database.schema import APPLICATION, FORMAT, TABLES, database_error, opened
from careen.errors import ConfigError, ToolError
from careen.tools.only_user import only_user

_PREFIX, _SUFFIX = ".careen-", ".building"
_CACHE = 64 << 10  # KiB of SQLite's page cache while building
_FREE_PAGES = 0.2  # share of the file from which on VACUUM pays


@dataclass(slots=True)
class Building:
    """A database under construction; it replaces the old one only if `changed`."""

    connection: sqlite3.Connection
    changed: bool = True


@contextmanager
def rebuilt(path: Path) -> Iterator[Building]:
    """Yield a copy of the database at `path` (or a new one) to change; use in a `with` block.

    At the end of the block it replaces the old file; after an exception the old file stays. Raises
    ConfigError (a directory that is not writable, a damaged old database) and ToolError (another
    process is changing it, the disk is full).
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = (
            f"{path.parent}: cannot be made: {error.strerror}; name another file with --db, or set"
            " CAREEN_DB"
        )
        raise ConfigError(msg) from error
    if path.is_file():
        with opened(path):
            pass  # raises if damaged or foreign; the file stays
    with _exclusive_lock(path), _unnamed_database(path) as (built, connection):
        building = Building(connection)
        yield building
        if building.changed:
            _finish(connection)
            _put_in_place(built, path)


@contextmanager
def _exclusive_lock(path: Path) -> Iterator[None]:
    """Lock the directory against other imports, and remove what killed ones left."""
    # Readers need no lock.
    msg = f"{path}: another careen is changing the advisory database; wait for it to end"
    with only_user(path.parent, ToolError(msg)):
        for stale in path.parent.glob(f"{_PREFIX}*{_SUFFIX}"):
            with suppress(OSError):
                stale.unlink()
        yield


@contextmanager
def _unnamed_database(path: Path) -> Iterator[tuple[int, sqlite3.Connection]]:
    try:
        built, name = tempfile.mkstemp(prefix=_PREFIX, suffix=_SUFFIX, dir=path.parent)
    except OSError as error:
        msg = (
            f"{path.parent}: cannot be written to: {error.strerror}; name another file with --db,"
            " or set CAREEN_DB"
        )
        raise ConfigError(msg) from error
    try:
        fresh = not path.is_file()
        if not fresh:
            with path.open("rb") as old, os.fdopen(os.dup(built), "wb") as new:
                shutil.copyfileobj(old, new, 1 << 20)
        connection = sqlite3.connect(name, isolation_level=None)
        try:
            # No journal and no sync: this file is discarded on any error, and a journal would need
            # a name.
            for line in (
                "journal_mode = OFF",
                "synchronous = OFF",
                "locking_mode = EXCLUSIVE",
                "temp_store = MEMORY",
                f"cache_size = -{_CACHE}",
            ):
                connection.execute(f"PRAGMA {line}")
            if fresh:
                connection.executescript(
                    f"PRAGMA page_size = 4096; PRAGMA application_id = {APPLICATION}; PRAGMA"
                    f" user_version = {FORMAT}; {TABLES}"
                )
            connection.execute("BEGIN EXCLUSIVE")
            Path(name).unlink()
            name = ""
            yield built, connection
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError) and "disk" in str(error):
                msg = (
                    f"{path.parent}: the new advisory database cannot be written: {error}; the old"
                    " one is as it was"
                )
                raise ToolError(msg) from error
            raise database_error(path, error) from error
        finally:
            connection.close()
    finally:
        if name:
            Path(name).unlink()
        os.close(built)


def _finish(connection: sqlite3.Connection) -> None:
    """Commit, and vacuum the file if much of it is free."""
    connection.execute("DELETE FROM package WHERE id NOT IN (SELECT package FROM affected)")
    connection.execute("COMMIT")
    free, pages = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("freelist_count", "page_count")
    )
    if free > pages * _FREE_PAGES:
        connection.execute("VACUUM")
    connection.execute("PRAGMA optimize")


def replace_database(source: Path, path: Path) -> None:
    """Replace the database at `path` atomically by a copy of `source`. Raises ToolError."""
    handle = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with _exclusive_lock(path):
            _put_in_place(handle, path)
    finally:
        os.close(handle)


def _put_in_place(built: int, path: Path) -> None:
    os.lseek(built, 0, os.SEEK_SET)
    with (
        os.fdopen(os.dup(built), "rb") as source,
        whole_file(path, "the new advisory database") as target,
    ):
        shutil.copyfileobj(source, target, 1 << 20)


@contextmanager
def whole_file(path: Path, what: str) -> Iterator[IO[bytes]]:
    """Yield an unnamed file to write; at the end of the `with` block it replaces `path`.

    It is synced to the disk first. `what` names it in errors. Raises ToolError if it cannot be
    written; the old file then stays.
    """
    if path.exists() and not path.is_file():  # root would replace /dev/null
        msg = f"{path}: {what} cannot be written: it is no regular file; name another one"
        raise ToolError(msg)
    name: Path | None = None
    try:
        directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            try:
                made = os.open(path.parent, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o644)
            except OSError:  # a file system without O_TMPFILE
                made, named = tempfile.mkstemp(prefix=_PREFIX, suffix=_SUFFIX, dir=path.parent)
                name = Path(named)
                name.chmod(0o644)
            with os.fdopen(made, "wb") as target:
                yield target
                target.flush()
                os.fsync(made)
                if name is None:
                    name = path.parent / f"{_PREFIX}{os.getpid()}{_SUFFIX}"
                    # With a directory descriptor Python calls linkat(AT_SYMLINK_FOLLOW), which
                    # names an unnamed file.
                    os.link(
                        f"/proc/self/fd/{made}",
                        name.name,
                        dst_dir_fd=directory,
                        follow_symlinks=True,
                    )
                name.replace(path)
            os.fsync(directory)
        finally:
            os.close(directory)
    except OSError as error:
        msg = f"{path}: {what} cannot be written: {error.strerror}; what was there is as it was"
        raise ToolError(msg) from error
    finally:
        if name is not None:
            name.unlink(missing_ok=True)
