"""How many findings each tier has, by severity."""

from collections.abc import Iterator, Sequence

from rich.console import Console

from careen.model.findings.advisory import Severity
from careen.model.findings.triage import ScanReport, Tier, Triaged
from careen.report.count_tables import count_tables
from careen.report.terminal_output.figures import number
from careen.report.terminal_output.tables import put

_COLUMNS = (
    Severity.CRITICAL,
    Severity.HIGH,
    Severity.MEDIUM,
    Severity.LOW,
    Severity.NEGLIGIBLE,
    Severity.UNKNOWN,
)
_SHORT_HEADS = ("crit.", "high", "med.", "low", "negl.", "unkn.", "KEV", "fix", "all")


def print_tiers(console: Console, report: ScanReport) -> None:
    """Print the count of findings of each tier by severity, known exploited and fixable."""
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
