"""Terminal table of findings: package, versions, severity, identifier, tier."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from careen.model.findings.advisory import Severity, VendorStatus
from careen.model.findings.finding import Finding
from careen.model.findings.triage import Tier, Triaged
from careen.report.scan.short_list import Block
from careen.report.terminal_output.screen import Signs, shown, signs_of
from careen.report.terminal_output.tables import INDENT, table

STYLE = {
    Severity.CRITICAL: "bold red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "",
    Severity.NEGLIGIBLE: "dim",
    Severity.UNKNOWN: "dim",
}
HEAD = ("PACKAGE", "INSTALLED", "FIXED", "SEVERITY", "ID", "TIER")
LONG_NAME = 20  # characters of a package's name; a longer one may be folded
_GAP = 2
_FORMS = (
    ((0,), (1,), (2,), (3,), (4,), (5,)),
    ((0,), (1, 2), (3,), (4, 5)),
    ((0, 1, 2), (3,), (4, 5)),
)
"""Which cells share a column, widest form first."""
_NO_FIX = {
    VendorStatus.DEFERRED: "deferred",
    VendorStatus.WONT_FIX: "will not fix",
    VendorStatus.END_OF_LIFE: "end of life",
    VendorStatus.UNDETERMINED: "undecided",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A finding, and the number of further packages with the same version and fix."""

    item: Triaged
    further: int = 0


def rows_of(block: Block) -> tuple[Row, ...]:
    """Return one row for each finding of a block."""
    return tuple(Row(item, len(block.others)) for item in block.items)


def findings_table(console: Console, rows: Sequence[Row]) -> Table:
    """Return the table in the widest form that fits.

    It has six columns, or fewer with some cells stacked.
    """
    cells = [_cells(row, signs_of(console)) for row in rows]
    forms = [[_stacked(row, form) for row in (HEAD, *cells)] for form in _FORMS]
    form = next((form for form in forms if _width(form) <= console.width - INDENT), forms[-1])
    severity = len(form[0]) - (2 if len(form[0]) < len(HEAD) else 3)
    styled: Iterator[list[str | Text]] = (
        [
            *row[:severity],
            Text(row[severity], style=STYLE[one.item.finding.severity]),
            *row[severity + 1 :],
        ]
        for one, row in zip(rows, form[1:], strict=True)
    )
    return table(styled, head=form[0], fill=range(severity))


def _cells(row: Row, signs: Signs) -> tuple[str, ...]:
    finding = row.item.finding
    name = f"{finding.name} +{row.further}" if row.further else finding.name
    tier = signs.unknown if row.item.tier is Tier.NOT_PROFILED else row.item.tier.value
    if row.item.health_check_only:
        tier += "\n(health check)"
    return (
        shown(name, signs),
        shown(finding.version, signs),
        shown(_fixed(finding), signs),
        finding.severity.word,
        shown(finding.id, signs),
        tier,
    )


def _fixed(finding: Finding) -> str:
    return finding.fixed[0] if finding.fixed else _NO_FIX.get(finding.status, "no fix")


def _stacked(cells: Sequence[str], form: Sequence[Sequence[int]]) -> tuple[str, ...]:
    return tuple("\n".join(cells[i] for i in column) for column in form)


def _width(rows: Sequence[Sequence[str]]) -> int:
    """Return the width of a table in which only very long names are folded."""
    widest = [
        max(len(line) for row in rows for line in row[column].split("\n"))
        for column in range(len(rows[0]))
    ]
    return min(widest[0], LONG_NAME) + sum(widest[1:]) + _GAP * (len(widest) - 1)
