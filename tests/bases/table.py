"""The corpus as a table in Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.bases.attempt import Outcome
from tests.bases.corpus import Subject


@dataclass(frozen=True, slots=True)
class Row:
    """One subject, the variant that is proposed for each stage, and its outcomes."""

    subject: Subject
    proposed: tuple[str, ...]
    outcomes: tuple[Outcome, ...]


def table(rows: Sequence[Row], variants: Sequence[str]) -> str:
    """Return the rows with one column for each variant, and the reasons of failures below."""
    out = [
        f"| Dockerfile | shape | proposed | {' | '.join(variants)} |",
        f"| --- | --- | --- |{' --- |' * len(variants)}",
    ]
    reasons: list[str] = []
    for row in rows:
        cells = [_cell(row, variant, reasons) for variant in variants]
        proposed = ", ".join(row.proposed)
        out.append(
            f"| {row.subject.name} | {row.subject.shape} | {proposed} | {' | '.join(cells)} |"
        )
    return "\n".join((*out, "", *reasons)) + "\n"


def _cell(row: Row, variant: str, reasons: list[str]) -> str:
    found = next((each for each in row.outcomes if each.variant == variant), None)
    if found is None:
        return "-"
    if not found.said:
        return "passes"
    text = found.said.replace("`", "'").replace("|", "\\|")
    reasons.append(f"{len(reasons) + 1}. {found.name}, {variant}: `{text}`")
    return f"fails ({len(reasons)})"
