"""Terminal view of `careen scan`."""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from careen.model.findings.advisory import STALE_DAYS
from careen.model.findings.triage import Priority, ScanReport
from careen.report.completeness_words import evidence_words
from careen.report.names import package_name
from careen.report.old_feeds import days_between, old_feeds
from careen.report.scan.findings_table import Row, findings_table, rows_of
from careen.report.scan.reasons import print_reasons, print_urgent
from careen.report.scan.sentences import headline, next_steps, open_questions, unprofiled
from careen.report.scan.short_list import FEW, UNPROFILED, blocks
from careen.report.scan.tiers import print_tiers
from careen.report.terminal_output.figures import counted, duration, number
from careen.report.terminal_output.screen import Signs, short_digest, shown, signs_of
from careen.report.terminal_output.tables import INDENT, put, section, table

ROWS = 20  # of the table, without --all
_SHORT_NAME = 20  # characters of a feed's name that fit without folding on 60 columns


@dataclass(frozen=True, slots=True)
class Listing:
    """What to print.

    `everything` includes findings to track, `details` gives reasons in place of the table, and
    `suppressed` lists every suppressed finding.
    """

    everything: bool = False
    details: bool = False
    suppressed: bool = False


BRIEF = Listing()


def print_scan(console: Console, report: ScanReport, listing: Listing = BRIEF) -> None:
    """Print a scan: what to act on, then the findings as a table."""
    signs = signs_of(console)
    _header(console, report, signs)
    console.print()
    put(console, headline(report))
    old = old_feeds(report.feeds, report.created)
    if old:
        put(console, Text(shown(old, signs), style="bold red", overflow="fold"))
    if unprofiled(report):
        put(console, Text(UNPROFILED, style="dim", overflow="fold"))
    if listing.details:
        print_reasons(console, report, signs, everything=listing.everything)
    else:
        print_urgent(console, report, signs)
        _table(console, report, signs, everything=listing.everything)
    print_tiers(console, report)
    _headers(console, report, signs)
    section(
        console,
        "Not counted",
        table(
            _suppressed(report, signs, len(report.suppressed) if listing.suppressed else FEW),
            fill=(1, 2),
        ),
    )
    section(
        console,
        "Not known",
        table(((signs.bullet, shown(text, signs)) for text in open_questions(report)), fill=1),
    )
    section(
        console,
        "Warnings",
        table(
            ((signs.bullet, shown(text, signs)) for text in report.warnings if text != old), fill=1
        ),
    )
    sources = list(_sources(report, signs))
    short = all(len(row[0]) <= _SHORT_NAME for row in sources)
    section(console, "Sources", table(sources, right=(2,), fill=3 if short else (0, 3)))
    section(console, "Next", (shown(step, signs) for step in next_steps(report)))
    section(
        console,
        "Thresholds crossed",
        table(
            (
                (Text(signs.cross, style="red"), Text(shown(text, signs), style="bold red"))
                for text in report.crossed
            ),
            fill=1,
        ),
    )


def _table(console: Console, report: ScanReport, signs: Signs, *, everything: bool) -> None:
    """Print the findings as a table.

    With `everything` there is a row for each package; else only urgent findings, with equal
    packages in one row.
    """
    urgent = [item for item in report.findings if item.priority is not Priority.TRACK]
    rows = (
        [Row(item) for item in report.findings]
        if everything
        else [row for block in blocks(urgent) for row in rows_of(block)]
    )
    shown_rows = rows if everything else rows[:ROWS]
    if shown_rows:
        section(console, "Findings", findings_table(console, shown_rows))
    if everything or not report.findings:
        return
    listed = sum(row.further + 1 for row in shown_rows)
    parts = (
        (
            f"{number(len(urgent) - listed)} more to act on or attend to"
            if len(urgent) > listed
            else ""
        ),
        (
            f"{number(len(report.findings) - len(urgent))} to track"
            if len(report.findings) > len(urgent)
            else ""
        ),
    )
    more = " and ".join(part for part in parts if part)
    if not shown_rows:
        console.print()
    hints = f"--all lists {'them' if more else 'each by its package'}, --details gives the reasons"
    put(
        console,
        Padding(
            Text(
                f"{signs.ellipsis} {more}: {hints}" if more else hints, style="dim", overflow="fold"
            ),
            (0, 0, 0, INDENT),
            expand=False,
        ),
    )


def _headers(console: Console, report: ScanReport, signs: Signs) -> None:
    """Print which findings are of kernel headers, and therefore sorted last."""
    found = [item.finding for item in report.findings if item.kernel_headers]
    if found:
        names = ", ".join(dict.fromkeys(finding.name for finding in found))
        be = "is" if len(found) == 1 else "are"
        text = (
            f"{counted(len(found), 'finding')} of the above {be} of kernel headers ({names}), from"
            " which no kernel code runs: to track, last in --all"
        )
        console.print()
        put(console, Text(shown(text, signs), style="dim", overflow="fold"))


def _header(console: Console, report: ScanReport, signs: Signs) -> None:
    put(
        console,
        Text.assemble(
            ("careen scan  ", "dim"), (shown(report.subject, signs), "bold"), overflow="fold"
        ),
    )
    distribution = report.inventory.distribution
    facts = [
        short_digest(report.digest) if report.digest else "",
        distribution.name or distribution.id if distribution is not None else "no distribution",
        counted(len(report.inventory.packages), "package"),
        counted(len(report.inventory.models), "model file") if report.inventory.models else "",
        "" if report.origin == "careen" else f"findings of {report.origin}",
    ]
    put(
        console,
        _below(
            Text(
                shown(", ".join(fact for fact in facts if fact), signs),
                style="dim",
                overflow="fold",
            )
        ),
    )
    if report.observed is not None:
        seen = report.observed
        lost = evidence_words(seen.completeness)
        whose = "" if seen.exact else ", of another image: its tiers are hints"
        text = (
            f"observed {duration(seen.seconds)} of workload{'s' if len(seen.workloads) > 1 else ''}"
            f" {', '.join(seen.workloads)}, {lost}{whose}"
        )
        put(
            console,
            _below(
                Text(
                    shown(text, signs),
                    style="dim" if seen.completeness.complete and seen.exact else "bold red",
                    overflow="fold",
                )
            ),
        )


def _below(text: Text) -> Padding:
    """Return the text indented below the subject, on continuation lines too."""
    return Padding(text, (0, 0, 0, len("careen scan  ")), expand=False)


def _suppressed(report: ScanReport, signs: Signs, most: int) -> Iterator[tuple[str, str, str]]:
    for item in report.suppressed[:most]:
        finding = item.triaged.finding
        until = f" (until {item.until})" if item.until else ""
        yield (
            shown(finding.id, signs),
            package_name(finding.package, signs),
            shown(f"{item.by}: {item.reason}{until}", signs),
        )
    if len(report.suppressed) > most:
        yield (
            signs.ellipsis,
            "",
            f"{counted(len(report.suppressed) - most, 'more', 'more')}: --show-suppressed",
        )


def _sources(report: ScanReport, signs: Signs) -> Iterator[tuple[str, str | Text, str, str]]:
    today = report.created[:10]
    for feed in report.feeds:
        age = days_between(feed.date, today)
        old = age is not None and age > STALE_DAYS
        when = Text(feed.date[:10] or "no date", style="bold red" if old or age is None else "")
        notes = [
            f"OLD: {counted(age, 'day')}" if old and age is not None else "",
            f"imported {feed.imported[:10]}" if age is None else "",
            f"{number(feed.refused)} refused" if feed.refused else "",
        ]
        yield (
            shown(feed.name, signs),
            when,
            counted(feed.records, "record"),
            ", ".join(note for note in notes if note),
        )
