"""Versions of the schema: each file of `migrations/` is applied once, in order."""

from functools import cache
from importlib import resources

from careen.fleet.store.port import Database, StoreError


@cache
def versions() -> tuple[tuple[int, str], ...]:
    """Return the number and the SQL of each version, in order."""
    folder = resources.files(__package__) / "migrations"
    names = sorted(each.name for each in folder.iterdir() if each.name.endswith(".sql"))
    return tuple(
        (int(name.partition("-")[0]), (folder / name).read_text(encoding="utf-8")) for name in names
    )


def migrate(database: Database) -> None:
    """Bring the schema to this careen's version, in one transaction for each step.

    Raises StoreError for a store of a newer careen.
    """
    known = versions()
    if version(database) == known[-1][0]:
        return
    for number, text in known:
        # A step and its number are one transaction: a killed run leaves either both or neither.
        with database.writing():
            if version(database) >= number:
                continue
            if number == 1:
                database.script("CREATE TABLE fleet_version (version INTEGER NOT NULL);\n")
            database.script(text.replace("{sets}", database.sets))
            database.rows("DELETE FROM fleet_version")
            database.rows("INSERT INTO fleet_version (version) VALUES (?)", (number,))


def check(database: Database) -> None:
    """Raise StoreError unless the store can be read by this careen."""
    found, newest = version(database), versions()[-1][0]
    if not found:
        msg = f"{database.name}: no store of a fleet; make one with `careen fleet index DIR`"
        raise StoreError(msg)
    if found < newest:
        msg = (
            f"{database.name}: a store of version {found}, this careen reads {newest}; `careen fleet"
            " index` brings it to that version"
        )
        raise StoreError(msg)


def version(database: Database) -> int:
    """Return the schema's version, 0 without one. Raises StoreError for a newer one."""
    if not database.has_table("fleet_version"):
        return 0
    found = max(
        (int(row[0]) for row in database.rows("SELECT version FROM fleet_version")), default=0
    )
    newest = versions()[-1][0]
    if found > newest:
        msg = (
            f"{database.name}: a store of version {found}, this careen knows versions up to"
            f" {newest}; use the careen that wrote it, or a newer one"
        )
        raise StoreError(msg)
    return found
