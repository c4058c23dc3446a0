"""Answer which images of the fleet have something, and how strongly they use it."""

import datetime as dt
from pathlib import Path

from careen.fleet.ask.answer import Matches, answer
from careen.fleet.ask.find import find_files, find_packages
from careen.fleet.ask.vex import with_vex
from careen.fleet.ask.what import FileDigest, FileGlob, PackageRange, Vulnerability, What
from careen.fleet.store.place import opened
from careen.fleet.store.reader import Reader
from careen.model.fleet.question import Answer, Filters


def who_has(
    place: str, asked: tuple[str, What], filters: Filters, db: Path, *, name_unknown: bool = True
) -> Answer:
    """Return the answer to a question, `asked` in words and as a value.

    The digests of images without an answer take long in a large fleet: only if `name_unknown`.
    Only a vulnerability needs the advisory database `db`. Raises StoreError, ConfigError (no
    database) or InputError (an unknown vulnerability or base image).
    """
    with opened(place, write=False) as database, database.reading():
        found = ask(Reader(database), asked, filters, db, name_unknown=name_unknown)
        if isinstance(asked[1], Vulnerability):
            return with_vex(found, asked[1].identifier, database)
        return found


def ask(
    reader: Reader,
    asked: tuple[str, What],
    filters: Filters,
    db: Path,
    *,
    name_unknown: bool = True,
) -> Answer:
    """Return the answer of an open store. Arguments and errors are those of `who_has`."""
    words, what = asked
    now = dt.datetime.now(dt.UTC)
    matches = _matches(what, reader, db)
    return answer(words, matches, filters, reader, now, name_unknown=name_unknown)


def _matches(what: What, reader: Reader, db: Path) -> Matches:
    match what:
        case PackageRange():
            return find_packages(what, reader)
        case FileDigest() | FileGlob():
            return find_files(what, reader)
        case _:
            # Other questions are answered before this is loaded.
            from careen.advisories.database.store import open_store
            from careen.pipeline.fleet.vulnerable import find_vulnerable

            with open_store(db) as store:
                return find_vulnerable(what.identifier, reader, store)
