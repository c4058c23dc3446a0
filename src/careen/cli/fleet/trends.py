"""`careen fleet trends`: how old findings are, and how long they take to be fixed."""

import datetime as dt
import sys
from typing import Any

import click

from careen.cli.fleet.options import json_option, quiet_option, store_option

_DATE = click.DateTime(["%Y-%m-%d"])


@click.command("trends", short_help="Ages of findings, and the time to fix them.")
@click.argument("globs", nargs=-1, metavar="[GLOB…]")
@click.option("--since", type=_DATE, metavar="DATE", help="Count fixes from this day on.")
@click.option("--until", type=_DATE, metavar="DATE", help="The last day; default: today.")
@click.option(
    "--max-age",
    type=click.IntRange(min=0),
    metavar="DAYS",
    help="Count images whose last scan is more than DAYS before the end as not known.",
)
@click.option("--all", "everything", is_flag=True, help="Print every image.")
@click.option("--csv", "as_csv", is_flag=True, help="Print every finding with its days, as CSV.")
@store_option
@quiet_option
@json_option
def command(globs: tuple[str, ...], **given: Any) -> int:
    """Say how old the open findings of images are, and how long fixes took, by what the store was
    given over time: each load of a name is a dated observation. GLOB limits it to some names.

    A finding begins with the first scan that has it, and is fixed with the first that has it no
    more, if the package is gone or has another version. Images without a scan are counted as not
    known.

    \b
    careen fleet trends
    careen fleet trends 'registry.example/team/*' --since 2026-01-01 --until 2026-06-30
    careen fleet trends --csv > population.csv
    """
    from careen.cli.running import emit
    from careen.fleet.store.place import store_place
    from careen.pipeline.fleet.trends import Period, each_span, trends
    from careen.report.documents.document import to_json
    from careen.report.fleet.trends import print_trends, span_head, span_rows, summary
    from careen.report.terminal_output.screen import open_console

    period = Period.of(_day(given["since"]), _day(given["until"]), globs, given["max_age"])
    place = store_place(given["store"])
    if given["as_csv"]:
        emit(span_head())
        each_span(place, period, lambda spans: emit(span_rows(spans)))
        return 0
    found = trends(place, period)
    if given["as_json"]:
        emit(to_json(found))
    elif given["quiet"]:
        click.echo(summary(found))
    else:
        print_trends(open_console(sys.stdout), found, everything=given["everything"])
    return 0


def _day(given: dt.datetime | None) -> dt.date | None:
    return None if given is None else given.date()
