"""Terminal view of `careen db`: feeds with their age, imports and checks."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from careen.model.findings.advisory import Feed
from careen.model.findings.imported import Imported, ImportResult, Outcome
from careen.report.terminal_output.figures import counted, duration, number, size
from careen.report.terminal_output.screen import Signs, shown, signs_of
from careen.report.terminal_output.tables import put, section, table

_MOST_NAMES = 3


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One feed with its age in days.

    `certain` means that the age is by the feed's own date, else it is since the import. `digests`
    are the SHA-256 of its source files.
    """

    feed: Feed
    days: int
    certain: bool
    stale: bool
    digests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DatabaseStatus:
    """Status of the database: its size in bytes, and its feeds.

    A feed is stale after `limit` days.
    """

    path: str
    size: int
    limit: int
    feeds: tuple[FeedRow, ...]


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check of the database. It passed if `problems` is empty; `said` holds details."""

    what: str
    problems: tuple[str, ...] = ()
    said: tuple[str, ...] = ()


def print_status(console: Console, status: DatabaseStatus) -> None:
    """Print one line for each feed, then the stale and the partial ones."""
    signs = signs_of(console)
    console.print(
        Text(f"{shown(status.path, signs)}  {size(status.size)}", style="bold"), soft_wrap=True
    )
    section(
        console,
        "feeds",
        table(
            _feed_lines(status.feeds, signs),
            right=(1, 4),
            head=("feed", "records", "date", "imported", "age"),
            fill=0,
        ),
    )
    for line in stale_lines(status, signs):
        console.print()
        put(console, Text(line, style="bold red", overflow="fold"))
    for line in plain_http_warning(
        sorted({_server(row.feed.source) for row in status.feeds} - {""}), signs
    ):
        console.print()
        put(console, Text(line, style="yellow", overflow="fold"))
    partial = [f"{row.feed.name}: {row.feed.partial}" for row in status.feeds if row.feed.partial]
    section(
        console,
        "partial: packages that they do not name are unknown",
        (shown(line, signs) for line in partial),
    )


def _feed_lines(rows: Sequence[FeedRow], signs: Signs) -> Iterator[tuple[Text, ...]]:
    for row in rows:
        style = "red" if row.stale else ""
        age = f"{row.days} d" if row.certain else f"{row.days} d or more"
        cells = (
            shown(row.feed.name, signs),
            number(row.feed.records),
            row.feed.date[:10] or signs.unknown,
            row.feed.imported[:10],
            age,
        )
        yield tuple(Text(cell, style=style) for cell in cells)


def stale_lines(status: DatabaseStatus, signs: Signs) -> list[str]:
    """Return the warning about old feeds, empty if none is old."""
    old = sorted((row for row in status.feeds if row.stale), key=lambda row: -row.days)
    if not old:
        return []
    named = ", ".join(
        f"{shown(row.feed.name, signs)} ({row.days} days)" for row in old[:_MOST_NAMES]
    )
    more = f" and {len(old) - _MOST_NAMES} more" if len(old) > _MOST_NAMES else ""
    verb = "is" if len(old) == 1 else "are"
    return [
        (
            f"OLD: {counted(len(old), 'feed')} {verb} older than {status.limit} days:"
            f" {named}{more}; newer advisories are missing"
        )
    ]


def plain_http_warning(servers: Sequence[str], signs: Signs) -> list[str]:
    """Return the warning about servers contacted by plain http, empty if there are none."""
    if not servers:
        return []
    named = ", ".join(shown(server, signs) for server in servers[:_MOST_NAMES])
    more = f" and {len(servers) - _MOST_NAMES} more" if len(servers) > _MOST_NAMES else ""
    return [
        (
            f"PLAIN HTTP: {named}{more}; these feeds could have been changed in transit: use a"
            " mirror with https"
        )
    ]


def _server(source: str) -> str:
    # urlsplit raises for some hosts, and the database may be of somebody else's machine.
    host = re.split("[/?#]", source.removeprefix("http://"), maxsplit=1)[0]
    return host.rpartition("@")[2] if source.startswith("http://") else ""


def print_import(console: Console, result: ImportResult) -> None:
    """Print one line for each source, the reasons for refusals, and the total."""
    signs = signs_of(console)
    put(console, table(_source_lines(result.sources, signs), right=(2,), fill=3))
    console.print()
    database = shown(str(result.database), signs)
    there = (
        f"{database} has {size(result.size)}"
        if result.size
        else f"there is no database {database} yet"
    )
    console.print(
        f"{counted(result.records, 'record')} imported in {duration(result.seconds)}; {there}",
        soft_wrap=True,
    )
    for line in plain_http_warning(result.plain, signs):
        console.print(Text(line, style="yellow"), soft_wrap=True)
    for line in refused_warning(result, signs):
        console.print(Text(line, style="bold red"), soft_wrap=True)


def _source_lines(rows: Sequence[Imported], signs: Signs) -> Iterator[tuple[Text | str, ...]]:
    for row in rows:
        mark, style = (
            (signs.tick, "green")
            if row.good
            else (signs.cross, "red")
            if row.outcome is Outcome.REFUSED
            else ("!", "yellow")
        )
        detail = row.detail or "; ".join(
            filter(
                None,
                (
                    row.outcome.value if row.outcome is not Outcome.IMPORTED else "",
                    f"as of {row.date[:10]}" if row.date else "",
                ),
            )
        )
        refused = f"{counted(row.refused, 'record')} refused" if row.refused else ""
        said = "; ".join(filter(None, (row.outcome.value if row.detail else "", detail, refused)))
        yield (
            Text(mark, style=style),
            shown(row.feed or row.source, signs),
            number(row.records) if row.records else "",
            shown(said, signs),
        )
        for reason in row.reasons:
            yield "", "", "", f"{signs.arrow} {shown(reason[:300], signs)}"


def refused_warning(result: ImportResult, signs: Signs) -> list[str]:
    """Return the warning about feeds that were refused as a whole, empty if there are none."""
    failed = result.refused
    if not failed:
        return []
    named = ", ".join(shown(row.feed or row.source, signs) for row in failed[:_MOST_NAMES])
    more = f" and {len(failed) - _MOST_NAMES} more" if len(failed) > _MOST_NAMES else ""
    return [
        (
            f"REFUSED: {named}{more}; the database keeps the previous version of"
            f" {'it' if len(failed) == 1 else 'them'}"
        )
    ]


def print_checks(console: Console, rows: Sequence[CheckRow], database: str) -> None:
    """Print one line for each check, with its problems below."""
    signs = signs_of(console)
    put(console, table(_check_lines(rows, signs), fill=1))
    console.print()
    sound = not any(row.problems for row in rows)
    mend = "NOT sound: remove it, and run `careen db update` or `careen db import`"
    console.print(f"{shown(database, signs)}: {'sound' if sound else mend}", soft_wrap=True)


def print_compared(console: Console, row: CheckRow, files: str) -> None:
    """Print the comparison of the database with `files`, and its result."""
    signs = signs_of(console)
    console.print()
    put(console, table(_check_lines([row], signs), fill=1))
    console.print()
    verdict = (
        "does NOT match the database: run `careen db import` with feeds that you trust"
        if row.problems
        else "matches the database"
    )
    console.print(f"{shown(files, signs)}: {verdict}", soft_wrap=True)


def _check_lines(rows: Sequence[CheckRow], signs: Signs) -> Iterator[tuple[Text, str]]:
    for row in rows:
        yield (
            Text(
                signs.cross if row.problems else signs.tick,
                style="red" if row.problems else "green",
            ),
            row.what,
        )
        for line in (*row.problems, *row.said):
            yield Text(""), f"{signs.arrow} {shown(line[:400], signs)}"
