"""Remove images, or the list of a cluster, from the store, with all that only they had."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from careen.errors import InputError
from careen.fleet.ask.trends import spans
from careen.fleet.store.history import History, keep_packages, names_of, names_through
from careen.fleet.store.origins import last_seen_before
from careen.fleet.store.place import opened
from careen.fleet.store.port import Database
from careen.fleet.store.reader import Reader
from careen.fleet.store.removal import remove_images
from careen.fleet.store.running import forget_running, running_outside
from careen.fleet.store.states import forget_states
from careen.model.fleet.indexed import Forgotten

_SHOWN = 10
_TIME = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class ForgetRequest:
    """What goes: images by digest or name, lists of clusters, what is older than so many days.

    `dry_run` removes nothing.
    """

    images: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    older_than: int | None = None
    dry_run: bool = False


def forget(place: str, request: ForgetRequest) -> Forgotten:
    """Remove what a request names, in one transaction, and the history of names that led there.

    Raises InputError, and removes nothing, if the store has no such image or list; StoreError.
    """
    with opened(place, write=not request.dry_run) as database:
        with database.reading() if request.dry_run else database.writing():
            done = _forgotten(database, request)
            if not request.dry_run:
                _keep_outcomes(database, done)
                remove_images(database, done.numbers)
                forget_states(database, done.histories)
                forget_running(database, done.clusters)
            left = Reader(database).count() - (len(done.numbers) if request.dry_run else 0)
        return Forgotten(
            database.name,
            tuple(sorted(done.numbers.values())),
            done.clusters,
            done.histories,
            left,
            request.dry_run,
        )


@dataclass(frozen=True, slots=True)
class _Found:
    """What goes: digests by the image's number, names with their history, lists of clusters."""

    numbers: dict[int, str]
    histories: tuple[str, ...]
    clusters: tuple[str, ...]


def _forgotten(database: Database, request: ForgetRequest) -> _Found:
    reader = Reader(database)
    found: dict[int, str] = {}
    for image in request.images:
        named = reader.named(image)
        if not named:
            msg = f"{image!r}: no image of the store has this digest or name"
            raise InputError(msg)
        found.update(named)
    clusters = set(_lists(request.clusters, reader))
    if request.older_than is not None:
        before = _days_ago(request.older_than)
        # A list that nobody writes any more keeps no image.
        old = {name for name, seen in reader.running().lists.items() if seen and seen < before}
        running = running_outside(database, clusters | old)
        numbers = [each for each in last_seen_before(database, before) if each not in running]
        found.update({each.id: each.digest for each in reader.images(numbers).values()})
        clusters |= old
    histories = tuple(names_of(database, list(found)))
    return _Found(found, histories, tuple(sorted(clusters)))


def _keep_outcomes(database: Database, done: _Found) -> None:
    """Keep what the histories that stay ask of the images that go: which packages they had."""
    history = History(database)
    going = set(Reader(database).all_digests(list(done.numbers)))

    def asked(digest: str, purls: Sequence[str]) -> Mapping[str, bool]:
        there = history.still_there(digest, purls)
        if digest in going:
            keep_packages(database, digest, there)
        return there

    for name in set(names_through(database, sorted(going))) - set(done.histories):
        for _ in spans(name, history.states(name), "", asked):
            pass


def _lists(clusters: tuple[str, ...], reader: Reader) -> Iterator[str]:
    lists = reader.running().lists
    for cluster in clusters:
        if cluster not in lists:
            known = ", ".join(sorted(lists)[:_SHOWN]) or "none"
            msg = f"--cluster {cluster!r}: the store has no list of it; it has: {known}"
            raise InputError(msg)
        yield cluster


def _days_ago(days: int) -> str:
    try:
        return (dt.datetime.now(dt.UTC) - dt.timedelta(days=days)).strftime(_TIME)
    except OverflowError as error:
        msg = f"--older-than {days}d: before all time"
        raise InputError(msg) from error
