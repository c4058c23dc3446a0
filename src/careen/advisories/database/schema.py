"""Tables of the database, and opening a database."""

import errno
import os
import re
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from careen.errors import ConfigError

FORMAT = 1
APPLICATION = 0x6361726E
"""SQLite's application_id of the file: `carn`."""

TABLES = """
CREATE TABLE feed (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  live INTEGER NOT NULL,
  source TEXT NOT NULL,
  date TEXT NOT NULL,
  imported TEXT NOT NULL,
  records INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  partial TEXT NOT NULL,
  ecosystems TEXT NOT NULL
);
CREATE TABLE source (digest TEXT NOT NULL, feed TEXT NOT NULL, feeds INTEGER NOT NULL, PRIMARY KEY (digest, feed)) WITHOUT ROWID;
CREATE TABLE package (id INTEGER PRIMARY KEY, family TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (name, family));
CREATE TABLE advisory (
  id INTEGER PRIMARY KEY,
  identifier TEXT NOT NULL,
  feed INTEGER NOT NULL,
  modified TEXT NOT NULL,
  packages TEXT NOT NULL,
  head BLOB NOT NULL
);
CREATE INDEX advisory_identifier ON advisory (identifier);
CREATE TABLE affected (package INTEGER NOT NULL, advisory INTEGER NOT NULL, entries BLOB NOT NULL, PRIMARY KEY (package, advisory)) WITHOUT ROWID;
CREATE TABLE alias (identifier TEXT NOT NULL, advisory INTEGER NOT NULL, PRIMARY KEY (identifier, advisory)) WITHOUT ROWID;
CREATE INDEX alias_advisory ON alias (advisory);
CREATE TABLE kev (cve INTEGER PRIMARY KEY, added TEXT NOT NULL, due TEXT NOT NULL, name TEXT NOT NULL, ransomware INTEGER NOT NULL);
CREATE TABLE epss (cve INTEGER PRIMARY KEY, score INTEGER NOT NULL, percentile INTEGER NOT NULL);
CREATE TABLE ssvc (cve INTEGER PRIMARY KEY, exploitation TEXT NOT NULL, automatable TEXT NOT NULL, impact TEXT NOT NULL, date TEXT NOT NULL);
CREATE TABLE vector (id INTEGER PRIMARY KEY, source TEXT NOT NULL, version TEXT NOT NULL, vector TEXT NOT NULL, score REAL, severity INTEGER NOT NULL);
CREATE TABLE cvss (cve INTEGER NOT NULL, vector INTEGER NOT NULL, PRIMARY KEY (cve, vector)) WITHOUT ROWID;
"""

LATER = frozenset({"ssvc"})
"""Tables that older databases of this format lack; an import makes them."""

MILLIONTHS = 1_000_000
"""Unit of stored EPSS scores; FIRST publishes five or nine digits."""

_CVE = re.compile(r"CVE-(\d{4})-(\d{4,9})", re.ASCII)
_PER_YEAR = 10_000_000_000


def cve_number(cve: str) -> int | None:
    """Return the number that stands for a CVE in the tables, or None if it is not a CVE."""
    found = _CVE.fullmatch(cve)
    return int(found[1]) * _PER_YEAR + int(found[2]) if found else None


def database_error(path: Path, error: object) -> ConfigError:
    """Return the error for a file that is not a whole database."""
    return ConfigError(
        f"{path}: not a sound advisory database ({error}); remove it and run `careen db update`, or"
        " `careen db import` with the feeds or an export"
    )


class _Connection(sqlite3.Connection):
    """Connection that reports undecodable error messages as database errors."""

    # SQLite quotes a damaged schema in its message; bytes that are not UTF-8 then raise
    # UnicodeDecodeError.
    def execute(self, *query: Any) -> sqlite3.Cursor:
        try:
            return super().execute(*query)
        except UnicodeDecodeError as error:
            msg = f"its schema is damaged: {error}"
            raise sqlite3.DatabaseError(msg) from error


def _is_there(path: Path) -> bool:
    """Return whether the file exists; raise PermissionError if that or its bytes are kept secret."""
    try:
        seen = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    if not os.access(path, os.R_OK):  # sqlite would call it damaged
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    return stat.S_ISREG(seen.st_mode)


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database for reading; use in a `with` block.

    Works on a read-only disk and writes nothing beside the file. Raises ConfigError: no file, not a
    database, another format; PermissionError if this user may not read it.
    """
    if not _is_there(path):
        msg = (
            f"{path}: there is no advisory database; run `careen db update`, or `careen db import"
            " DIR` where there is no network"
        )
        raise ConfigError(msg)
    connection: sqlite3.Connection | None = None
    try:
        # An import replaces the file and never changes it in place, so `immutable` holds.
        connection = sqlite3.connect(
            f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1",
            uri=True,
            isolation_level=None,
            factory=_Connection,
        )
        connection.execute("PRAGMA temp_store = MEMORY")
        _check_format(connection, path)
        yield connection
    except sqlite3.DatabaseError as error:
        raise database_error(path, error) from error
    finally:
        if connection is not None:
            connection.close()


def _check_format(connection: sqlite3.Connection, path: Path) -> None:
    application, number = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("application_id", "user_version")
    )
    if application != APPLICATION:
        msg = f"{path}: an SQLite file, but not an advisory database of careen"
        raise ConfigError(msg)
    if number != FORMAT:
        advice = (
            "rebuild it with `careen db update` or `careen db import`, under another name or"
            " after removing it"
        )
        msg = (
            f"{path}: format {number} of the advisory database, this version of careen reads"
            f" {FORMAT}; {advice}"
        )
        raise ConfigError(msg)
    wanted = {line.split()[2] for line in TABLES.splitlines() if line.startswith("CREATE TABLE")}
    found = {
        name
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    }
    missing = wanted - found - LATER
    if missing:
        raise database_error(path, f"no table {', '.join(sorted(missing))}")
