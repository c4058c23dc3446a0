"""Where images were found, and when each was last loaded."""

from collections.abc import Iterable, Sequence

from careen.fleet.store.intern import chunks, marks
from careen.fleet.store.port import Database
from careen.fleet.texts import indexed


def is_as_before(database: Database, place: str, state: str) -> bool:
    """Return whether a place has what its last load found, and the store still has that image."""
    rows = database.rows(
        "SELECT 1 FROM origin o JOIN image_digest g ON g.digest = o.digest WHERE o.place = ?"
        " AND o.print = ?",
        (indexed(place), state),
    )
    return bool(rows)


def put_origin(database: Database, place: str, state: str, digest: str, now: str) -> None:
    """Note what a place had, inside a writing transaction."""
    database.rows("DELETE FROM origin WHERE place = ?", (indexed(place),))
    database.rows(
        "INSERT INTO origin (place, print, digest, seen) VALUES (?, ?, ?, ?)",
        (indexed(place), state, indexed(digest), now),
    )


def put_seen(database: Database, images: Iterable[int], now: str) -> None:
    """Note that images were loaded, inside a writing transaction."""
    rows = [(image,) for image in dict.fromkeys(images)]
    database.many("DELETE FROM image_seen WHERE image = ?", rows)
    database.many(
        "INSERT INTO image_seen (image, seen) VALUES (?, ?)", [(image, now) for (image,) in rows]
    )


def images_of_documents(database: Database, digests: Sequence[bytes]) -> set[int]:
    """Return the images that have one of these documents as a current one, by SHA-256."""
    found: set[int] = set()
    for part in chunks(digests):
        query = (
            "SELECT DISTINCT i.image FROM document d JOIN image_document i ON i.document = d.id"
            f" WHERE i.current = 1 AND d.sha256 IN {marks(part)}"
        )
        found.update(int(row[0]) for row in database.rows(query, part))
    return found


def last_seen_before(database: Database, time: str) -> list[int]:
    """Return the images that were last loaded before a time (RFC 3339, UTC)."""
    rows = database.rows(
        "SELECT i.id FROM image i LEFT JOIN image_seen s ON s.image = i.id"
        " WHERE coalesce(s.seen, i.indexed) < ?",
        (time,),
    )
    return [int(row[0]) for row in rows]
