"""Put the images of a list into the queue."""

from collections.abc import Iterable
from dataclasses import dataclass

from careen.clusters.queue.app import QUEUE, TASK, alone, connected, procrastinate


@dataclass(frozen=True, slots=True)
class Enqueued:
    """How many images were put into the queue, and how many waited in it already."""

    added: int
    waiting: int


def enqueue(url: str, images: str, tags: Iterable[str], priority: int = 0) -> Enqueued:
    """Put each tag of the list `images` (an absolute path) into the queue, once.

    Makes the tables if they are missing. A higher `priority` comes first. Raises InputError for
    the URL, ToolError if the database cannot be used.
    """
    library = procrastinate()
    added = waiting = 0
    with connected(url, "adding images"):
        app = library.App(connector=library.SyncPsycopgConnector(conninfo=url))
        with app.open():
            with alone(url):  # the tables are made once, also by two at once
                if not app.check_connection():
                    app.schema_manager.apply_schema()
            for tag in tags:
                job = app.configure_task(
                    TASK,
                    queue=QUEUE,
                    # One run of an image at a time, and one that waits.
                    lock=tag,
                    queueing_lock=tag,
                    priority=priority,
                    allow_unknown=True,
                )
                try:
                    job.defer(images=images, tag=tag)
                except library.exceptions.AlreadyEnqueued:
                    waiting += 1
                else:
                    added += 1
    return Enqueued(added, waiting)
