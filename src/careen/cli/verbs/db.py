"""`careen db`: manage the advisory database."""

import datetime as dt
import sys
from pathlib import Path
from typing import Any

import click

from careen.cli.unknown_verb import VerbsBelow
from careen.model.findings.advisory import STALE_DAYS
from careen.model.findings.imported import ImportResult

_path = click.Path(path_type=Path)


def _options(function: Any) -> Any:
    """Add the options that all `careen db` commands share."""
    db = click.option(
        "--db",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="The database; default: $CAREEN_DB or ~/.local/share/careen/advisories.db.",
    )
    as_json = click.option(
        "--json", "as_json", is_flag=True, help="Print JSON on standard output and nothing else."
    )
    quiet = click.option(
        "-q",
        "--quiet",
        is_flag=True,
        help="Print only what needs action; nothing when all is well.",
    )
    return db(as_json(quiet(function)))


_smaller = click.option(
    "--allow-smaller",
    "smaller",
    is_flag=True,
    help="Accept a feed that lost more than half of its records, or a smaller export.",
)


@click.group(cls=VerbsBelow)
def command() -> None:
    """Build and look after the local database of advisories. Only `update` reads from the network;
    docs/advisories.md lists the feeds.
    """


@command.command("update", short_help="Fetch what has changed, and import it.")
@click.option(
    "--only",
    multiple=True,
    metavar="FEED",
    help="Only this feed, like kev, osv:PyPI, or osv for all of OSV; repeatable.",
)
@click.option(
    "--mirror",
    default="",
    metavar="URL|DIR",
    help="Fetch from this mirror, or import this directory, instead of the feeds' own servers.",
)
@click.option(
    "--feeds",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="A list of feeds of your own (TOML; docs/advisories.md).",
)
@_smaller
@_options
def update(**given: Any) -> int:
    """Fetch the feeds that have changed and import them; exit 1 when one could not be had. An
    update that was cut off goes on where it was.
    """
    from careen.cli.running import progress_of
    from careen.pipeline.db import UpdateChoices, update_database

    choices = UpdateChoices(given["only"], given["mirror"], given["feeds"], given["smaller"])
    return _imported(update_database(_database(given), choices, progress_of(given)), given)


@command.command("import", short_help="Import a folder of feeds, one feed, or an export.")
@click.argument("source", type=_path, metavar="DIR|FILE")
@_smaller
@_options
def import_(source: Path, **given: Any) -> int:
    """Import the feeds in a folder, whatever their files are called, or the file of `careen db
    export`; exit 1 when a feed could not be read to its end.
    """
    from careen.cli.running import progress_of
    from careen.pipeline.db import import_into

    return _imported(
        import_into(source, _database(given), progress_of(given), smaller=given["smaller"]), given
    )


@command.command("export", short_help="Write the database as one file, to carry over an air gap.")
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@_options
def export(target: Path, **given: Any) -> int:
    """Write the database as one compressed file; `careen db import FILE` on the other side takes
    it, and `verify FILE` checks it.
    """
    from careen.cli.running import emit, progress_of
    from careen.pipeline.db import export_to
    from careen.report.documents.document import to_json
    from careen.report.terminal_output.figures import counted, size
    from careen.report.terminal_output.screen import shown

    done = export_to(_database(given), target, progress_of(given))
    if given["as_json"]:
        emit(to_json(done))
    elif not given["quiet"]:
        click.echo(
            f"{shown(str(done.path))}: {counted(len(done.feeds), 'feed')}, {size(done.size)}"
            f" ({size(done.database_size)} unpacked, sha256 {done.digest})"
        )
    return 0


@command.command("status", short_help="Show each feed with its date and age.")
@click.option(
    "--max-age",
    type=click.IntRange(min=0),
    default=STALE_DAYS,
    show_default=True,
    metavar="DAYS",
    help="Age from which a feed counts as old.",
)
@_options
def status(max_age: int, **given: Any) -> int:
    """Show each feed of the database: records, date, age. Exit 1 when one is older than
    --max-age.
    """
    from careen.cli.running import emit
    from careen.pipeline.db import database_status
    from careen.report.documents.document import to_json
    from careen.report.terminal_output.screen import UNICODE, open_console
    from careen.report.views.database import print_status, stale_lines

    found = database_status(_database(given), max_age, dt.datetime.now(dt.UTC))
    if given["as_json"]:
        emit(to_json(found))
    elif given["quiet"]:
        for line in stale_lines(found, UNICODE):
            click.echo(line)
    else:
        print_status(open_console(sys.stdout), found)
    return int(any(row.stale for row in found.feeds))


@command.command("verify", short_help="Check the integrity of the database or an export.")
@click.argument("file", required=False, type=_path)
@click.option(
    "--made-of",
    type=_path,
    metavar="DIR|FILE",
    help=(
        "Also check that the database was made of these feeds, byte for byte: originals whose"
        " signature you have checked."
    ),
)
@_options
def verify(file: Path | None, made_of: Path | None, **given: Any) -> int:
    """Check every page, count and record of the database (or of FILE, an export), and show the
    digest of what each feed was read from.

    Exit 1 when it is not sound.
    """
    from careen.cli.running import emit, progress_of
    from careen.pipeline.db import check_database, compare_database
    from careen.report.documents.document import to_json
    from careen.report.terminal_output.screen import open_console, shown
    from careen.report.views.database import print_checks, print_compared

    path = file or _database(given)
    checked = check_database(path, path.parent, progress_of(given))
    compared = (compare_database(path, path.parent, made_of),) if made_of is not None else ()
    rows = (*checked, *compared)
    if given["as_json"]:
        emit(to_json(rows))
    elif given["quiet"]:
        for row in rows:
            for problem in row.problems:
                click.echo(shown(f"{row.what}: {problem}"))
    else:
        print_checks(open_console(sys.stdout), checked, str(path))
        for row in compared:
            print_compared(open_console(sys.stdout), row, str(made_of))
    return int(any(row.problems for row in rows))


def _database(given: dict[str, Any]) -> Path:
    from careen.advisories.matching.location import default_database

    return (given["db"] or default_database()).absolute()


def _imported(result: ImportResult, given: dict[str, Any]) -> int:
    from careen.cli.running import emit
    from careen.report.documents.document import to_json
    from careen.report.terminal_output.screen import UNICODE, open_console
    from careen.report.views.database import print_import, refused_warning

    if given["as_json"]:
        emit(to_json(result))
    elif given["quiet"]:
        for line in refused_warning(result, UNICODE):
            click.echo(line)
    else:
        print_import(open_console(sys.stdout), result)
    return 1 if result.refused else 0
