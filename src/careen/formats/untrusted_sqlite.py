"""A SQLite database of an image, opened as a copy by a program that trusts nothing in it: no
function of the schema is run, sizes and steps are bounded.
"""

import shutil
import sqlite3
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import BinaryIO

from careen.errors import ToolError

_STEP = 100_000
_SETTINGS = ("trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0")


class Steps:
    """What SQLite's machine may still do, in steps of 100,000 instructions; from then on every
    query ends with an error.
    """

    def __init__(self, most: int) -> None:
        self.most = most * _STEP
        self.left = most

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


def copy_database(stream: BinaryIO, copy: Path) -> None:
    """Copy to a file of this machine: that there is no room is no word about the image, and its
    packages must not pass for unreadable. Raises ToolError.
    """
    with copy.open("wb") as out:
        try:
            shutil.copyfileobj(stream, out)
            out.flush()
        except OSError as error:
            msg = (
                f"writing a copy of the rpm database to {copy.parent}: {error.strerror}; free some"
                " room, or name another place in TMPDIR"
            )
            raise ToolError(msg) from error


def distrust(
    database: sqlite3.Connection,
    steps: Steps,
    longest: int,
    allowed: Collection[int],
    settings: Iterable[str] = (),
) -> None:
    """Bound what a database can do: its steps, the bytes of one value, and the actions (of SQLite's
    authorizer) that a query may take.
    """
    database.set_progress_handler(steps, _STEP)
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, longest)
    for setting in (*_SETTINGS, *settings):
        database.execute(f"PRAGMA {setting}").fetchall()
    database.set_authorizer(
        lambda action, *_: sqlite3.SQLITE_OK if action in allowed else sqlite3.SQLITE_DENY
    )
