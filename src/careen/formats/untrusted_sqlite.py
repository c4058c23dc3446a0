"""Untrusted SQLite databases: opened as copies, without schema functions, within bounds."""

import shutil
import sqlite3
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import BinaryIO

from careen.errors import ToolError

_STEP = 100_000
_SETTINGS = ("trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0")


class Steps:
    """Progress handler that ends queries after `most` steps of 100,000 instructions."""

    def __init__(self, most: int) -> None:
        self.most = most * _STEP
        self.left = most

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


def copy_database(stream: BinaryIO, copy: Path) -> None:
    """Copy the database to a local file; raise ToolError if that cannot be written."""
    with copy.open("wb") as out:
        try:
            shutil.copyfileobj(stream, out)
            out.flush()
        # A full disk here says nothing about the image: its packages must not count as unreadable.
        except OSError as error:
            msg = (
                f"writing a copy of an SQLite database of the image to {copy.parent}:"
                f" {error.strerror}; free some room, or name another place in TMPDIR"
            )
            raise ToolError(msg) from error


def restrict_connection(
    database: sqlite3.Connection,
    steps: Steps,
    longest: int,
    allowed: Collection[int],
    settings: Iterable[str] = (),
) -> None:
    """Limit a database connection: its steps, the bytes of one value, and the allowed actions.

    `allowed` are action codes of SQLite's authorizer.
    """
    database.set_progress_handler(steps, _STEP)
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, longest)
    for setting in (*_SETTINGS, *settings):
        database.execute(f"PRAGMA {setting}").fetchall()
    database.set_authorizer(
        lambda action, *_: sqlite3.SQLITE_OK if action in allowed else sqlite3.SQLITE_DENY
    )
