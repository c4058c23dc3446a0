"""Remove an image or the list of a cluster from the store, with all that only it had."""

from careen.errors import InputError
from careen.fleet.store.place import opened
from careen.fleet.store.reader import Reader
from careen.fleet.store.removal import forget_images
from careen.fleet.store.running import forget_running
from careen.model.fleet.indexed import Forgotten

_SHOWN = 10


def forget(place: str, images: tuple[str, ...], clusters: tuple[str, ...] = ()) -> Forgotten:
    """Remove the images with these digests or names, and the lists of what runs in clusters.

    Raises InputError, and removes nothing, if the store has no such image or list.
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
        lists = reader.running().lists
        for cluster in clusters:
            if cluster not in lists:
                known = ", ".join(sorted(lists)[:_SHOWN]) or "none"
                msg = f"--cluster {cluster!r}: the store has no list of it; it has: {known}"
                raise InputError(msg)
        if found:
            forget_images(database, list(found))
        forget_running(database, clusters)
        gone = tuple(sorted(set(clusters)))
        return Forgotten(database.name, tuple(sorted(found.values())), gone, reader.count())
