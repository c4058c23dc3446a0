"""The store in a PostgreSQL database, by psycopg (the extra `careen[postgres]`)."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg

from careen.fleet.store.port import Row, StoreError
from careen.formats.postgres_url import name_of_database

WAIT = 10
"""Seconds to connect."""
_READING = (
    b"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;"
    # Compiling a question would take longer than answering it.
    b"SET LOCAL jit = off"
)
_LOCK = 0x63726E66
"""Number of the advisory lock of writers; it ends with their connection, however they end."""


class PostgresDatabase:
    """A PostgreSQL database as `Database`."""

    sets = ""
    # An index walk for each unit. PostgreSQL takes the units for many more than they are, and would
    # read those of all images.
    walked = "LATERAL (SELECT image FROM image_unit u WHERE u.unit = m.unit OFFSET 0) i ON true"

    def __init__(self, connection: "psycopg.Connection[Row]", name: str) -> None:
        self._connection = connection
        self.name = name

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        with self._told():
            cursor = self._connection.execute(_query(sql), values or None)
            return cursor.fetchall() if cursor.description else []

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        with self._told(), self._connection.cursor() as cursor:
            cursor.executemany(_query(sql), rows)

    def script(self, text: str) -> None:
        with self._told():
            self._connection.execute(text.encode())

    @contextmanager
    def writing(self) -> Iterator[None]:
        with self._told(), self._connection.transaction():
            self._connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        with self._told(), self._connection.transaction():
            self._connection.execute(_READING)
            yield

    def has_table(self, table: str) -> bool:
        return self.rows("SELECT to_regclass(?) IS NOT NULL", (table,)) == [(True,)]

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            raise _failed(self.name, error) from error


def open_postgres(url: str) -> PostgresDatabase:
    """Open the store in a database.

    Raises StoreError if it does not answer, InputError for a URL that cannot be read.
    """
    name = name_of_database(url)
    try:
        connection = psycopg.connect(url, autocommit=True, connect_timeout=WAIT)
    except psycopg.Error as error:
        raise _failed(name, error) from error
    # A statement is planned once for all values.
    connection.prepare_threshold = 3
    return PostgresDatabase(connection, name)


def _query(sql: str) -> bytes:
    # Bytes: psycopg takes a text only if it is a literal. Values never become part of it.
    return sql.replace("?", "%s").encode()


def _failed(name: str, error: psycopg.Error) -> StoreError:
    said = " ".join(str(error).split()) or type(error).__name__
    advice = "see that the server runs, and that this user may use the database"
    return StoreError(f"{name}: the store of the fleet cannot be used ({said}): {advice}")
