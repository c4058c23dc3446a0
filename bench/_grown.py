"""A store in PostgreSQL, grown by SQL: copies of its images, each with rows of its own for the
units and files that only one image had. Packages and paths get no new rows.

Putting images one by one says what putting costs; this says what it costs to ask a large store.
"""

from pathlib import Path

from careen.fleet.store.port import Database

_NUMBERED = ("image", "unit", "file")


def grow(database: Database, images: int) -> None:
    """Copy the images of a store in PostgreSQL until there are so many, or a few less."""
    text = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    before, _, each = text.partition("-- each copy\n")
    database.script(before)
    first = {name: _last(database, name) for name in _NUMBERED}
    count = int(database.rows("SELECT count(*) FROM image")[0][0])
    for copy in range(1, images // max(count, 1)):
        numbers = {name: last * copy for name, last in first.items()}
        with database.writing():
            database.script(each.format(copy=copy, images=first["image"], **numbers))
            for name in _NUMBERED:
                last = first[name] * (copy + 1)
                database.rows("UPDATE counter SET last = ? WHERE name = ?", (last, name))
    database.script("ANALYZE")


def _last(database: Database, name: str) -> int:
    return int(database.rows("SELECT last FROM counter WHERE name = ?", (name,))[0][0])
