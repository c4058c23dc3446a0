"""The database below the store: SQLite and PostgreSQL behind four calls."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from careen.errors import ConfigError

Row = tuple[Any, ...]


class StoreError(ConfigError):
    """The store cannot be used: the message says where it is, why, and what to do."""


class Database(Protocol):
    """An open database.

    SQL has `?` for each parameter. Values are int, str and bytes. Failures of the database raise
    StoreError, with the store's name. `sets` makes a table of keys alone, `walked` is the table of
    units and images `i` as it is joined to units `m`.
    """

    name: str
    sets: str
    walked: str

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Return all rows of a query."""

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement once for each row of values."""

    def script(self, text: str) -> None:
        """Run statements that have no values."""

    def writing(self) -> AbstractContextManager[None]:
        """Open a transaction that is the only one that writes; readers go on.

        It is undone if the block raises, or if the process ends in it.
        """

    def reading(self) -> AbstractContextManager[None]:
        """Open a transaction in which every query sees the same state."""

    def has_table(self, table: str) -> bool:
        """Return whether there is such a table."""

    def close(self) -> None:
        """Close the connection."""
