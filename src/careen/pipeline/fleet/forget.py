"""Remove an image from the store, with all that only it had."""

from careen.errors import InputError
from careen.fleet.store.place import opened
from careen.fleet.store.reader import Reader
from careen.fleet.store.removal import forget_images
from careen.model.fleet.indexed import Forgotten


def forget(place: str, images: tuple[str, ...]) -> Forgotten:
    """Remove the images with these digests or names.

    Raises InputError, and removes none, if the store has no such image.
    """
    with opened(place, write=True) as database:
        reader = Reader(database)
        found: dict[int, str] = {}
        for image in images:
            named = reader.named(image)
            if not named:
                msg = f"{image!r}: no image of the store has this digest or name"
                raise InputError(msg)
            found.update(named)
        forget_images(database, list(found))
        return Forgotten(database.name, tuple(sorted(found.values())), reader.count())
