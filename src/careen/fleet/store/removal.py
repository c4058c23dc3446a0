"""What is removed from the store: an image's rows, and rows that no image has any more."""

from collections.abc import Iterable

from careen.fleet.store import vex
from careen.fleet.store.port import Database

_OF_IMAGE = ("image_layer", "listener", "image_unit", "image_package", "image_signer")
_ALL = (
    *_OF_IMAGE,
    "image_document",
    "document_signer",
    "image_digest",
    "image_name",
    "finding",
    "image_seen",
)
_UNUSED = (
    "DELETE FROM unit WHERE id NOT IN (SELECT unit FROM image_unit)",
    "DELETE FROM unit_package WHERE unit NOT IN (SELECT id FROM unit)",
    "DELETE FROM unit_file WHERE unit NOT IN (SELECT id FROM unit)",
    (
        "DELETE FROM package WHERE id NOT IN (SELECT package FROM unit_package)"
        " AND id NOT IN (SELECT package FROM image_package)"
    ),
    "DELETE FROM file WHERE id NOT IN (SELECT file FROM unit_file)",
    (
        "DELETE FROM path WHERE id NOT IN (SELECT path FROM unit_file)"
        " AND id NOT IN (SELECT path FROM unit_package)"
    ),
    (
        "DELETE FROM used WHERE id NOT IN (SELECT used FROM unit_file)"
        " AND id NOT IN (SELECT used FROM image_package)"
    ),
    "DELETE FROM document WHERE id NOT IN (SELECT document FROM image_document)",
    "DELETE FROM origin WHERE digest NOT IN (SELECT digest FROM image_digest)",
    *vex.UNUSED,
)


def empty_image(database: Database, image: int) -> None:
    """Remove what an image's documents said; its names, documents and findings stay."""
    for table in _OF_IMAGE:
        database.rows(f"DELETE FROM {table} WHERE image = ?", (image,))
    database.rows("DELETE FROM image WHERE id = ?", (image,))


def remove_images(database: Database, images: Iterable[int]) -> None:
    """Remove images, and all that only they had, inside a writing transaction."""
    for image in images:
        for table in _ALL:
            database.rows(f"DELETE FROM {table} WHERE image = ?", (image,))
        database.rows("DELETE FROM image WHERE id = ?", (image,))
    for statement in _UNUSED:
        database.rows(statement)
    # Writers keep numbers of rows between images: this tells them to look again.
    rows = database.rows("SELECT last FROM counter WHERE name = 'epoch'")
    if rows:
        database.rows("UPDATE counter SET last = last + 1 WHERE name = 'epoch'")
    else:
        database.rows("INSERT INTO counter (name, last) VALUES ('epoch', 1)")
