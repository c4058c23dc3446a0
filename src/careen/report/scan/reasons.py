"""The findings of a scan by priority, each with its reasons."""

from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from careen.model.findings.triage import Priority, ScanReport, Triaged
from careen.report.scan.findings_table import STYLE
from careen.report.scan.fix_words import unfixed, upgrade
from careen.report.scan.short_list import FEW, Block, Places, blocks, brief
from careen.report.terminal_output.figures import counted
from careen.report.terminal_output.screen import Signs, shown
from careen.report.terminal_output.tables import INDENT, put

_SHORT = 10  # findings that fit one screen with their reasons
_TITLE = {Priority.ACT: "Act on", Priority.ATTEND: "Attend to", Priority.TRACK: "Track"}


def print_reasons(console: Console, report: ScanReport, signs: Signs, *, everything: bool) -> None:
    """Print the findings by priority, each with its reasons."""
    places = Places(report.inventory)
    for priority in Priority:
        chosen = [item for item in report.findings if item.priority is priority]
        if everything:
            _all(console, priority, chosen, places, signs)
        elif priority is not Priority.TRACK:
            _short(console, priority, blocks(chosen), _room(report, priority), places, signs)


def print_urgent(console: Console, report: ScanReport, signs: Signs) -> None:
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


def _room(report: ScanReport, priority: Priority) -> int:
    """Return how many packages of a priority are listed."""
    # Packages to act on come first; those to attend to get the rest of the screen.
    act = len(blocks(item for item in report.findings if item.priority is Priority.ACT))
    return _SHORT if priority is Priority.ACT else max(FEW, _SHORT - act)


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
        return shown(unfixed(block.named, block.first.finding), signs)
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
