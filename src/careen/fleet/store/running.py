"""Which images run: the last list of each cluster."""

from collections.abc import Sequence
from dataclasses import dataclass

from careen.fleet.store.port import Database
from careen.fleet.texts import indexed
from careen.model.fleet.running import RunningContainer

_IMAGES = (
    "SELECT r.cluster, r.namespace, r.pod, r.container, g.image FROM running r JOIN image_digest g"
    " ON g.digest = r.digest WHERE r.digest <> '' UNION SELECT r.cluster, r.namespace, r.pod,"
    " r.container, n.image FROM running r JOIN image_name n ON n.name = r.name WHERE r.digest = ''"
)


@dataclass(frozen=True, slots=True)
class Running:
    """Containers of each image by number, and the names of what runs and is not in the store.

    Without a list of any cluster, `lists` is 0.
    """

    containers: dict[int, int]
    strange: tuple[str, ...]
    lists: int


def put_running(
    database: Database, cluster: str, containers: Sequence[RunningContainer], now: str
) -> None:
    """Put the containers of a cluster, in place of those of its last list."""
    name = indexed(cluster)
    rows = {
        tuple(map(indexed, (each.namespace, each.pod, each.container))): each for each in containers
    }
    with database.writing():
        database.rows("DELETE FROM running WHERE cluster = ?", (name,))
        database.many(
            "INSERT INTO running (cluster, namespace, pod, container, name, digest, seen)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (name, *key, indexed(each.name), indexed(each.digest), now)
                for key, each in rows.items()
            ],
        )


def running(database: Database) -> Running:
    """Return what runs."""
    counts: dict[int, int] = {}
    known: set[tuple[str, ...]] = set()
    for *key, image in database.rows(_IMAGES):
        known.add(tuple(key))
        counts[int(image)] = counts.get(int(image), 0) + 1
    strange = {
        str(digest or name)
        for *key, name, digest in database.rows(
            "SELECT cluster, namespace, pod, container, name, digest FROM running"
        )
        if tuple(key) not in known
    }
    lists = int(database.rows("SELECT count(DISTINCT cluster) FROM running")[0][0])
    return Running(counts, tuple(sorted(strange)), lists)
