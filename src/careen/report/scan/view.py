"""Terminal view of `careen scan`."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from careen.model.findings.advisory import STALE_DAYS, Severity, VendorStatus
from careen.model.findings.finding import Finding
from careen.model.findings.triage import Priority, ScanReport, Tier, Triaged
from careen.report.completeness_words import evidence_words
from careen.report.count_tables import count_tables
from careen.report.names import package_name
from careen.report.old_feeds import days_between, old_feeds
from careen.report.scan.findings_table import STYLE, Row, findings_table, rows_of
from careen.report.scan.short_list import UNPROFILED, Block, Places, blocks, brief
from careen.report.terminal_output.figures import counted, duration, number
from careen.report.terminal_output.screen import Signs, short_digest, shown, signs_of
from careen.report.terminal_output.tables import INDENT, put, section, table

SHORT = 10  # findings that fit one screen with their reasons
FEW = 5
ROWS = 20  # of the table, without --all
_SHORT_NAME = 20  # characters of a feed's name that fit without folding on 60 columns
_TITLE = {Priority.ACT: "Act on", Priority.ATTEND: "Attend to", Priority.TRACK: "Track"}
_COLUMNS = (
    Severity.CRITICAL,
    Severity.HIGH,
    Severity.MEDIUM,
    Severity.LOW,
    Severity.NEGLIGIBLE,
    Severity.UNKNOWN,
)
_SHORT_HEADS = ("crit.", "high", "med.", "low", "negl.", "unkn.", "KEV", "fix", "all")


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
        _reasons(console, report, signs, everything=listing.everything)
    else:
        _act_on(console, report, signs)
        _table(console, report, signs, everything=listing.everything)
    _tiers(console, report)
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


def _reasons(console: Console, report: ScanReport, signs: Signs, *, everything: bool) -> None:
    """Print the findings by priority, each with its reasons."""
    places = Places(report.inventory)
    for priority in Priority:
        chosen = [item for item in report.findings if item.priority is priority]
        if everything:
            _all(console, priority, chosen, places, signs)
        elif priority is not Priority.TRACK:
            _short(console, priority, blocks(chosen), _room(report, priority), places, signs)


def _act_on(console: Console, report: ScanReport, signs: Signs) -> None:
    """Print what to upgrade first, and why."""
    # The table below shows severity and tier.
    found = blocks(item for item in report.findings if item.priority is Priority.ACT)
    if not found:
        return
    console.print()
    console.print(Text(_TITLE[Priority.ACT], style="bold"))
    for block in found[:FEW]:
        many = f"  {block.size}" if block.others else ""
        put(
            console,
            Padding(
                Text.assemble((_upgrades(block, signs), "bold"), many, overflow="fold"),
                (0, 0, 0, INDENT),
                expand=False,
            ),
        )
        put(
            console,
            Padding(
                Text(shown(_first(block), signs), style="dim", overflow="fold"),
                (0, 0, 0, 2 * INDENT),
                expand=False,
            ),
        )


def _first(block: Block) -> str:
    return f"{block.first.finding.id}: {brief(block.first)}"


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


def headline(report: ScanReport) -> Text:
    """Return the answer in one line: the number of findings, and of those that need action."""
    counts = {
        priority: sum(item.priority is priority for item in report.findings)
        for priority in Priority
    }
    if not report.findings:
        return Text(_none_found(report), style="bold")
    words = ", ".join(
        f"{number(counts[priority])} to {word}"
        for priority, word in zip(Priority, ("act on", "attend to", "track"), strict=True)
    )
    urgent = counts[Priority.ACT]
    return Text.assemble(
        (counted(len(report.findings), "finding"), "bold"),
        ": ",
        (words, "bold red" if urgent else ""),
        overflow="fold",
    )


def _none_found(report: ScanReport) -> str:
    if report.origin != "careen":
        return "no finding is known"
    if not report.feeds:
        return "findings are not known: the advisory database is empty"
    return (
        f"findings are not known: {report.compared.gap}"
        if report.compared.nothing
        else "no finding is known"
    )


def unprofiled(report: ScanReport) -> bool:
    """Return whether it is unknown what can run, because there is no RBOM."""
    return report.observed is None and bool(report.findings)


def final_line(report: ScanReport) -> str:
    """Return the one line of `--quiet`, with what remains open."""
    # "no finding" is no good news for an image that could not be read.
    passed = sum(each.packages for each in report.uncovered)
    unread = len(report.inventory.unknowns)
    parts = [
        headline(report).plain,
        f"{counted(passed, 'package')} not compared with any advisory" if passed else "",
        f"{counted(unread, 'place')} that could not be read" if unread else "",
        counted(len(report.warnings), "warning") if report.warnings else "",
    ]
    return "; ".join(part for part in parts if part)


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


def _room(report: ScanReport, priority: Priority) -> int:
    """Return how many packages of a priority are listed."""
    # Packages to act on come first; those to attend to get the rest of the screen.
    act = len(blocks(item for item in report.findings if item.priority is Priority.ACT))
    return SHORT if priority is Priority.ACT else max(FEW, SHORT - act)


def _short(
    console: Console,
    priority: Priority,
    found: Sequence[Block],
    room: int,
    places: Places,
    signs: Signs,
) -> None:
    """Print one block for each package: its upgrade, the findings closed, and the reason."""
    if not found:
        return
    console.print()
    console.print(Text(_TITLE[priority], style="bold"))
    for block in found[:room]:
        many = f"  {block.size}" if block.others else ""
        level = (block.worst.word, STYLE[block.worst])
        head = Text.assemble(
            (_upgrades(block, signs), "bold"),
            "  ",
            level,
            f"  {block.first.tier_words}{many}",
            overflow="fold",
        )
        put(console, Padding(head, (0, 0, 0, INDENT), expand=False))
        where = places.of(block.packages)
        if where:
            put(
                console,
                Padding(
                    Text(shown(where, signs), style="dim", overflow="fold"),
                    (0, 0, 0, 2 * INDENT),
                    expand=False,
                ),
            )
        put(
            console,
            Padding(
                Text(shown(_names(block), signs), overflow="fold"),
                (0, 0, 0, 2 * INDENT),
                expand=False,
            ),
        )
        whose = f"{block.first.finding.id}: " if len(block.items) > 1 else ""
        put(
            console,
            Padding(
                Text(shown(whose + brief(block.first), signs), style="dim", overflow="fold"),
                (0, 0, 0, 2 * INDENT),
                expand=False,
            ),
        )
        _questions(console, block.first, signs)
    if len(found) > room:
        left = sum(block.count for block in found[room:])
        packages = sum(len(block.packages) for block in found[room:])
        more = (
            f"{signs.ellipsis} and {counted(left, 'finding')} of"
            f" {counted(packages, 'more package')}: --all, or -o json=FILE"
        )
        put(console, Padding(Text(more, style="dim"), (0, 0, 0, INDENT), expand=False))


def _upgrades(block: Block, signs: Signs) -> str:
    """Return `NAME VERSION → FIXED closes all 4`, or why no fix is known."""
    words = block.upgrade.words
    if not words:
        return shown(_unfixed(block.named, block.first.finding), signs)
    return f"{shown(block.named, signs)} {signs.arrow} {shown(words, signs)}"


def _names(block: Block) -> str:
    names = [item.finding.id for item in block.items]
    return ", ".join(names[:FEW]) + (f" and {len(names) - FEW:,} more" if len(names) > FEW else "")


def _all(
    console: Console, priority: Priority, chosen: Sequence[Triaged], places: Places, signs: Signs
) -> None:
    """Print one block for each finding."""
    if not chosen:
        return
    console.print()
    console.print(Text(_TITLE[priority], style="bold"))
    for item in chosen:
        finding = item.finding
        level = (finding.severity.word, STYLE[finding.severity])
        head = Text.assemble(
            (shown(finding.id, signs), "bold"),
            "  ",
            level,
            f"  {upgrade(finding, signs, places.of((finding,)))}  {item.tier_words}",
            overflow="fold",
        )
        put(console, Padding(head, (0, 0, 0, INDENT), expand=False))
        put(
            console,
            Padding(
                Text(shown(brief(item), signs), style="dim", overflow="fold"),
                (0, 0, 0, 2 * INDENT),
                expand=False,
            ),
        )
        _questions(console, item, signs)


def _questions(console: Console, item: Triaged, signs: Signs) -> None:
    """Print the answers to the four questions of BOD 26-04."""
    words = "; ".join(f"{name}: {answered.words}" for name, answered in item.questions.rows)
    text = Text(shown(words, signs), style="dim", overflow="fold")
    put(console, Padding(text, (0, 0, 0, 2 * INDENT), expand=False))


_NO_FIX = {
    VendorStatus.DEFERRED: ": the vendor has deferred the fix",
    VendorStatus.WONT_FIX: ": the vendor will not fix it",
    VendorStatus.END_OF_LIFE: ": the release is end-of-life",
    VendorStatus.UNDETERMINED: ": the vendor has not decided",
}


def upgrade(finding: Finding, signs: Signs, place: str = "") -> str:
    """Return `NAME VERSION → FIXED` or `NAME VERSION (no fix known: …)`.

    `place` follows the version.
    """
    here = f"{finding.name} {finding.version}{f' {place}' if place else ''}"
    return shown(
        f"{here} {signs.arrow} {finding.fixed[0]}" if finding.fixed else _unfixed(here, finding),
        signs,
    )


def _unfixed(here: str, finding: Finding) -> str:
    return f"{here} (no fix known{_NO_FIX.get(finding.status, '')})"


def _tiers(console: Console, report: ScanReport) -> None:
    if report.findings:
        rows = [row for tier in Tier for row in _tier(report, tier)]
        rows = [row for row in rows if row[-1] != "0"]
        if sum(not row[0].startswith(" ") for row in rows) > 1:
            rows.append(_counts(report, "all", report.findings))
        used = [
            i
            for i, severity in enumerate(_COLUMNS, 1)
            if any(item.finding.severity is severity for item in report.findings)
        ]
        keep = [0, *used, *range(len(_COLUMNS) + 1, len(rows[0]))]
        head = ("", *(severity.word for severity in _COLUMNS), "KEV", "fixable", "all")
        short = ("", *_SHORT_HEADS)
        for part in count_tables(
            [[row[i] for i in keep] for row in rows],
            [head[i] for i in keep],
            [short[i] for i in keep],
            console.width,
        ):
            console.print()
            put(console, part)


def _tier(report: ScanReport, tier: Tier) -> Iterator[tuple[str, ...]]:
    """Yield the counts of a tier, and of those that rest on the health check alone."""
    found = [item for item in report.findings if item.tier is tier]
    checked = [item for item in found if item.health_check_only]
    yield _counts(report, tier.value, found)
    yield _counts(report, "  health check only", checked)


def _counts(report: ScanReport, label: str, chosen: Sequence[Triaged]) -> tuple[str, ...]:
    of = [sum(item.finding.severity is severity for item in chosen) for severity in _COLUMNS]
    kev = report.known_exploited(chosen)
    return (
        label,
        *map(number, (*of, kev, sum(item.finding.fixable for item in chosen), len(chosen))),
    )


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


def open_questions(report: ScanReport) -> Iterator[str]:
    """Yield what the figures leave open.

    That is: packages without a feed, unreadable files, files without an owner, and files that can
    run code when loaded.
    """
    for gap in report.uncovered:
        more = ", …" if gap.packages > len(gap.examples) else ""
        names = f" ({', '.join(gap.examples)}{more})" if gap.examples else ""
        yield (
            f"{counted(gap.packages, 'package')} of {gap.what}"
            f" {'was' if gap.packages == 1 else 'were'} not compared with any advisory:"
            f" {gap.reason}{names}"
        )
    unknowns = report.inventory.unknowns
    if unknowns:
        more = f", and {len(unknowns) - 1:,} more" if len(unknowns) > 1 else ""
        yield f"could not be read: {unknowns[0].path} ({unknowns[0].reason}){more}"
    if report.unowned:
        examples = ", ".join(report.unowned_examples[:FEW])
        yield (
            f"{counted(report.unowned, 'file')} that no package owns, not compared with any"
            f" advisory: {examples}{' …' if report.unowned > FEW else ''}"
        )
    running = [model for model in report.inventory.models if model.dangerous]
    if running:
        first = running[0]
        more = f"; so can {len(running) - 1:,} more" if len(running) > 1 else ""
        yield (
            f"{first.path} ({first.format.value}) can run code when it is loaded:"
            f" {', '.join(first.dangerous[:FEW])}{more}"
        )
    for marker in report.inventory.markers:
        yield f"{marker.path}: {marker.effect}"


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


def next_steps(report: ScanReport) -> Iterable[str]:
    """Yield suggested next commands."""
    if report.observed is None and report.findings and not report.subject.startswith("sbom:"):
        yield (
            f"careen profile {report.subject} --test CMD, then scan again with --rbom rbom.json:"
            " which of these can run?"
        )
    first = next(iter(report.findings), None)
    if first is not None and not report.subject.startswith("sbom:"):
        yield f"careen why {report.subject} {first.finding.id}"
    idle = sum(item.tier is Tier.PRESENT for item in report.findings)
    if (
        report.observed is not None
        and report.observed.exact
        and idle
        and not report.subject.startswith("sbom:")
    ):
        yield (
            f"careen harden {report.subject} --test CMD removes what is not used:"
            f" {counted(idle, 'finding')} {'is' if idle == 1 else 'are'} only present"
        )
