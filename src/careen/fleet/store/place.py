"""Where the store is: an option, the environment, or the user's data directory."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from careen.errors import InputError
from careen.fleet.store.migrate import check, migrate
from careen.fleet.store.port import Database
from careen.fleet.store.sqlite import open_sqlite
from careen.tools.user_data import user_data

VARIABLE = "CAREEN_FLEET"
_SERVER = ("postgresql://", "postgres://")


def store_place(given: str | None) -> str:
    """Return the path or URL of the store: `given`, $CAREEN_FLEET, or `fleet.db` of the user."""
    return given or os.environ.get(VARIABLE) or str(user_data() / "fleet.db")


@contextmanager
def opened(place: str, *, write: bool) -> Iterator[Database]:
    """Open a store, and close it after the block.

    `write` makes the store, or brings it to this careen's version. Raises StoreError, or InputError
    for a URL of another kind.
    """
    database = _open(place, write=write)
    try:
        if write:
            migrate(database)
        else:
            check(database)
        yield database
    finally:
        database.close()


def _open(place: str, *, write: bool) -> Database:
    if place.startswith(_SERVER):
        try:
            from careen.fleet.store.postgres import open_postgres
        except ImportError as error:
            msg = (
                "a store in PostgreSQL needs psycopg, which is not installed: `pip install"
                " 'careen[postgres]'`"
            )
            raise InputError(msg) from error
        return open_postgres(place)
    if "://" in place:
        msg = f"{place.partition('://')[0]}://…: not a store; expected a path or postgresql://…"
        raise InputError(msg)
    return open_sqlite(Path(place), create=write)
