"""Rows that exist once, by a key: their numbers, for all images that have them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from careen.fleet.store.port import Database

K = TypeVar("K")
AT_ONCE = 400
"""Values in one list of a query; PostgreSQL and SQLite take thousands."""
_CACHED = 2_000_000


def chunks(values: Sequence[K]) -> Iterable[Sequence[K]]:
    """Yield the parts of a list of values that go into one query."""
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]


def marks(values: Sequence[Any]) -> str:
    """Return `(?,?,…)` for a list of values."""
    return f"({','.join('?' * len(values))})"


class Interned:
    """One table with a number and a unique key of bytes.

    `number_of` gives keys their numbers, with new rows where there are none. A transaction that is
    undone must be followed by `forget`.
    """

    def __init__(self, database: Database, table: str, columns: str, key: str = "digest") -> None:
        self._database = database
        self._table = table
        self._columns = columns
        self._key = key
        self._known: dict[bytes, int] = {}

    def forget(self) -> None:
        """Empty the cache of numbers."""
        self._known.clear()

    def numbers(
        self, keys: Iterable[bytes], values: Callable[[bytes], Sequence[Any]]
    ) -> tuple[Mapping[bytes, int], list[bytes]]:
        """Return the number of each key, and the keys that are new.

        `values` gives the other columns of a new row: all but the number.
        """
        wanted = list(dict.fromkeys(keys))
        if len(self._known) > _CACHED:
            self._known.clear()
        for part in chunks([key for key in wanted if key not in self._known]):
            # The names are of this package's code.
            query = f"SELECT {self._key}, id FROM {self._table} WHERE {self._key} IN {marks(part)}"
            self._known.update(
                (bytes(key), number) for key, number in self._database.rows(query, part)
            )
        new = [key for key in wanted if key not in self._known]
        if new:
            first = take(self._database, self._table, len(new))
            self._known.update((key, first + i) for i, key in enumerate(new))
            count = self._columns.count(",") + 1
            self._database.many(
                f"INSERT INTO {self._table} (id, {self._columns}) VALUES {marks([0] * (count + 1))}",
                [(self._known[key], *values(key)) for key in new],
            )
        return self._known, new


def take(database: Database, name: str, count: int) -> int:
    """Return the first of `count` new numbers of a table, inside a writing transaction."""
    rows = database.rows("SELECT last FROM counter WHERE name = ?", (name,))
    last = int(rows[0][0]) if rows else 0
    if rows:
        database.rows("UPDATE counter SET last = ? WHERE name = ?", (last + count, name))
    else:
        database.rows("INSERT INTO counter (name, last) VALUES (?, ?)", (name, count))
    return last + 1
