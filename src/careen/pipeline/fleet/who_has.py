"""Answer which images of the fleet have something, and how strongly they use it."""

import datetime as dt
from pathlib import Path

from careen.advisories.database.store import open_store
from careen.fleet.ask.answer import Matches, answer
from careen.fleet.ask.find import find_files, find_packages
from careen.fleet.ask.vex import with_vex
from careen.fleet.ask.what import FileDigest, FileGlob, PackageRange, Vulnerability, What
from careen.fleet.store.place import opened
from careen.fleet.store.reader import Reader
from careen.model.fleet.question import Answer, Filters
from careen.pipeline.fleet.vulnerable import find_vulnerable


def who_has(place: str, asked: tuple[str, What], filters: Filters, db: Path) -> Answer:
    """Return the answer to a question, `asked` in words and as a value.

    Only a vulnerability needs the advisory database `db`. Raises StoreError, ConfigError (no
    database) or InputError (an unknown vulnerability or base image).
    """
    with opened(place, write=False) as database, database.reading():
        found = ask(Reader(database), asked, filters, db)
        what = asked[1]
        return (
            with_vex(found, what.identifier, database) if isinstance(what, Vulnerability) else found
        )


def ask(reader: Reader, asked: tuple[str, What], filters: Filters, db: Path) -> Answer:
    """Return the answer of an open store. Raises as `who_has`."""
    words, what = asked
    return answer(words, _matches(what, reader, db), filters, reader, dt.datetime.now(dt.UTC))


def _matches(what: What, reader: Reader, db: Path) -> Matches:
    match what:
        case PackageRange():
            return find_packages(what, reader)
        case FileDigest() | FileGlob():
            return find_files(what, reader)
        case _:
            with open_store(db) as store:
                return find_vulnerable(what.identifier, reader, store)
