"""Trends of the fleet as tables and as CSV."""

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.text import Text

from careen.formats.csv_text import csv_bytes
from careen.model.fleet.trends import ImageTrend, Span, Trends
from careen.report.terminal_output.figures import counted, number
from careen.report.terminal_output.screen import Signs, short_digest, shown, signs_of
from careen.report.terminal_output.tables import put, section, table

_COUNTS = tuple(range(1, 8))
SHOWN = 20
"""Images of a table without --all."""
COLUMNS = (
    "image",
    "advisory",
    "package",
    "severity",
    "tier",
    "found",
    "last_seen",
    "ended",
    "days",
    "outcome",
)


def print_trends(console: Console, found: Trends, *, everything: bool) -> None:
    """Print how old open findings are, how long fixes took, and the images."""
    signs = signs_of(console)
    put(console, Text(shown(summary(found), signs), style="bold"))
    _ages(console, found)
    _fixes(console, found)
    rows = found.rows if everything else found.rows[:SHOWN]
    listed = table(
        (_row(each, signs) for each in rows),
        right=(0, 1, 2, 3, 4),
        head=("OPEN", "OLDEST", "FIXED", "MEDIAN", "STATES", "LAST", "IMAGE"),
        fill=6,
    )
    section(console, "Images", listed)
    if len(rows) < len(found.rows):
        put(console, f"  {signs.ellipsis} {len(found.rows) - len(rows):,} more images: --all")
    unknown = [
        (number(each.images), shown(each.why, signs), shown(", ".join(each.examples), signs))
        for each in found.not_known
    ]
    section(
        console,
        "Not known",
        table(unknown, right=(0,), head=("IMAGES", "WHY", "FOR EXAMPLE"), fill=(1, 2)),
    )
    section(console, "Notes", _notes(found))


def _ages(console: Console, found: Trends) -> None:
    rows = [
        (
            each.severity,
            *_days(each.up_to_30, each.up_to_90, each.up_to_180, each.older, each.oldest),
        )
        for each in found.ages
    ]
    head = ("SEVERITY", "TO 30 DAYS", "31 TO 90", "91 TO 180", "OLDER", "OLDEST")
    section(console, "Open findings by age", table(rows, right=_COUNTS, head=head))


def _fixes(console: Console, found: Trends) -> None:
    rows = [
        (
            each.severity,
            *_days(each.fixed, each.median, each.nine_in_ten, each.longest),
            *_days(each.within_30, each.within_90, each.within_180),
        )
        for each in found.fixes
    ]
    head = ("SEVERITY", "FIXED", "MEDIAN", "9 IN 10", "LONGEST", "IN 30", "IN 90", "IN 180 DAYS")
    section(console, "Days to fix", table(rows, right=_COUNTS, head=head))


def summary(found: Trends) -> str:
    """Return the trends in one line, with the number of images of which they are not known."""
    unknown = sum(each.images for each in found.not_known)
    open_ = sum(row.open or 0 for row in found.rows)
    fixed = sum(row.fixed for row in found.rows)
    since = f" since {found.since[:10]}" if found.since else ""
    return (
        f"{counted(found.images, 'image')} up to {found.until[:10]}:"
        f" {counted(open_, 'open finding')}, {fixed:,} fixed{since};"
        f" not known for {counted(unknown, 'image')}"
    )


def _days(*counts: int) -> Iterator[str]:
    yield from map(number, counts)


def _row(each: ImageTrend, signs: Signs) -> tuple[str, ...]:
    return (
        number(each.open),
        number(each.oldest),
        number(each.fixed),
        "" if each.median is None else number(each.median),
        number(each.states),
        each.last[:10],
        shown(f"{each.image} {short_digest(each.digest)}", signs),
    )


def _notes(found: Trends) -> Iterator[str]:
    if found.withdrawn:
        yield (
            f"{counted(found.withdrawn, 'finding')} ended without a fix: the package stayed, and"
            " the advisories changed"
        )
    if found.undecided:
        yield (
            f"{counted(found.undecided, 'finding')} ended, and whether by a fix is not known: no"
            " scan or no inventory says it"
        )


def span_rows(spans: Iterable[Span]) -> bytes:
    """Return findings as rows of CSV, without the line of columns."""
    rows = [
        (
            each.image,
            each.advisory,
            each.package,
            each.severity,
            each.tier,
            each.found,
            each.seen,
            each.ended,
            str(each.days),
            each.outcome.value,
        )
        for each in spans
    ]
    return csv_bytes(COLUMNS, rows).partition(b"\r\n")[2]


def span_head() -> bytes:
    """Return the line of columns."""
    return csv_bytes(COLUMNS, ())
