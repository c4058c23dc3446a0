"""Verification of a database: pages, tables, counts, readable records."""

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from careen.advisories.database.codec import read_affected, read_head
from careen.advisories.database.schema import opened
from careen.advisories.database.store import Store
from careen.advisories.matching.survey import survey

_MOST_PROBLEMS = 10
_MOST_DIGESTS = 3
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Checked:
    """Result of one check.

    `what` names the check, `problems` holds the first ones found (empty: sound), `said` the
    details.
    """

    what: str
    problems: tuple[str, ...] = ()
    said: tuple[str, ...] = ()


def verify_database(path: Path) -> tuple[Checked, ...]:
    """Check a whole database. Raises ConfigError if it cannot be opened."""
    with opened(path) as connection:
        return (
            Checked("every page of the file", tuple(_pages(connection))),
            Checked("as many records in each feed as were imported", tuple(_counts(connection))),
            Checked("every record readable", tuple(_records(connection))),
            Checked("nothing that belongs to no record", tuple(_orphan_rows(connection))),
            _origins(Store(connection)),
        )


def compare_files(path: Path, files: Path) -> Checked:
    """Check that the database was made of each feed below `files`, byte for byte.

    Raises ConfigError (no database) and InputError (no such path).
    """
    with opened(path) as connection:
        known = {
            digest: feed
            for feed, digests in Store(connection).digests().items()
            for digest in digests
        }
    parts = [part for part in survey(files) if part.readable or part.trouble]
    found = {part.name: "" if part.trouble else known.get(part.digest(), "") for part in parts}
    problems = [
        f"{part.name}: {part.trouble or 'the database was not made of it'}"
        for part in parts
        if not found[part.name]
    ]
    if not parts:
        problems = [f"{files}: no feed of advisories is there"]
    said = tuple(f"{feed}: {name}" for name, feed in found.items() if feed)
    return Checked("the database is made of these files", tuple(problems[:_MOST_PROBLEMS]), said)


def _origins(store: Store) -> Checked:
    """Check that each feed has digests of what it was read from, and list them."""
    digests = store.digests()
    said, problems = [], []
    for feed in store.feeds():
        mine = digests.get(feed.name, ())
        problems += [
            f"{feed.name}: not a SHA-256: {digest[:80]!r}"
            for digest in mine
            if not _SHA256.fullmatch(digest)
        ]
        problems += [f"{feed.name}: no digest of what it was read from"] * (not mine)
        more = f" and {len(mine) - _MOST_DIGESTS} more" if len(mine) > _MOST_DIGESTS else ""
        said.append(
            f"{feed.name}: {feed.source}, sha256"
            f" {', '.join(mine[:_MOST_DIGESTS]) or 'unknown'}{more}"
        )
    return Checked(
        "the digest of what each feed was read from", tuple(problems[:_MOST_PROBLEMS]), tuple(said)
    )


def _pages(connection: sqlite3.Connection) -> Iterator[str]:
    for (line,) in connection.execute(f"PRAGMA integrity_check({_MOST_PROBLEMS})"):
        if line != "ok":
            yield str(line)


def _counts(connection: sqlite3.Connection) -> Iterator[str]:
    store = Store(connection)
    found = store.counts()
    for feed in store.feeds():
        if found.pop(feed.name, 0) != feed.records:
            yield (
                f"{feed.name}: {store.counts().get(feed.name, 0)} records, {feed.records} were"
                " imported"
            )
    yield from (
        f"{name}: {count} records of a feed that is not listed" for name, count in found.items()
    )


def _records(connection: sqlite3.Connection) -> Iterator[str]:
    query = """
    SELECT advisory.identifier, package.name, affected.entries, advisory.head FROM affected
    JOIN advisory ON advisory.id = affected.advisory JOIN package ON package.id = affected.package
    """
    problems = 0
    for identifier, name, entries, head in connection.execute(query):
        try:
            read_head(identifier, "", "", read_affected(name, entries), head)
        except sqlite3.DatabaseError as error:
            problems += 1
            if problems <= _MOST_PROBLEMS:
                yield f"{identifier}: {error}"


def _orphan_rows(connection: sqlite3.Connection) -> Iterator[str]:
    for table, condition in (
        (
            "affected",
            "advisory NOT IN (SELECT id FROM advisory) OR package NOT IN (SELECT id FROM package)",
        ),
        ("alias", "advisory NOT IN (SELECT id FROM advisory)"),
        ("advisory", "feed NOT IN (SELECT id FROM feed WHERE live)"),
        ("cvss", "vector NOT IN (SELECT id FROM vector)"),
    ):
        # The words come from the table above.
        count = connection.execute(f"SELECT count(*) FROM {table} WHERE {condition}").fetchone()[0]  # noqa: S608
        if count:
            yield f"{count} rows of {table}"
