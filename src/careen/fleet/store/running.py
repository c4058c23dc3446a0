"""Which images run: the last list of each cluster."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from careen.errors import InputError
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

    `lists` maps each cluster to when its list was written (RFC 3339, UTC), "" if unknown.
    """

    containers: dict[int, int]
    strange: tuple[str, ...]
    lists: Mapping[str, str]


def put_running(
    database: Database, cluster: str, containers: Sequence[RunningContainer], written: str
) -> None:
    """Put the containers of a cluster, in place of those of its last list.

    Raises InputError if that was written later.
    """
    name = indexed(cluster)
    rows = {
        tuple(map(indexed, (each.namespace, each.pod, each.container))): each for each in containers
    }
    with database.writing():
        for (seen,) in database.rows("SELECT seen FROM running_list WHERE cluster = ?", (name,)):
            if seen > written:
                msg = (
                    f"{cluster}: a list of {written}; the store has a newer one of that cluster,"
                    f" of {seen}"
                )
                raise InputError(msg)
        database.rows("DELETE FROM running_list WHERE cluster = ?", (name,))
        database.rows("INSERT INTO running_list (cluster, seen) VALUES (?, ?)", (name, written))
        database.rows("DELETE FROM running WHERE cluster = ?", (name,))
        database.many(
            "INSERT INTO running (cluster, namespace, pod, container, name, digest, seen)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (name, *key, indexed(each.name), indexed(each.digest), written)
                for key, each in rows.items()
            ],
        )


def forget_running(database: Database, clusters: Sequence[str]) -> None:
    """Remove the lists of clusters, inside a writing transaction."""
    for cluster in clusters:
        for table in ("running", "running_list"):
            database.rows(f"DELETE FROM {table} WHERE cluster = ?", (cluster,))


def running_outside(database: Database, clusters: Collection[str]) -> set[int]:
    """Return the images that run in other clusters than these."""
    return {int(image) for cluster, *_, image in database.rows(_IMAGES) if cluster not in clusters}


def running(database: Database) -> Running:
    """Return what runs."""
    lists = {
        str(cluster): str(seen)
        for cluster, seen in database.rows("SELECT cluster, seen FROM running_list")
    }
    if not lists:
        return Running({}, (), {})
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
    return Running(counts, tuple(sorted(strange)), lists)
