"""Update, import, export, show and check the advisory database."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from careen.advisories.age import age_of
from careen.advisories.catalogue import (
    cache_directory,
    default_catalogue,
    downloads,
    read_catalogue,
)
from careen.advisories.database.export import (
    Exported,
    export_database,
    import_database,
    is_database,
    unpacked,
)
from careen.advisories.database.importing import import_directory
from careen.advisories.database.store import open_store
from careen.advisories.database.verify import compare_files, verify_database
from careen.advisories.update import update
from careen.errors import InputError
from careen.model.findings.imported import Imported, ImportResult, Outcome
from careen.report.terminal_output.progress import Progress
from careen.report.views.database import CheckRow, DatabaseStatus, FeedRow
from careen.tools.read_file import read_file

_LONGEST_LIST = 1 << 20  # bytes of a list of feeds


@dataclass(frozen=True, slots=True)
class UpdateChoices:
    """What an update fetches, and from where.

    `mirror` is a URL or a directory, `feeds` a list of the user's own. "" and None select careen's
    defaults.
    """

    only: tuple[str, ...] = ()
    mirror: str = ""
    feeds: Path | None = None
    smaller: bool = False


def update_database(db: Path, choices: UpdateChoices, progress: Progress) -> ImportResult:
    """Fetch the feeds that changed and import them.

    Raises InputError (unknown feed, missing mirror), ConfigError or ToolError.
    """
    if choices.mirror and "://" not in choices.mirror:
        if choices.only:
            msg = (
                "--only goes with a server; import the folders of a directory one by one with"
                " `careen db import`"
            )
            raise InputError(msg)
        return import_into(Path(choices.mirror), db, progress, smaller=choices.smaller)
    where = str(choices.feeds) if choices.feeds else "careen's list of feeds"
    text = (
        read_file(choices.feeds, _LONGEST_LIST).decode("utf-8", "replace")
        if choices.feeds
        else default_catalogue()
    )
    wanted = downloads(read_catalogue(text, where), only=choices.only, mirror=choices.mirror)
    with progress.stage("update") as stage:
        return update(db, cache_directory(), wanted, stage.say, allow_smaller=choices.smaller)


def import_into(source: Path, db: Path, progress: Progress, *, smaller: bool) -> ImportResult:
    """Import a folder of feeds, one feed, or an export.

    Raises InputError, ConfigError or ToolError.
    """
    with progress.stage("import") as stage:
        if is_database(source):
            feeds = import_database(source, db, allow_smaller=smaller)
            rows = tuple(
                Imported(source.name, Outcome.IMPORTED, feed.name, feed.date, feed.records)
                for feed in feeds
            )
            return ImportResult(rows, db, db.stat().st_size, stage.seconds)
        result = import_directory(source, db, stage.say, allow_smaller=smaller)
    if not any(one.feed for one in result.sources) and not result.refused:
        looked = "; ".join(f"{one.source}: {one.detail}" for one in result.sources[:3])
        msg = (
            f"{source}: no feed of advisories was found there ({looked or 'no files'}); see"
            " docs/advisories.md for what is known"
        )
        raise InputError(msg)
    return result


def export_to(db: Path, target: Path, progress: Progress) -> Exported:
    """Write the database as one file.

    Raises ConfigError if there is no sound database, ToolError if the file cannot be written.
    """
    with progress.stage("export"):
        return export_database(db, target)


def database_status(db: Path, limit: int, now: dt.datetime) -> DatabaseStatus:
    """Return the feeds of the database and their age; `limit` is in days. Raises ConfigError."""
    with open_store(db) as store:
        ages = [age_of(feed, now) for feed in store.feeds()]
        digests = store.digests()
    rows = tuple(
        FeedRow(age.feed, age.days, age.known, age.days > limit, digests.get(age.feed.name, ()))
        for age in ages
    )
    return DatabaseStatus(str(db), db.stat().st_size, limit, rows)


def check_database(path: Path, scratch: Path, progress: Progress) -> Sequence[CheckRow]:
    """Check all of a database or an export; an export is unpacked into `scratch`.

    Raises InputError or ConfigError.
    """
    if not is_database(path):
        with open_store(path):
            pass  # raises with the reason
    with progress.stage("verify"), unpacked(path, scratch) as plain:
        return tuple(
            CheckRow(check.what, check.problems, check.said) for check in verify_database(plain)
        )


def compare_database(path: Path, scratch: Path, files: Path) -> CheckRow:
    """Check whether a database or an export was made from the feeds below `files`.

    Raises InputError or ConfigError.
    """
    with unpacked(path, scratch) as plain:
        check = compare_files(plain, files)
    return CheckRow(check.what, check.problems, check.said)
