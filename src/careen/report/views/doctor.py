"""Terminal view of `careen doctor`: requirements, their state, and remedies."""

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from careen.report.terminal_output.screen import Signs, shown, signs_of
from careen.report.terminal_output.tables import put, table


class Health(enum.Enum):
    """State of a requirement.

    `LIMITED` means that careen works with less evidence or fewer features.
    """

    GOOD = "good"
    LIMITED = "limited"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class DoctorRow:
    """One requirement. `remedy` is empty if nothing needs to be done."""

    name: str
    health: Health
    detail: str
    remedy: str = ""


_STYLES = {Health.GOOD: "green", Health.LIMITED: "yellow", Health.MISSING: "red"}


def print_doctor(console: Console, rows: Sequence[DoctorRow]) -> None:
    """Print one line for each requirement, its remedy below it, and a one-line result."""
    signs = signs_of(console)
    put(console, table(_lines(rows, signs), fill=2))
    console.print()
    missing = [row.name for row in rows if row.health is Health.MISSING]
    limited = [row.name for row in rows if row.health is Health.LIMITED]
    if not missing and not limited:
        console.print("everything that careen can use is available")
    for words, names in (("missing", missing), ("limited", limited)):
        if names:
            put(console, Text(shown(f"{words}: {', '.join(names)}", signs), overflow="fold"))


def problem_lines(rows: Sequence[DoctorRow]) -> list[str]:
    """Return one line for each missing or limited requirement, for `--quiet`."""
    return [
        shown(
            f"{row.health.value}: {row.name}: " + "; ".join(filter(None, (row.detail, row.remedy)))
        )
        for row in rows
        if row.health is not Health.GOOD
    ]


def _lines(rows: Sequence[DoctorRow], signs: Signs) -> Iterator[tuple[Text, str, str]]:
    marks = {Health.GOOD: signs.tick, Health.LIMITED: "!", Health.MISSING: signs.cross}
    for row in rows:
        yield (
            Text(marks[row.health], style=_STYLES[row.health]),
            shown(row.name, signs),
            shown(row.detail, signs),
        )
        if row.remedy:
            yield Text(""), "", f"{signs.arrow} {shown(row.remedy, signs)}"
